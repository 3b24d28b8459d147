"""Whether the parts of a running installation are well, judged from what was found; and the words that parts share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.labels import N_, Labelled

# Everything that enqueues uses one of these names; a worker reads each (WORKERS in app.runtime.settings).
QUEUE_NAMES = ("imports", "exports", "statistics", "messages")
# Where the scheduler says that it lives, and what is due when (Redis).
SCHEDULER_LOCK_KEY, PLAN_KEY = "scheduler:lock", "scheduler:plan"


class Light(Labelled):
    """The state of a part, as a word and a colour."""

    GOOD = N_("正常")
    ATTENTION = N_("注意")
    BAD = N_("异常")

    @property
    def tone(self) -> str:
        """The tone of its label."""
        return {Light.GOOD: "green", Light.ATTENTION: "yellow", Light.BAD: "red"}[self]


@dataclass(frozen=True)
class Judged:
    """A light, and what to do about it; empty where nothing is to be done."""

    light: Light
    advice: str = ""


WELL = Judged(Light.GOOD)
_LONG_QUEUE, _ENDLESS_QUEUE = 100, 1000
_QUIET_WORKER = timedelta(minutes=1)
_LATE_TURN = timedelta(minutes=10)
# The count of an hour runs a little after it; two hours without one are a stop.
_OLD_ROLLUP, _STOPPED_ROLLUP = timedelta(hours=2), timedelta(hours=6)
_WAITING_MESSAGE, _STUCK_MESSAGE = timedelta(minutes=2), timedelta(minutes=15)
_LITTLE_ROOM, _NO_ROOM = 0.15, 0.05
_MUCH_MEMORY, _FULL_MEMORY = 0.75, 0.9


def judge_queue(*, waiting: int, failed: int, workers: int) -> Judged:
    """A queue that nobody reads is bad, a long one or failed jobs want a look."""
    if not workers:
        return Judged(Light.BAD, N_("没有工作进程读取此队列：请启动工作进程，见运维手册「进程」。"))
    if waiting >= _ENDLESS_QUEUE:
        return Judged(Light.BAD, N_("积压严重：请增加工作进程，并查看失败的任务。"))
    if waiting >= _LONG_QUEUE:
        return Judged(Light.ATTENTION, N_("等待的任务较多：如不减少，请增加工作进程。"))
    if failed:
        return Judged(Light.ATTENTION, N_("有失败的任务：请在下方查看，重试或移除。"))
    return WELL


def judge_worker(silence: timedelta) -> Judged:
    """A worker says every few seconds that it lives."""
    if silence > _QUIET_WORKER:
        return Judged(Light.BAD, N_("工作进程没有响应：请查看该机器，必要时重新启动。"))
    return WELL


def judge_scheduler(*, is_alive: bool) -> Judged:
    """Without a scheduler nothing that goes by the clock happens."""
    return WELL if is_alive else Judged(Light.BAD, N_("调度进程没有运行：定时任务全部停止，请启动调度进程。"))


def judge_turn(due: datetime, moment: datetime) -> Judged:
    """A turn that is long overdue was not taken."""
    late = moment - due > _LATE_TURN
    return Judged(Light.ATTENTION, N_("超过应执行时间：请查看调度进程和队列。")) if late else WELL


def judge_rollup(counted_until: datetime | None, moment: datetime) -> Judged:
    """Hours are counted soon after they are over."""
    if counted_until is None:
        return Judged(Light.ATTENTION, N_("尚未统计过：整点后几分钟应自动完成，否则请查看统计队列。"))
    if moment - counted_until > _STOPPED_ROLLUP:
        return Judged(Light.BAD, N_("统计已停止：请查看统计队列和调度进程。"))
    if moment - counted_until > _OLD_ROLLUP:
        return Judged(Light.ATTENTION, N_("统计有延迟：请查看统计队列。"))
    return WELL


def judge_outbox(counts: Mapping[str, int], oldest_waiting: timedelta | None) -> Judged:
    """Messages go out at once; failed ones have been tried often enough."""
    if oldest_waiting is not None and oldest_waiting > _STUCK_MESSAGE:
        return Judged(Light.BAD, N_("短信长时间未发出：请查看短信服务的地址、令牌和消息队列。"))
    if oldest_waiting is not None and oldest_waiting > _WAITING_MESSAGE:
        return Judged(Light.ATTENTION, N_("有短信等待较久：请查看消息队列和短信服务。"))
    if counts.get("failed"):
        return Judged(Light.ATTENTION, N_("有短信发送失败：请在「短信发件箱」查看原因。"))
    return WELL


def judge_disk(*, free: int, total: int) -> Judged:
    """A full disk stops everything that is written."""
    share = free / total if total else 0.0
    if share < _NO_ROOM:
        return Judged(Light.BAD, N_("磁盘将满：请立即清理或扩容，否则无法登记。"))
    if share < _LITTLE_ROOM:
        return Judged(Light.ATTENTION, N_("磁盘空间不足：请安排清理或扩容。"))
    return WELL


def judge_memory(*, used: int, most: int) -> Judged:
    """Redis refuses what is new when its memory is full; 0 is no bound."""
    if not most or used < most * _MUCH_MEMORY:
        return WELL
    if used < most * _FULL_MEMORY:
        return Judged(Light.ATTENTION, N_("Redis 内存较高：请查看队列是否积压，或提高上限。"))
    return Judged(Light.BAD, N_("Redis 内存将满：新任务将被拒绝，请处理积压或提高上限。"))


def worst(lights: list[Light]) -> Light:
    """The light of a whole: that of its worst part."""
    return max(lights, key=list(Light).index, default=Light.GOOD)
