"""What a list's rows are evidence of: through the guard before the batch enters, in its transaction, and back (X4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask import current_app
from sqlalchemy import Select, bindparam, func, insert, select, update

from app import clock
from app.access import everything
from app.domain.areas import AreaLevel, area_level
from app.domain.health import Fact
from app.domain.masking import mask_document, mask_name
from app.domain.roles import Role
from app.extensions import db
from app.models import (
    Account,
    ChangeCause,
    ChangeSet,
    ChangeSetState,
    Evidence,
    EvidenceState,
    ImportBatch,
    ImportRow,
    ScreeningEntry,
)
from app.models.encryption import key_ring
from app.profiles import load_profile
from app.services import change_sets, evidence, simulation
from app.services.audit import Actor
from app.services.change_sets import Change
from app.services.lists import ListEvidence, list_of
from app.services.simulation import Preview

_CHUNK = 2_000
_ROWS, _ENTRIES, _EVIDENCE = ImportRow.__table__, ScreeningEntry.__table__, Evidence.__table__
_WHOLE = "a batch colours people wherever they live"
_ENDING = update(_EVIDENCE).where(_EVIDENCE.c.id == bindparam("number"))
_STAGED_NUMBER = "screening_entry.document_number"
# Who answers for a row of an area of that level.
_OWNERS = {
    AreaLevel.PROVINCE: Role.CITY_ADMIN,
    AreaLevel.CITY: Role.CITY_ADMIN,
    AreaLevel.DISTRICT: Role.DISTRICT_ADMIN,
    AreaLevel.STREET: Role.STREET_ADMIN,
    AreaLevel.COMMUNITY: Role.COMMUNITY_ADMIN,
}


def preview(batch: ImportBatch) -> Preview:
    """What the staged rows of a batch would change; nothing for a list that colours nobody."""
    declared = list_of(batch.kind).evidence
    if declared is None:
        return Preview()
    with everything(_WHOLE):
        added, ended = _staged_facts(batch, declared), _disproved(_staged_tests(batch, declared))
        people = sorted({*added, *ended.values()})
        return simulation.of_facts(people, added=added, ends=ended, names=lambda found: _staged_names(batch, found))


def _staged_facts(batch: ImportBatch, declared: ListEvidence) -> dict[bytes, list[Fact]]:
    moment, found = clock.now(), dict[bytes, list[Fact]]()
    query = select(_ROWS.c.document_index, _ROWS.c.listed_on, _ROWS.c.category).where(
        _ROWS.c.batch_id == batch.id, _ROWS.c.document_index.is_not(None)
    )
    if declared.status is not None:
        query = query.where(_ROWS.c.status == declared.status.name)
    for index, day, category in db.session.execute(query):
        fact = Fact(kind=declared.kind_of(category), level=declared.level, began_at=_beginning(day, moment))
        found.setdefault(bytes(index), []).append(fact)
    return found


def _staged_tests(batch: ImportBatch, declared: ListEvidence) -> dict[bytes, datetime]:
    """Who was tested negative by the staged rows, and when last."""
    query = select(_ROWS.c.document_index, func.max(_ROWS.c.listed_on)).group_by(_ROWS.c.document_index)
    return _tests(query.where(_ROWS.c.batch_id == batch.id), _ROWS, declared)


def _entered_tests(batch: ImportBatch, declared: ListEvidence) -> dict[bytes, datetime]:
    query = select(_ENTRIES.c.document_index, func.max(_ENTRIES.c.listed_on)).group_by(_ENTRIES.c.document_index)
    return _tests(query.where(_ENTRIES.c.batch_id == batch.id), _ENTRIES, declared)


def _tests(query: Select[Any], table: Any, declared: ListEvidence) -> dict[bytes, datetime]:
    if declared.disproves is None:
        return {}
    moment = clock.now()
    query = query.where(table.c.document_index.is_not(None), table.c.status == declared.disproves.name)
    return {bytes(index): _beginning(day, moment) for index, day in db.session.execute(query)}


def _disproved(tested: Mapping[bytes, datetime]) -> dict[int, bytes]:
    """The evidence in force that these tests disprove, and about whom.

    Only the day of a test is known: what began later on that day is not disproved by it.
    """
    found: dict[int, bytes] = {}
    people = sorted(tested)
    for start in range(0, len(people), _CHUNK):
        for number, index, began_at in evidence.disprovable(people[start : start + _CHUNK]):
            if began_at <= tested[index]:
                found[number] = index
    return found


def _beginning(day: date | None, moment: datetime) -> datetime:
    zone = load_profile(current_app.config["REGION"]).zone
    return clock.day_bounds(day, zone)[0] if day else moment


def _staged_names(batch: ImportBatch, people: Sequence[bytes]) -> Mapping[bytes, tuple[str, str]]:
    query = select(_ROWS.c.document_index, _ROWS.c.name, _ROWS.c.document_number)
    query = query.where(_ROWS.c.batch_id == batch.id, _ROWS.c.document_index.in_(people))
    return {
        bytes(row.document_index): (
            mask_name(row.name or ""),
            mask_document(key_ring().decrypt(bytes(row.document_number), _STAGED_NUMBER)),
        )
        for row in db.session.execute(query)
    }


def holds_back(batch: ImportBatch) -> bool:
    """Whether the batch has to wait for a second person; its change of colours is on record either way."""
    declared = list_of(batch.kind).evidence
    if declared is None:
        return False
    found = change_sets.of_cause(ChangeCause.IMPORT, batch.id)
    if found is not None:
        return found.state is not ChangeSetState.APPROVED
    shown, creator = preview(batch), db.session.get_one(Account, batch.created_by_id)
    must_wait = declared.must_wait or not change_sets.is_small(shown, creator)
    change = Change(cause=ChangeCause.IMPORT, cause_id=batch.id, title=batch.file_name)
    change_sets.open_set(change, shown, account=creator, must_wait=must_wait)
    return must_wait


def bring(batch: ImportBatch) -> None:
    """Each new row of the batch is evidence, in the transaction in which it enters its list."""
    declared, found = list_of(batch.kind).evidence, change_sets.of_cause(ChangeCause.IMPORT, batch.id)
    if declared is None or found is None:
        return
    with everything(_WHOLE):
        ended = {"ending_change_set_id": found.id, "end_reason": evidence.TESTED_NEGATIVE}
        for chunk in _chunks({"number": number} for number in _disproved(_entered_tests(batch, declared))):
            db.session.execute(_ENDING.values(ended), chunk, execution_options={"synchronize_session": False})
        for chunk in _chunks(_new_rows(batch, declared, found)):
            db.session.execute(insert(_EVIDENCE), chunk)
        change_sets.applied(found)


def _chunks(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _new_rows(batch: ImportBatch, declared: ListEvidence, found: ChangeSet) -> Iterator[dict[str, Any]]:
    moment = clock.now()
    columns = ("id", "document_index", "document_type", "document_number", "name", "listed_on", "area_code", "category")
    query = select(*(_ENTRIES.c[name] for name in columns)).where(
        _ENTRIES.c.batch_id == batch.id, _ENTRIES.c.document_index.is_not(None)
    )
    if declared.status is not None:
        query = query.where(_ENTRIES.c.status == declared.status.name)
    for row in db.session.execute(query).all():
        yield {
            "document_index": bytes(row.document_index),
            "document_type": row.document_type,
            "document_number": row.document_number,
            "name": row.name or "",
            "kind": declared.kind_of(row.category),
            "level": declared.level,
            "source_kind": declared.source,
            "source_id": row.id,
            "batch_id": batch.id,
            "change_set_id": found.id,
            "began_at": _beginning(row.listed_on, moment),
            "area_code": row.area_code,
            "owner_role": _OWNERS[area_level(row.area_code)],
            "brought_by_id": batch.created_by_id,
            "created_at": moment,
            "state": EvidenceState.IN_FORCE,
        }


def give_up(batch: ImportBatch, *, actor: Actor) -> None:
    """A change of colours that still waits is withdrawn with its batch."""
    found = change_sets.of_cause(ChangeCause.IMPORT, batch.id)
    if found is not None and found.state in (ChangeSetState.WAITING, ChangeSetState.APPROVED):
        change_sets.withdraw(found, actor=actor)


def take_back(batch: ImportBatch, *, actor: Actor) -> None:
    """The batch's evidence colours nobody any more; everybody's colour is as without it."""
    found = change_sets.of_cause(ChangeCause.IMPORT, batch.id)
    if found is not None and found.state is ChangeSetState.APPLIED:
        with everything(_WHOLE):
            change_sets.undo(found, actor)
