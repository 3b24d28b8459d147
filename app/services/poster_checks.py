"""The daily look at a poster: nobody has covered it, nobody has altered it (checklist Z45)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, select

from app import clock
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db
from app.models import PosterCheck, Venue
from app.services import audit
from app.services.audit import Actor
from app.services.sector_statistics import today
from app.services.transaction import transactional


@transactional
def confirm(venue: Venue, *, is_right: bool, actor: Actor, moment: datetime | None = None) -> PosterCheck:
    """The venue's poster was looked at today; a second look on the same day stands for the first. Error: venue_closed."""
    if not venue.is_open:
        raise DomainError(N_("该小区已停用"), code="venue_closed")
    day = today()
    query = select(PosterCheck).where(PosterCheck.venue_id == venue.id, PosterCheck.day == day)
    check: PosterCheck | None = db.session.execute(query).scalar_one_or_none()
    before = None if check is None else check.is_right
    if check is None:
        check = PosterCheck(venue_id=venue.id, area_code=venue.area_code, day=day)
        db.session.add(check)
    check.is_right, check.checked_at, check.checked_by_id = is_right, moment or clock.now(), actor.id or 0
    changes = {"is_right": [before, is_right], "day": day.isoformat()}
    audit.record(actor, "check_poster", subject=venue, area_code=venue.area_code, changes=changes)
    return check


def unchecked_today() -> Select[Any]:
    """Return the open venues of the scope in hand at whose poster nobody has looked today."""
    checked = exists().where(PosterCheck.venue_id == Venue.id, PosterCheck.day == today())
    return select(Venue.id).where(Venue.closed_at.is_(None), ~checked)
