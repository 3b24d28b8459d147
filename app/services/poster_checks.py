"""The daily look at a poster, of whatever kind of place: nobody has covered it, nobody has altered it (checklist Z45)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import with_expression

from app import clock
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.sectors import CodeState
from app.extensions import db
from app.models import PosterCheck, Venue
from app.services import audit
from app.services.audit import Actor
from app.services.sector_statistics import today
from app.services.transaction import transactional


@transactional
def confirm(venue: Venue, *, is_right: bool, actor: Actor, moment: datetime | None = None) -> PosterCheck:
    """The venue's poster was looked at today; a second look on the same day stands for the first. Error: venue_closed."""
    if not has_poster(venue):
        raise DomainError(N_("此场所已停用"), code="venue_closed")
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


def has_poster(venue: Venue) -> bool:
    """Whether the venue's poster hangs somewhere and registers people."""
    return venue.is_open and venue.code_state is CodeState.ACTIVE


def is_unchecked() -> ColumnElement[bool]:
    """The condition that nobody has looked today at the poster of a venue that has one."""
    is_of_use = Venue.closed_at.is_(None) & (Venue.code_state == CodeState.ACTIVE)
    return is_of_use & ~exists().where(PosterCheck.venue_id == Venue.id, PosterCheck.day == today())


def was_found(*, is_right: bool) -> ColumnElement[bool]:
    """The condition that whoever looked at the venue's poster today found it right, or wrong."""
    own = PosterCheck.venue_id == Venue.id, PosterCheck.day == today()
    return exists().where(*own, PosterCheck.is_right.is_(is_right))


def with_today(query: Select[Any]) -> Select[Any]:
    """Return `query` of venues with what was found at their posters today."""
    found = select(PosterCheck.is_right).where(PosterCheck.venue_id == Venue.id, PosterCheck.day == today())
    return query.options(with_expression(Venue.poster_is_right, found.correlate(Venue).scalar_subquery()))


def unchecked_today() -> Select[Any]:
    """Return the venues of the scope in hand at whose poster nobody has looked today."""
    return select(Venue.id).where(is_unchecked())
