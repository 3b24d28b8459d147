"""Honest phones beside a thousand submissions a minute of one phone or one address, and beside a flood (issue 3).

The rate of scans of known people, each by a phone and an address of its own, is taken with and without the abuser in
turn, at the same venue of the same server. The abuser is a process of its own; what it was answered is counted and
printed.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import bench_scan, harness
from bench.bench_scan import Town

REQUESTS = int(os.environ.get("BENCH_REQUESTS", "1500"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
A_MINUTE = 1000
_ONE_PHONE, _ONE_ADDRESS = "abuser-of-one-phone-22", "10.99.99.99"


def requests_of(sender: str) -> Iterator[bytes]:
    """The same page submitted again and again: by one phone that changes its address, by one address that forgets its
    phone, or by one phone at one address."""
    body = b"form_token=1.x&identity=1&action=register"
    for turn in itertools.count():
        key = f"abuser-{turn:015d}" if sender == "address" else _ONE_PHONE
        address = f"10.98.{turn >> 8 & 255}.{turn & 255}" if sender == "phone" else _ONE_ADDRESS
        headers = {"Cookie": f"device={key}", "X-Forwarded-For": address}
        yield harness.http_request("POST", "/s/BENCH", headers=headers, body=body)


def abuse(port: int, sender: str, pause: float) -> None:
    """Submit until standard input closes; print what was answered once it was turned away for the first time."""
    requests = requests_of(sender)
    connection = harness.Connection(port)
    answers: Counter[str] = Counter()

    def submit() -> str:
        connection.socket.sendall(next(requests))
        while (answer := connection.is_answered()) is None:
            pass
        return answer.split(b" ", 2)[1].decode()

    while submit() != "429":
        pass
    os.set_blocking(sys.stdin.fileno(), False)
    print("turned away", flush=True)
    while sys.stdin.buffer.read(1) is None:
        answers[submit()] += 1
        time.sleep(pause)
    print(dict(answers), flush=True)


@contextmanager
def abuser(port: int, sender: str, pause: float, answers: Counter[str]) -> Iterator[None]:
    """One that is at work inside the block; `answers` are what it got."""
    command = [sys.executable, __file__, "abuse", str(port), sender, str(pause)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield
    finally:
        told, _ = process.communicate()
        for pair in filter(None, told.strip(" {}\n").split(", ")):
            code, _, count = pair.partition(": ")
            answers[code.strip("'")] += int(count)


def measure(database: str, url: str, folder: Path) -> None:
    """Print the ratios of one database."""
    environment = {"DATABASE_URL": url, "DATA_DIR": str(folder / database), "APP_ENV": "demo", "TRUST_PROXY": "1"}
    town = Town(environment)
    town.settle_people()
    with harness.web_server("app:create_app", environment) as port:
        for sender, work, pause, reach in (
            ("phone", f"scans beside {A_MINUTE} submissions a minute of one phone", 60 / A_MINUTE, ">= 0.9"),
            ("address", f"scans beside {A_MINUTE} submissions a minute of one address", 60 / A_MINUTE, ">= 0.9"),
            ("both", "scans beside one phone that submits without a pause", 0.0, ">= 0.5"),
        ):
            answers: Counter[str] = Counter()

            def alone() -> float:
                return harness.requests_a_second(port, town.known_scans(REQUESTS), expect="登记成功".encode())

            def beside(sender: str = sender, pause: float = pause, answers: Counter[str] = answers) -> float:
                with abuser(port, sender, pause, answers):
                    return alone()

            ratio, ratios = harness.compare(beside, alone, rounds=ROUNDS)
            note = f"{database}; {ratios[0]:.2f} to {ratios[-1]:.2f}; the abuser was answered {dict(answers)}"
            harness.report(work=work, compared_with="the same scans alone", ratio=ratio, reach=reach, note=note)


def main() -> None:
    if sys.argv[1:2] == ["abuse"]:
        abuse(int(sys.argv[2]), sys.argv[3], float(sys.argv[4]))
        return
    with tempfile.TemporaryDirectory(prefix="bench-abuse-") as name, bench_scan.databases(Path(name)) as urls:
        for database in sys.argv[1:] or urls:
            measure(database, urls[database], Path(name))


if __name__ == "__main__":
    main()
