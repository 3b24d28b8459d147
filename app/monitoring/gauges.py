"""What is true at the moment it is asked: queues, workers, rollup, outbox, scans; by the same look as the system page."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app import clock
from app.services import system_state


class StateCollector(Collector):
    """Collects anew with each question; what cannot be found out is left out, and its absence is the alarm."""

    def collect(self) -> Iterator[Metric]:
        readers = system_state.workers()
        yield from _of_queues(readers)
        yield _one("app_workers", "Workers that Redis knows", len(readers))
        yield _one("app_scheduler_alive", "Whether a scheduler works", float(system_state.has_scheduler()))
        yield from _of_rollup()
        outbox = GaugeMetricFamily("app_outbox_messages", "Text messages by state (sent: last day)", labels=["state"])
        for state, count in system_state.outbox().counts.items():
            outbox.add_metric([state], count)
        yield outbox
        yield _one("app_scans_last_minute", "Entries of the last minute", system_state.scans_of_last_minute())


def _of_queues(readers: list[system_state.WorkerState]) -> Iterator[Metric]:
    jobs = GaugeMetricFamily("app_queue_jobs", "Jobs by queue and state", labels=["queue", "state"])
    for queue in system_state.queues(readers):
        for state, count in (("waiting", queue.waiting), ("running", queue.running), ("failed", queue.failed)):
            jobs.add_metric([queue.name, state], count)
    yield jobs


def _of_rollup() -> Iterator[Metric]:
    until = system_state.counted_until()
    if until is not None:
        age = (clock.now() - until).total_seconds()
        yield _one("app_rollup_age_seconds", "Time since the last hour that is counted", age)


def _one(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, value=value)
