"""A code at two places at once, on record for whoever answers for it, and told to both who checked it (X6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import delete, select

from app.access import everything
from app.domain.labels import N_
from app.domain.masking import mask_name
from app.domain.sightings import Sighting
from app.extensions import db
from app.models import Account, DoubleSighting, HealthCode, Venue
from app.profiles import load_profile
from app.services import audit, look_ups
from app.services.audit import Actor

# For so long whoever checked a code is told that it appeared elsewhere.
TOLD_FOR = timedelta(minutes=5)
_MOST_TOLD = 5
_DOUBLE = DoubleSighting.__table__
_WHOLE = "a code and whoever checks it may belong to different districts"


@dataclass(frozen=True)
class Seen:
    """A sighting, and the account that looked."""

    sighting: Sighting
    account_id: int


def flag(code: HealthCode, *, first: Seen, second: Seen) -> DoubleSighting:
    """Both places and moments are on record; part of the transaction in hand."""
    row = DoubleSighting(
        document_index=code.person.document_index,
        masked_name=mask_name(code.person.name),
        number=code.number,
        area_code=code.area_code,
        first_place=_name_of(first.sighting.place),
        first_seen_at=first.sighting.seen_at,
        first_account_id=first.account_id,
        second_place=_name_of(second.sighting.place),
        second_seen_at=second.sighting.seen_at,
        second_account_id=second.account_id,
    )
    db.session.add(row)
    db.session.flush()
    changes = {
        "place": second.sighting.place,
        "other": first.sighting.place,
        "other_seen_at": first.sighting.seen_at,
    }
    actor = Actor.of(db.session.get_one(Account, second.account_id))
    audit.record(actor, N_("同一健康码同时出现在两处"), subject=code, area_code=code.area_code, changes=changes)
    return row


def _name_of(place: str) -> str:
    """What people call a place: the compound in hand, else the office of whoever looked."""
    kind, _, number = place.partition(":")
    if kind == "venue":
        venue = db.session.get(Venue, int(number))
        return venue.name if venue else place
    account = db.session.get(Account, int(number)) if kind == "account" else None
    return look_ups.office_of(account) if account else place


def lately_of(account: Account, moment: datetime) -> Sequence[DoubleSighting]:
    """The codes that the account has checked and that somebody else saw elsewhere right after, the latest first."""
    query = (
        select(DoubleSighting)
        .where(DoubleSighting.first_account_id == account.id, DoubleSighting.second_seen_at > moment - TOLD_FOR)
        .order_by(DoubleSighting.second_seen_at.desc())
    )
    with everything(_WHOLE):
        return db.session.execute(query.limit(_MOST_TOLD)).scalars().all()


def of_person(document_index: bytes, *, most: int) -> Sequence[DoubleSighting]:
    """When the person's own code was at two places at once, the latest first."""
    query = select(DoubleSighting).where(DoubleSighting.document_index == document_index)
    with everything("a person's own record"):
        return db.session.execute(query.order_by(DoubleSighting.id.desc()).limit(most)).scalars().all()


def purge(moment: datetime) -> int:
    """Remove what is older than the region keeps it; return how many. Part of the transaction in hand."""
    kept = timedelta(days=load_profile(current_app.config["REGION"]).codes.double_sightings_kept_days)
    removed: int = db.session.execute(delete(_DOUBLE).where(_DOUBLE.c.second_seen_at < moment - kept)).rowcount
    return removed
