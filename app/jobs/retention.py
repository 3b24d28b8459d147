"""What has had its time goes, once an hour."""

from __future__ import annotations

from app import clock
from app.access import everything
from app.services import asked_work, code_checks, retention, sessions


def purge_expired() -> None:
    """No file, no sent message, no sighting of a code and no session is kept past its time; a second run finds nothing to do."""
    with everything("a scheduled job"):
        asked_work.purge(clock.now())
        retention.purge_expired_files(clock.now())
        retention.purge_sent_messages(clock.now())
        code_checks.purge_sightings(clock.now())
        sessions.purge(clock.now())
