"""One person, one task: every list that a person is on, with the last contact and its outcome (X9)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import and_, or_, select

from app.domain.screening import ScreeningKind
from app.extensions import db
from app.models import ScreeningEntry

_MOST = 50


def rows_of_person(entry: ScreeningEntry, kinds: Collection[ScreeningKind]) -> Sequence[ScreeningEntry]:
    """The person's rows on lists of `kinds` within the scope in hand, `entry` among them, the last contact first.

    By document; by phone only where one of the two rows has no document, because families share a phone.
    """
    same = []
    if entry.document_index:
        same.append(ScreeningEntry.document_index == entry.document_index)
    if entry.phone_index:
        by_phone = ScreeningEntry.phone_index == entry.phone_index
        unnumbered = and_(by_phone, ScreeningEntry.document_index.is_(None))
        same.append(unnumbered if entry.document_index else by_phone)
    query = select(ScreeningEntry).where(
        or_(ScreeningEntry.id == entry.id, *same), ScreeningEntry.kind.in_([kind.name for kind in kinds])
    )
    rows = list(db.session.execute(query.order_by(ScreeningEntry.id.desc()).limit(_MOST)).scalars())
    contacted = sorted((row for row in rows if row.worked_at), key=lambda row: str(row.worked_at), reverse=True)
    return [*contacted, *(row for row in rows if row.worked_at is None)]
