"""The undispatched tray by the names that nobody knows: all rows that name a place alike go where one goes (D17)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, and_, func, select, update

from app import clock
from app.domain.dispatch import NAMED_BADLY, UndispatchedReason
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.text import without_blanks
from app.extensions import db
from app.models import Account, ImportBatch, ScreeningEntry
from app.profiles import load_profile
from app.services import audit
from app.services.audit import Actor
from app.services.lists import list_of
from app.services.screening import district_labels
from app.services.transaction import transactional
from app.services.value_mappings import Meaning, remember_value

_CHUNK = 2_000
_ENTRIES = ScreeningEntry.__table__
_REASONS = tuple(reason.name for reason in NAMED_BADLY)


def is_in_tray() -> ColumnElement[bool]:
    """The condition that a row waits at the city for its district.

    What a district's own institution brought and may be a duplicate is not dispatched either, but it is the district's.
    """
    city = load_profile(current_app.config["REGION"]).area_code
    return and_(ScreeningEntry.area_code == city, ScreeningEntry.dispatched_at.is_(None))


def is_named_badly(entry: ScreeningEntry) -> bool:
    """Whether the row waits because nobody knows the name in it by which it goes somewhere."""
    has_place = list_of(entry.kind).place_key is not None and bool(entry.particulars)
    return has_place and not entry.is_dispatched and entry.undispatched_reason in _REASONS


def named_place(entry: ScreeningEntry) -> str | None:
    """The name in the row by which it could not be placed; None for a row that waits for another reason."""
    if not is_named_badly(entry):
        return None
    text = json.loads(entry.particulars or "{}").get(list_of(entry.kind).place_key)
    return str(text) if text else None


@transactional
def dispatch_alike(entry: ScreeningEntry, *, district_code: str, actor: Actor) -> int:
    """All rows of the list that wait with this name are the district's; return how many. Errors: not_named, district."""
    text, district = _name_and_district(entry, district_code)
    values, count = _dispatched_to(district_code), 0
    for keys in _alike(entry, text):
        db.session.execute(update(_ENTRIES).where(_ENTRIES.c.id.in_(keys)).values(values))
        count += len(keys)
    changes = {"list": list_of(entry.kind).key, "district": [None, district], "rows": count}
    audit.record(actor, "dispatch_alike", subject=entry, area_code=district_code, changes=changes)
    db.session.expire(entry)
    return count


@transactional
def dispatch_batch(batch: ImportBatch, *, district_code: str, actor: Actor) -> int:
    """All rows of the batch that wait in the tray are the district's, but for doubtful ones; return how many.

    Error: district.
    """
    district = _label(district_code)
    waiting = (
        _ENTRIES.c.batch_id == batch.id,
        _ENTRIES.c.undispatched_reason.is_not(None),
        _ENTRIES.c.undispatched_reason != UndispatchedReason.POSSIBLE_DUPLICATE.name,
    )
    count = db.session.execute(select(func.count()).where(*waiting)).scalar_one()
    db.session.execute(update(_ENTRIES).where(*waiting).values(_dispatched_to(district_code)))
    changes = {"list": list_of(batch.kind).key, "district": [None, district], "rows": count}
    audit.record(actor, "dispatch_batch", subject=batch, area_code=district_code, changes=changes)
    return count


@transactional
def remember_place(entry: ScreeningEntry, *, district_code: str, account: Account) -> None:
    """Later files that name the place as this row does are dispatched to the district. Errors: not_named, district."""
    text, district = _name_and_district(entry, district_code)
    declared = list_of(entry.kind)
    area_code = entry.batch.area_code if entry.batch else entry.area_code
    meaning = Meaning(str(declared.place_key), text, district)
    remember_value(declared, meaning, area_code=area_code, account=account)


def _dispatched_to(district_code: str) -> dict[str, Any]:
    moment = clock.now()
    return {
        "area_code": district_code,
        "undispatched_reason": None,
        "dispatched_at": moment,
        "updated_at": moment,
        "version": _ENTRIES.c.version + 1,
    }


def _label(district_code: str) -> str:
    district = district_labels().get(district_code)
    if district is None:
        raise DomainError(N_("请选择区县"), code="district", field="district")
    return district


def _name_and_district(entry: ScreeningEntry, district_code: str) -> tuple[str, str]:
    text = named_place(entry)
    if text is None:
        raise DomainError(N_("这条记录不是因为名称无法识别而等待下发"), code="not_named")
    return text, _label(district_code)


def _alike(entry: ScreeningEntry, text: str) -> Iterator[Sequence[int]]:
    """The rows that name the same, in scope, some at a time: what a row names is sealed, so each is opened."""
    wanted, key, last = without_blanks(text), list_of(entry.kind).place_key, 0
    query = select(ScreeningEntry.id, ScreeningEntry.particulars).where(
        ScreeningEntry.kind == entry.kind,
        ScreeningEntry.area_code == entry.area_code,
        ScreeningEntry.undispatched_reason.in_(_REASONS),
        ScreeningEntry.particulars.is_not(None),
    )
    while True:
        rows = db.session.execute(query.where(ScreeningEntry.id > last).order_by(ScreeningEntry.id).limit(_CHUNK)).all()
        keys = [found.id for found in rows if without_blanks(json.loads(found.particulars).get(key) or "") == wanted]
        if keys:
            yield keys
        if len(rows) < _CHUNK:
            return
        last = rows[-1].id
