"""What has had its time goes, once an hour."""

from __future__ import annotations

from app import clock
from app.access import everything
from app.services import retention


def purge_expired() -> None:
    """No file and no sent message is kept past its time; a second run finds nothing to do."""
    with everything("a scheduled job"):
        retention.purge_expired_files(clock.now())
        retention.purge_sent_messages(clock.now())
