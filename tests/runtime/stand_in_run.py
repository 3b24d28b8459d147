"""The whole tree of processes with the stand-in application; prints the program numbers when it is up."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

from app.runtime import embedded_redis
from app.runtime.run import STOP_ORDER
from app.runtime.settings import RunSettings, scheduler_program, web_program, worker_programs
from app.runtime.supervisor import StopRequestedError, Supervisor


def main(folder: Path, port: int) -> None:
    """Runs until it is told to end."""
    os.environ["REDIS_URL"] = embedded_redis.url(folder)
    settings = RunSettings(
        host="127.0.0.1", port=port, folder=folder, redis_url=os.environ["REDIS_URL"], is_redis_embedded=True,
        is_production=False, web_processes=2, web_application="tests.runtime.stand_in:create_app",
        worker_application="tests.runtime.stand_in:create_app",
    )  # fmt: skip
    scheduler = scheduler_program()
    programs = [
        embedded_redis.program(folder, lock_descriptor=embedded_redis.lock(folder)),
        web_program(settings),
        *(replace(program, grace_seconds=2.0) for program in worker_programs(settings)),
        replace(scheduler, command=(*scheduler.command, "--schedule", "tests.runtime.stand_in:SCHEDULE")),
    ]
    supervisor = Supervisor()
    supervisor.install_signal_handlers()
    try:
        for program in programs:
            supervisor.start(program)
            if program.name == "redis":
                supervisor.wait_until_ready("redis", timeout_seconds=20)
        supervisor.wait_until_ready("web", timeout_seconds=20)
        print(json.dumps({program.name: supervisor.pid(program.name) for program in programs}), flush=True)
        supervisor.supervise()
    except StopRequestedError:
        pass
    finally:
        supervisor.stop(STOP_ORDER)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
