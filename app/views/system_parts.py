"""The lines of 「系统状态」: what was found of each part, in words, with the light that the rules give it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext

from app import clock
from app.domain import running
from app.domain.labels import N_
from app.domain.running import WELL, Judged
from app.services import system_state
from app.views.format import moment_text
from app.views.running_names import name_of

_SILENT = timedelta(days=1)


@dataclass(frozen=True)
class Part:
    """A line: what it is, what was found, how that is."""

    name: str
    facts: str
    judged: Judged


def _queues() -> list[Part]:
    return [
        Part(
            name_of(queue.name),
            gettext(
                "等待 %(waiting)s，执行中 %(running)s，失败 %(failed)s，工作进程 %(workers)s",
                waiting=queue.waiting,
                running=queue.running,
                failed=queue.failed,
                workers=queue.workers,
            ),
            running.judge_queue(waiting=queue.waiting, failed=queue.failed, workers=queue.workers),
        )
        for queue in system_state.queues(system_state.workers())
    ]


def _workers() -> list[Part]:
    moment = clock.now()
    return [
        Part(
            worker.name,
            gettext(
                "队列 %(queues)s；最近心跳 %(moment)s",
                queues=gettext("、").join(map(name_of, worker.queues)),
                moment=moment_text(worker.heard_at) if worker.heard_at else "—",
            ),
            running.judge_worker(moment - worker.heard_at if worker.heard_at else _SILENT),
        )
        for worker in system_state.workers()
    ]


def _schedule() -> list[Part]:
    is_alive, moment = system_state.has_scheduler(), clock.now()
    head = Part(gettext("调度进程"), "", running.judge_scheduler(is_alive=is_alive))
    return [
        head,
        *(
            Part(
                name_of(turn.name),
                gettext("上次 %(last)s，下次 %(next)s", last=moment_text(turn.last_at), next=moment_text(turn.next_at)),
                running.judge_turn(turn.next_at, moment),
            )
            for turn in system_state.turns()
        ),
    ]


def _data() -> list[Part]:
    moment, outbox, until = clock.now(), system_state.outbox(), system_state.counted_until()
    age = moment - outbox.oldest_waiting if outbox.oldest_waiting else None
    return [
        Part(
            gettext("小时统计"),
            gettext("已统计至 %(moment)s", moment=moment_text(until)) if until else gettext("尚未统计"),
            running.judge_rollup(until, moment),
        ),
        Part(
            gettext("短信发件箱"),
            gettext("待发送 %(waiting)s，发送失败 %(failed)s，最近一天已发送 %(sent)s", **outbox.counts),
            running.judge_outbox(outbox.counts, age),
        ),
    ]


def _stores() -> list[Part]:
    found = system_state.stores()
    return [
        Part(gettext("数据库"), f"{found.database_version} · {size_text(found.database_bytes)}", WELL),
        Part(
            "Redis",
            gettext(
                "版本 %(version)s，内存 %(used)s，上限 %(most)s",
                version=found.redis_version,
                used=size_text(found.redis_bytes),
                most=size_text(found.redis_most) if found.redis_most else gettext("无"),
            ),
            running.judge_memory(used=found.redis_bytes, most=found.redis_most),
        ),
        Part(
            gettext("磁盘"),
            gettext("可用 %(free)s，共 %(total)s", free=size_text(found.disk_free), total=size_text(found.disk_total)),
            running.judge_disk(free=found.disk_free, total=found.disk_total),
        ),
    ]


def size_text(count: int) -> str:
    """Return a number of bytes as people say it: 1.4 GB."""
    size, units = float(count), ("B", "kB", "MB", "GB", "TB")
    for unit in units[:-1]:
        if size < 1000:  # noqa: PLR2004 - the next unit
            return f"{size:.1f} {unit}" if unit != "B" else f"{count} B"
        size /= 1000
    return f"{size:.1f} {units[-1]}"


PARTS: Sequence[tuple[str, Callable[[], list[Part]]]] = (
    (N_("队列"), _queues),
    (N_("工作进程"), _workers),
    (N_("定时任务"), _schedule),
    (N_("统计与短信"), _data),
    (N_("存储"), _stores),
)
