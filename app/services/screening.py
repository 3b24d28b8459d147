"""Work on the rows of screening lists: outcomes, and the dispatch of what no rule could place (SPEC section 6)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm.exc import StaleDataError

from app import clock
from app.access import ScopeViolation, current_scope, everything
from app.domain.areas import AreaLevel, code_at
from app.domain.dispatch import UndispatchedReason
from app.domain.errors import DomainError
from app.domain.labels import N_, Labelled
from app.domain.masking import mask_address, mask_document, mask_phone
from app.domain.roles import Role
from app.domain.screening import EntryOrigin, ScreeningKind, initial_status, status_named
from app.extensions import db
from app.models import Account, AuditEvent, ScreeningEntry, ScreeningOutcome
from app.models.encryption import document_index, phone_index
from app.profiles import Profile, load_profile
from app.services import area_tree, audit, recorded_tests
from app.services.audit import SYSTEM, Actor
from app.services.imports_staging import arrival_of, birth_index, day_of, identity_index
from app.services.imports_staging import particulars as particulars_json
from app.services.lists import ScreeningList, Values, list_of
from app.services.transaction import transactional

_LATEST = 100
_ENTRIES = ScreeningEntry.__table__
_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


@transactional
def add_entry(
    kind: ScreeningKind,
    values: Values,
    *,
    area_code: str,
    source: EntryOrigin,
    actor: Actor = SYSTEM,
    **places: Any,
) -> ScreeningEntry:
    """The row of the list that says `values` (by the keys of its sheet), dispatched to `area_code`.

    Whoever is on the list already, by the sheet's identity, stays as they are: that row comes back. `places` are
    `venue_id`, `category` and `arrived_at`. Raises ScopeViolation outside the area in hand.
    """
    scope, venue_id = current_scope(), places.get("venue_id")
    if not scope.covers(area_code) or (scope.venue_ids is not None and venue_id not in scope.venue_ids):
        raise ScopeViolation("an entry outside the area in hand")
    declared = list_of(kind)
    row = row_values(declared, values) | new_row_values(declared, values)
    row |= {"area_code": area_code, "source": source, "created_by_id": actor.id, **places}
    adding = _INSERT[db.engine.dialect.name](_ENTRIES).values(row)
    adding = adding.on_conflict_do_nothing(index_elements=["kind", "identity_index"]).returning(_ENTRIES.c.id)
    query = select(ScreeningEntry).where(
        ScreeningEntry.kind == kind, ScreeningEntry.identity_index == row["identity_index"]
    )
    with everything("the place was checked above; who is there already is that very person"):
        added = db.session.execute(adding).scalar()
        entry = db.session.execute(query).scalar_one()
    if added is not None:
        changes = {"list": list_of(kind).key, "source": source.label}
        audit.record(actor, "add_entry", subject=entry, area_code=area_code, changes=changes)
    return entry


def row_values(declared: ScreeningList, values: Values) -> dict[str, Any]:
    """What a row holds of its sheet's values."""
    number, phone = values.get("document_number"), values.get("phone")
    kind = declared.document_type(values) if number else None
    return {
        "listed_on": day_of(values.get(declared.listed_on)),
        "name": values.get("name"),
        "document_type": kind,
        "document_number": number,
        "document_index": document_index(kind.name, number) if kind and number else None,
        "phone": phone,
        "phone_index": phone_index(phone) if phone else None,
        "name_birth_index": birth_index(values.get("name"), kind.name if kind else None, number),
        "particulars": particulars_json(declared, values),
        "category": declared.category_of(values),
        "arrived_at": arrival_of(declared, values, _profile().zone),
    }


def new_row_values(declared: ScreeningList, values: Values) -> dict[str, Any]:
    """What every new row begins with."""
    moment = clock.now()
    return {
        "kind": declared.row_kind,
        "identity_index": identity_index(declared, values),
        "remark": values.get("remark"),
        "status": declared.status_of(values) or initial_status(declared.row_kind).name,
        "version": 1,
        "dispatched_at": moment,
        "created_at": moment,
        "updated_at": moment,
    }


def _profile() -> Profile:
    return load_profile(current_app.config["REGION"])


@transactional
def record_outcome(
    entry: ScreeningEntry,
    *,
    status: str,
    remark: str,
    actor: Actor,
    role: Role | None = None,
    version: int | None = None,
) -> ScreeningOutcome:
    """The entry has this status and remark, and an outcome more.

    Errors: outcome, outcome_final, not_received; StaleDataError. `role` is whose outcomes are meant, None the system's.
    `version` is the entry's as its editor saw it: what somebody else recorded meanwhile is not overwritten unseen.
    """
    if version is not None and version != entry.version:
        raise StaleDataError("the entry was changed meanwhile")
    new = status_named(entry.kind, status)
    list_of(entry.kind).check_outcome(status_named(entry.kind, entry.status), new, role)
    return set_status(entry, new, remark=remark.strip(), actor=actor)


@transactional
def receive(entry: ScreeningEntry, *, actor: Actor) -> None:
    """The team has taken the new row over: 「已接收」 (Z-T8). Error: received."""
    receipt = list_of(entry.kind).receipt
    if receipt is None or entry.status != initial_status(entry.kind).name:
        raise DomainError(N_("这条记录已经接收"), code="received")
    set_status(entry, receipt.status, remark=entry.remark or "", actor=actor, action="receive")


