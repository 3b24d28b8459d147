"""Rows of a batch that may be about somebody who is in the list already: found as the batch enters, held back (Z-T13).

Two joins on blind indexes find the candidates, however large the list; what is asked about them is domain/doubts.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from flask import current_app
from sqlalchemy import Row, Select, exists, func, insert, select, update

from app import clock
from app.domain.areas import AreaLevel, code_at, lies_within
from app.domain.comparison import birth_date_in
from app.domain.dispatch import UndispatchedReason
from app.domain.documents import DocumentType
from app.domain.doubts import DoubtBasis, DoubtState, Seen, doubt_between
from app.domain.screening import ScreeningKind
from app.domain.text import without_blanks
from app.extensions import db
from app.models import EntryDoubt, ImportBatch, ScreeningEntry
from app.models.encryption import key_ring
from app.profiles import load_profile
from app.services.dialects import among
from app.services.imports_counts import Counts
from app.services.lists import ScreeningList, list_of

_ENTRIES, _DOUBTS = ScreeningEntry.__table__, EntryDoubt.__table__
_CHUNK = 500
# What more rows of a day share is an institution's phone, or a name as common as its birthday, and tells nobody.
_MOST_TOGETHER = 6
_READ = (
    "id", "batch_id", "area_code", "venue_id", "undispatched_reason", "listed_on", "name", "document_type",
    "document_number", "document_index", "phone_index", "name_birth_index", "particulars", "identity_index",
)  # fmt: skip
_Pair = tuple[Row[Any], Row[Any], DoubtBasis]


def find(batch: ImportBatch, counts: Counts) -> None:
    """Every doubt about a row that the batch brought is on record, and the counts say where these rows are.

    In the transaction of the import, after the rows entered and before `hold_back`.
    """
    held = set[int]()
    for index in (_ENTRIES.c.phone_index, _ENTRIES.c.name_birth_index):
        for chunk in _chunks(_pairs(batch, index)):
            for new in _asked(batch, chunk):
                if new.id not in held:
                    held.add(new.id)
                    district = code_at(new.area_code, AreaLevel.DISTRICT) if new.undispatched_reason is None else None
                    counts.hold_back(district, new.undispatched_reason)


def _asked(batch: ImportBatch, pairs: Sequence[_Pair]) -> list[Row[Any]]:
    """The new rows of those pairs that are put on record: nobody has answered them, the other join has not found them."""
    known, home = _on_record(pairs), _home(batch)
    new = [pair for pair in _not_answered(pairs) if (pair[0].id, pair[1].id) not in known]
    if new:
        db.session.execute(insert(_DOUBTS), [_row(batch, pair, home) for pair in new])
    return [pair[0] for pair in new]


def hold_back(batch: ImportBatch) -> None:
    """The rows in doubt wait where they are decided about; nobody is sent to them meanwhile."""
    own = (_DOUBTS.c.batch_id == batch.id, _DOUBTS.c.state == DoubtState.WAITING.name)
    place = select(func.min(_DOUBTS.c.area_code)).where(_DOUBTS.c.entry_id == _ENTRIES.c.id, *own).scalar_subquery()
    waiting = exists().where(_DOUBTS.c.entry_id == _ENTRIES.c.id, *own)
    reason = UndispatchedReason.POSSIBLE_DUPLICATE.name
    values = {"area_code": place, "venue_id": None, "undispatched_reason": reason, "dispatched_at": None}
    db.session.execute(update(_ENTRIES).where(_ENTRIES.c.batch_id == batch.id, waiting).values(values))


def _home(batch: ImportBatch) -> str:
    """The area whose managers decide: the district's where its own institution brought the file, else the city's."""
    city = load_profile(current_app.config["REGION"]).area_code
    return code_at(batch.area_code, AreaLevel.DISTRICT) or city


def _pairs(batch: ImportBatch, index: Any) -> Iterator[_Pair]:
    """Each new row with those before it that share `index` and the day, where the domain says that it may be one."""
    declared = list_of(batch.kind)
    rows = db.session.execute(_sharing(batch, index), execution_options={"yield_per": 2_000})
    for _key, together in groupby(rows, key=lambda row: (bytes(getattr(row, index.name)), row.listed_on)):
        group = list(together)
        for at, new in enumerate(group):
            if new.batch_id == batch.id:
                yield from _doubts_of(declared, new, group[:at])


def _sharing(batch: ImportBatch, index: Any) -> Select[Any]:
    """The rows of the list that share `index` and the day with a row of the batch, few together, the oldest first."""
    kind, own = _ENTRIES.c.kind == batch.kind.name, _ENTRIES.alias()
    brought = select(getattr(own.c, index.name)).where(own.c.batch_id == batch.id)
    shared = select(index.label("key"), _ENTRIES.c.listed_on.label("day")).where(kind, index.in_(brought))
    shared = shared.where(index.is_not(None)).group_by(index, _ENTRIES.c.listed_on)
    few = shared.having(func.count().between(2, _MOST_TOGETHER)).subquery()
    same_day = few.c.day.is_not_distinct_from(_ENTRIES.c.listed_on)
    query = select(*(_ENTRIES.c[name] for name in _READ)).join(few, (few.c.key == index) & same_day).where(kind)
    return query.order_by(index, _ENTRIES.c.listed_on, _ENTRIES.c.id)


def _doubts_of(declared: ScreeningList, new: Row[Any], others: Sequence[Row[Any]]) -> Iterator[_Pair]:
    for other in others:
        basis = doubt_between(_seen(new), _seen(other))
        if basis is not None and _beside_the_person(declared, new) == _beside_the_person(declared, other):
            yield new, other, basis


def _seen(row: Row[Any]) -> Seen:
    number = row.document_number if row.document_type is DocumentType.ID_CARD else None
    return Seen(row.name, _bytes(row.document_index), _bytes(row.phone_index), birth_date_in(number))


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)


def _beside_the_person(declared: ScreeningList, row: Row[Any]) -> tuple[str | None, ...]:
    """What makes a row of its own of the same person, beside the day: another train, another laboratory."""
    keys = [part for part in declared.sheet.identity[1:] if isinstance(part, str) and part != declared.listed_on]
    others = json.loads(row.particulars) if keys and row.particulars else {}
    return tuple(others.get(key) for key in keys)


def _chunks(pairs: Iterator[_Pair]) -> Iterator[list[_Pair]]:
    chunk: list[_Pair] = []
    for pair in pairs:
        chunk.append(pair)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _on_record(pairs: Sequence[_Pair]) -> set[tuple[int | None, int | None]]:
    query = select(_DOUBTS.c.entry_id, _DOUBTS.c.other_id)
    query = query.where(_DOUBTS.c.entry_id.in_([new.id for new, _other, _basis in pairs]))
    return {(new, other) for new, other in db.session.execute(query)}


def _not_answered(pairs: Sequence[_Pair]) -> list[_Pair]:
    """The pairs of which nobody has said that they are two people."""
    keys = [pair_index(new, other) for new, other, _basis in pairs]
    query = select(_DOUBTS.c.pair_index).where(
        _DOUBTS.c.state == DoubtState.DISTINCT.name, among(_DOUBTS.c.pair_index, keys)
    )
    known = {bytes(found) for found in db.session.execute(query).scalars()}
    return [pair for pair, key in zip(pairs, keys, strict=True) if key not in known]


def pair_index(one: Row[Any], other: Row[Any]) -> bytes:
    """The two people, in either order: by their documents, else by phone and name, so on any day and any list."""
    return key_ring().blind_index("pair of people", ":".join(sorted((_person(one), _person(other)))))


def _person(row: Row[Any]) -> str:
    if row.document_index is not None:
        return bytes(row.document_index).hex()
    phone = bytes(row.phone_index).hex() if row.phone_index is not None else ""
    return f"{phone} {without_blanks(row.name or '')}"


def _row(batch: ImportBatch, pair: _Pair, home: str) -> dict[str, Any]:
    new, other, basis = pair
    moment, city = clock.now(), load_profile(current_app.config["REGION"]).area_code
    return {
        "kind": batch.kind,
        "batch_id": batch.id,
        "entry_id": new.id,
        "other_id": other.id,
        "basis": basis,
        "state": DoubtState.WAITING,
        "identity_index": bytes(new.identity_index),
        "pair_index": pair_index(new, other),
        "target_area_code": new.area_code,
        "target_venue_id": new.venue_id,
        "target_reason": new.undispatched_reason,
        # Whoever decides has to see both.
        "area_code": home if lies_within(other.area_code, home) else city,
        "created_at": moment,
        "updated_at": moment,
    }


def linked_identities(kind: ScreeningKind, identities: Iterable[bytes]) -> set[bytes]:
    """Those of the identities that are linked to a row of the list: they are there already."""
    query = select(_DOUBTS.c.identity_index).where(
        _DOUBTS.c.kind == kind.name,
        _DOUBTS.c.state == DoubtState.LINKED.name,
        among(_DOUBTS.c.identity_index, list(identities)),
    )
    return {bytes(found) for found in db.session.execute(query).scalars()}
