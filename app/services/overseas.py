"""What changes a returnee's screening by itself: a scan, a confirmation at the compound (Z-S5, Z-T8).

Only few scans ask: those at isolation points, at the forward team's code and at checkpoints. Everybody else's pay
nothing for it, and these two, which find no row for nearly all.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, select

from app.access import everything
from app.domain.overseas import Sighting, changed_by, sighting_at, status_after
from app.domain.screening import ScreeningKind
from app.domain.venues import VenueFamily, VenueKind
from app.extensions import db
from app.models import Person, ScreeningEntry
from app.services.audit import SYSTEM
from app.services.screening import set_status
from app.services.transaction import transactional

_PEOPLE, _ENTRIES = Person.__table__.c, ScreeningEntry.__table__.c


@transactional
def note_scan(person_id: int, kind: VenueKind, moment: datetime) -> None:
    """The person's rows are what a scan at a venue of `kind` makes of them, done by the system.

    At a checkpoint they learn when the person did arrive, from which the four hours count (Z-T9).
    """
    sighting = sighting_at(kind)
    if sighting is not None:
        note(person_id, sighting)
    elif kind.family is VenueFamily.CHECKPOINT:
        with everything("a scan tells of its person wherever the row is"):
            for entry in _rows_of(person_id):
                if entry.arrived_at is None:
                    entry.arrived_at = entry.updated_at = moment
            db.session.flush()


@transactional
def note(person_id: int, sighting: Sighting) -> None:
    """The person's rows in a status that the sighting changes are in the one that it leads to."""
    changed = {status.name for status in changed_by(sighting)}
    with everything("a sighting tells of its person wherever the row is"):
        for entry in _rows_of(person_id):
            if entry.status in changed:
                set_status(
                    entry, status_after(sighting), remark=entry.remark or "", actor=SYSTEM, action=sighting.value
                )
        db.session.flush()


def is_about(document_index: Any, phone_index: Any, name: Any) -> ColumnElement[bool]:
    """The condition that a row is a person's: by document, or by phone and name where the report had no number."""
    is_unnumbered = and_(_ENTRIES.phone_index == phone_index, _ENTRIES.document_index.is_(None), _ENTRIES.name == name)
    is_numbered = _ENTRIES.document_index == document_index
    return and_(_ENTRIES.kind == ScreeningKind.OVERSEAS_RETURNEE, is_numbered | is_unnumbered)


# Put together once, and without making rows of them: nearly nobody has any.
_FOUND = select(_ENTRIES.id).where(
    _PEOPLE.id == bindparam("person_id"), is_about(_PEOPLE.document_index, _PEOPLE.phone_index, _PEOPLE.name)
)


def _rows_of(person_id: int) -> list[ScreeningEntry]:
    found = db.session.execute(_FOUND, {"person_id": person_id}).scalars().all()
    if not found:
        return []
    query = select(ScreeningEntry).where(ScreeningEntry.id.in_(found))
    return list(db.session.execute(query.order_by(ScreeningEntry.id).with_for_update()).scalars())
