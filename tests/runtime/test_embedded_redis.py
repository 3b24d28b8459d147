"""The Redis of our own: on a socket, durable, and gone with its parent."""

import os
import signal

import pytest
from rq import Queue

from app.runtime import embedded_redis
from tests.runtime.places import Place, processes_of, wait_until


def server_pid(place: Place) -> int:
    return int(place.redis.info("server")["process_id"])


def test_it_listens_on_a_socket_and_on_no_port(redis_server: Place) -> None:
    assert embedded_redis.socket_path(redis_server.folder).is_socket()
    assert redis_server.redis.config_get("port") == {"port": "0"}
    assert redis_server.redis.info("server")["tcp_port"] == 0


def test_a_job_survives_the_kill_of_the_server(redis_server: Place) -> None:
    Queue("imports", connection=redis_server.redis).enqueue("tests.runtime.stand_in.tick", job_id="kept")
    first = server_pid(redis_server)
    wait_until(
        lambda: redis_server.redis.info("persistence")["aof_pending_bio_fsync"] == 0, within_seconds=5, what="sync"
    )

    os.kill(first, signal.SIGKILL)

    address = embedded_redis.url(redis_server.folder)
    wait_until(lambda: first not in redis_server.processes, within_seconds=5, what="the server's end")
    wait_until(lambda: embedded_redis.answers(address), within_seconds=10, what="its return")
    assert Queue("imports", connection=redis_server.redis).job_ids == ["kept"]


def test_it_ends_when_its_parent_is_killed(redis_server: Place) -> None:
    server = server_pid(redis_server)
    (parent,) = set(redis_server.processes) - {server}

    os.kill(parent, signal.SIGKILL)

    wait_until(lambda: not redis_server.processes, within_seconds=5, what="nobody left")


def test_a_second_server_cannot_have_the_same_folder(redis_server: Place) -> None:
    with pytest.raises(embedded_redis.AlreadyRunningError):
        embedded_redis.lock(redis_server.folder, patience_seconds=0.1)


def test_a_folder_with_a_long_path_has_its_socket_elsewhere(place: Place) -> None:
    deep = place.folder / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    path = embedded_redis.socket_path(deep)
    assert len(os.fsencode(path)) <= embedded_redis.SOCKET_PATH_LIMIT
    assert path == embedded_redis.socket_path(deep)


def test_a_process_without_the_mark_is_not_counted() -> None:
    assert processes_of("PLACE=nobody-has-this") == []
