"""Rows of lists that people add and correct by hand: reports of returnees, patrol staff (Z-T7, Z-T12)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from app import clock
from app.access import everything
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db
from app.models import ScreeningEntry
from app.services import audit
from app.services.audit import Actor
from app.services.imports_staging import identity_index
from app.services.list_dispatch import Values
from app.services.screening import add_entry, particulars, row_values
from app.services.screening_list import ScreeningList
from app.services.transaction import transactional

_TAKEN = N_("名单中已有此人，请查询后编辑原来的记录")


@dataclass(frozen=True)
class Place:
    """Where a row made by hand belongs: an area and, for a compound's own, the compound."""

    area_code: str
    venue_id: int | None = None


@transactional
def create(declared: ScreeningList, values: Values, *, place: Place, actor: Actor) -> ScreeningEntry:
    """The new row of `declared` at `place` (「新建」). Error: entry_taken where the person is on the list already."""
    index = identity_index(declared, values)
    with everything("whether somebody is on the list, wherever"):
        taken = select(ScreeningEntry.id).where(
            ScreeningEntry.kind == declared.row_kind, ScreeningEntry.identity_index == index
        )
        if db.session.execute(taken).first():
            raise DomainError(_TAKEN, code="entry_taken")
    return add_entry(
        declared.row_kind,
        values,
        area_code=place.area_code,
        source=declared.created_as,
        actor=actor,
        venue_id=place.venue_id,
    )


@transactional
def correct(entry: ScreeningEntry, declared: ScreeningList, values: Values, *, actor: Actor, version: int) -> None:
    """The row says what the form says; who it is about stays, and its status. StaleDataError; error: entry_taken."""
    if version != entry.version:
        raise StaleDataError("the entry was changed meanwhile")
    before = {found.key: found.value for found in particulars(entry)}
    for name, value in row_values(declared, values).items():
        setattr(entry, name, value)
    entry.remark = values.get("remark")
    _move_identity(entry, declared, values)
    entry.updated_at = clock.now()
    db.session.flush()
    changed = [found.label for found in particulars(entry) if found.value != before.get(found.key)]
    changes: dict[str, Any] = {"fields": "、".join(changed)}
    audit.record(actor, "correct_entry", subject=entry, area_code=entry.area_code, changes=changes)


def _move_identity(entry: ScreeningEntry, declared: ScreeningList, values: Values) -> None:
    """The row answers to its corrected number, unless another row has it."""
    index = identity_index(declared, values)
    with everything("whether somebody is on the list, wherever"), db.session.no_autoflush:
        taken = select(ScreeningEntry.id).where(
            ScreeningEntry.kind == entry.kind,
            ScreeningEntry.identity_index == index,
            ScreeningEntry.id != entry.id,
        )
        if db.session.execute(taken).first():
            raise DomainError(_TAKEN, code="entry_taken")
    entry.identity_index = index


def values_of(entry: ScreeningEntry) -> dict[str, str]:
    """The row's cells by their columns, as its form shows them."""
    others: dict[str, str] = json.loads(entry.particulars) if entry.particulars else {}
    own = {"name": entry.name, "document_number": entry.document_number, "phone": entry.phone, "remark": entry.remark}
    if entry.listed_on:
        own["listed_on"] = entry.listed_on.isoformat()
    return {**others, **{key: value for key, value in own.items() if value}}