def set_status(
    entry: ScreeningEntry, new: Labelled, *, remark: str, actor: Actor, action: str = "record_outcome"
) -> ScreeningOutcome:
    """The entry is in `new`, on record as `action`, in the transaction in hand; whoever calls has checked it."""
    before = status_named(entry.kind, entry.status)
    moment = clock.now()
    entry.status, entry.remark = new.name, remark or None
    entry.worked_at, entry.worked_by_id, entry.updated_at = moment, actor.id, moment
    outcome = ScreeningOutcome(
        entry_id=entry.id,
        status=new.name,
        remark=remark or None,
        recorded_at=moment,
        recorded_by_id=actor.id,
        area_code=entry.area_code,
    )
    db.session.add(outcome)
    recorded_tests.recorded(entry, new, actor=actor)
    # The remark itself may name people; the outcome keeps it, the trail only that there is one.
    changes = {"outcome": [before.label, new.label], "has_remark": bool(remark)}
    audit.record(actor, action, subject=entry, area_code=entry.area_code, changes=changes)
    return outcome


@transactional
def dispatch(entry: ScreeningEntry, *, district_code: str, actor: Actor) -> None:
    """The undispatched entry is the district's. Errors: dispatched, doubtful, district."""
    if entry.is_dispatched:
        raise DomainError(N_("这条记录已经下发"), code="dispatched")
    if entry.undispatched_reason == UndispatchedReason.POSSIBLE_DUPLICATE.name:
        raise DomainError(N_("这条记录可能重复，请先在「疑似重复」中处理"), code="doubtful")
    district = district_labels().get(district_code)
    if district is None:
        raise DomainError(N_("请选择区县"), code="district", field="district")
    moment = clock.now()
    entry.area_code, entry.undispatched_reason = district_code, None
    entry.dispatched_at = entry.updated_at = moment
    audit.record(actor, "dispatch", subject=entry, area_code=district_code, changes={"district": [None, district]})


@transactional
def reassign(entry: ScreeningEntry, *, district_code: str, remark: str, actor: Actor) -> None:
    """The dispatched entry is another district's, with the remark for those who go on. Errors: not_dispatched, district."""
    if not entry.is_dispatched:
        raise DomainError(N_("这条记录还没有下发，请先下发"), code="not_dispatched")
    names = district_labels()
    before = code_at(entry.area_code, AreaLevel.DISTRICT)
    if district_code not in names or district_code == before:
        raise DomainError(N_("请选择另一个区县"), code="district", field="district")
    with everything("a district hands a row on to one that it does not see"):
        entry.area_code, entry.venue_id = district_code, None
        entry.remark = remark.strip() or entry.remark
        entry.dispatched_at = entry.updated_at = clock.now()
        changes = {"district": [names.get(str(before)), names[district_code]], "has_remark": bool(remark.strip())}
        audit.record(actor, "reassign", subject=entry, area_code=district_code, changes=changes)


def district_labels() -> dict[str, str]:
    """Code and name of the region's districts, in the order of their codes."""
    return {record.code: record.name for record in area_tree.current().districts}


@dataclass(frozen=True)
class Particular:
    """One column of the list's sheet with its value for one entry, in full and as screens show it."""

    key: str
    label: str
    value: str
    shown: str

    @property
    def is_masked(self) -> bool:
        return self.shown != self.value


MASKS = {
    "document_number": mask_document,
    "phone": mask_phone,
    "overseas_phone": mask_phone,
    "relative_phone": mask_phone,
    "address": mask_address,
}


def particulars(entry: ScreeningEntry) -> Sequence[Particular]:
    """All columns of the entry's sheet but the remark, in the sheet's order."""
    others: dict[str, str] = json.loads(entry.particulars) if entry.particulars else {}
    own = {
        "listed_on": entry.listed_on.isoformat() if entry.listed_on else "",
        "name": entry.name or "",
        "document_number": entry.document_number or "",
        "phone": entry.phone or "",
    }
    found = []
    for column in list_of(entry.kind).sheet.columns:
        if column.key == "remark":
            continue
        value = own.get(column.key) or others.get(column.key, "")
        mask = MASKS.get(column.key)
        found.append(Particular(column.key, column.title, value, mask(value) if mask and value else value))
    return found


def outcomes_of(entry: ScreeningEntry) -> Sequence[ScreeningOutcome]:
    """What was recorded about the entry, the last contact first."""
    query = select(ScreeningOutcome).where(ScreeningOutcome.entry_id == entry.id)
    with everything("the outcomes of an entry that was fetched in scope"):
        return db.session.execute(query.order_by(ScreeningOutcome.id.desc()).limit(_LATEST)).scalars().all()


def account_names(ids: Iterable[int | None]) -> dict[int, str]:
    """The names of those who worked on a row, wherever in the tree they stand."""
    with everything("who worked on an entry that was fetched in scope"):
        query = select(Account.id, Account.first_name).where(Account.id.in_({key for key in ids if key}))
        return {key: name for key, name in db.session.execute(query)}


def operation_log(entry: ScreeningEntry) -> Sequence[AuditEvent]:
    """Who changed what on the entry, the latest first."""
    return audit.latest_about(entry)
