"""What runs by the clock: one table, read by the scheduler (app.runtime.scheduler)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scheduled:
    """A job by its dotted name, every so many seconds or by a cron line on the region's clock.

    It may run twice for one turn after a crash, so it has to be idempotent.
    """

    name: str
    dotted: str
    every_seconds: int | None = None
    cron: str | None = None
    queue: str = "statistics"

    def __post_init__(self) -> None:
        if (self.every_seconds is None) == (self.cron is None):
            raise ValueError(f"{self.name}: either every_seconds or cron")


SCHEDULE: tuple[Scheduled, ...] = (
    # A batch whose worker was killed ends by itself. In the queue of the batches: a long job of another one, an export
    # of a million rows, is not to keep it waiting, and whoever reads this one is who can take the batch over.
    Scheduled("sweep-stalled-batches", "app.jobs.imports.sweep_stalled", every_seconds=10, queue="imports"),
    Scheduled("sweep-silent-work", "app.jobs.asked_work.sweep_silent", every_seconds=60),
    Scheduled("sweep-silent-codes", "app.jobs.codes.sweep_silent", every_seconds=60),
    # Quarantines end at the region's midnight (Z-R11); a little after it, so that the date is surely the new one. The
    # turns after the first find nothing, unless that one failed, ran out of its time or never came.
    Scheduled("release-finished-quarantines", "app.jobs.quarantine.release_finished", cron="5 * * * *"),
    # A little after the hour, so that its last scans are surely there; a turn makes up what a stop has left out.
    Scheduled("count-hours", "app.jobs.statistics.count_hours", cron="3 * * * *"),
    # Scans and imports that had read the old code of an area that moved.
    Scheduled("sweep-moved-areas", "app.jobs.areas.sweep", every_seconds=300),
    Scheduled("verify-audit-trail", "app.jobs.audit.verify_nightly", cron="40 2 * * *"),
    Scheduled("ensure-partitions", "app.jobs.partitions.ensure", cron="20 1 * * *"),
    Scheduled("purge-expired", "app.jobs.retention.purge_expired", cron="35 * * * *"),
    # Messages whose job was lost or whose provider did not answer.
    Scheduled("resend-waiting-messages", "app.jobs.messages.resend_waiting", every_seconds=30, queue="messages"),
    # Colours end by themselves; these write down what has ended, and begin what was approved for a later day.
    Scheduled("settle-expired-colors", "app.jobs.health.settle_expired", every_seconds=60),
    Scheduled("lapse-unapproved-evidence", "app.jobs.health.lapse_unapproved", every_seconds=60),
    Scheduled("follow-health-rules", "app.jobs.health.follow_rules", every_seconds=60),
)
