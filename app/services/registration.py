"""Registration by scan: person, form, tie, remembered identity and entry in one transaction (Z-S2, Z-S4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import bindparam, case, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.expression import ClauseElement

from app.domain.errors import DomainError
from app.domain.gate import Passage
from app.domain.labels import N_
from app.domain.venues import VenueFamily
from app.extensions import db
from app.models import EntrySource, Person, Registration, RememberedIdentity
from app.models.encryption import phone_index
from app.services import bindings, checkpoints, health_gate, identities, overseas, scan_entries
from app.services.bindings import ScannedForm
from app.services.checkpoints import Arrival
from app.services.filled_form import FilledForm
from app.services.prepared import Prepared
from app.services.scan_entries import Scan, ScanResult, SentBefore
from app.services.scan_venues import ScanVenue
from app.services.transaction import transactional

T = TypeVar("T")

_PEOPLE = Person.__table__
_FORMS = Registration.__table__
_IDENTITIES = RememberedIdentity.__table__
# What a known person's new form changes of the person.
RENEWED = ("phone", "phone_index", "updated_at")


@dataclass(frozen=True)
class _FormOwner:
    id: int
    is_same_name: bool
    is_new: bool


def register(form: FilledForm, scan: Scan) -> ScanResult:
    """Register whoever filled in `form`, record the entry and return its result.

    The same page sent again returns the first result; SentBefore if it holds another person's form by now.
    """
    try:
        return _once_more_if_raced(lambda: _register(form, scan))
    except SentBefore:
        result = scan_entries.recorded(scan.entry_id, document_index=form.document_index)
        if result is None:
            raise
        return _explained(result, form, scan)


def _explained(result: ScanResult, form: FilledForm, scan: Scan) -> ScanResult:
    """Return the result of a page that came again with the reason that it showed the first time."""
    if scan.venue.kind.family is not VenueFamily.CHECKPOINT:
        return result
    passage = Passage(color=result.color, is_key_area=result.is_key_area)
    return replace(result, reason=checkpoints.explain(form, scan, passage).reason)


def register_known(identity_id: int, scan: Scan) -> ScanResult | None:
    """Record a remembered identity whose tie this scan makes or changes; None where the phone does not know it.

    Error: address_needed, where the scan would tie somebody to a compound who never said where there.
    """
    try:
        return _once_more_if_raced(lambda: _register_known(identity_id, scan))
    except SentBefore:
        return scan_entries.recorded(scan.entry_id)


def _once_more_if_raced(use_case: Callable[[], T]) -> T:
    """Run `use_case`, again if a manager made the same tie between its look and its write."""
    try:
        return use_case()
    except IntegrityError:
        return use_case()


@transactional
def add_resident(form: FilledForm, *, venue: ScanVenue, moment: datetime) -> int:
    """Tie whoever the form is about to `venue` under the policy of the region, without an entry; return the tie's id.

    Managers may add a tie beside others (D4); a tie that is there already takes the new form.
    """
    owner = _owner_of(form, moment)
    scan = Scan(entry_id=0, venue=venue, device_index=None, moment=moment, source=EntrySource.MANUAL)
    registration_id = _keep(form, scan, person_id=owner.id)
    scanned = ScannedForm(
        person_id=owner.id, registration_id=registration_id, declaration=form.declaration, is_new=True
    )
    return bindings.tie(scan, scanned)


@transactional
def _register(form: FilledForm, scan: Scan) -> ScanResult:
    owner = _owner_of(form, scan.moment)
    registration_id = _keep(form, scan, person_id=owner.id)
    scanned = ScannedForm(
        person_id=owner.id,
        registration_id=registration_id,
        declaration=form.declaration,
        is_new=True,
        is_own=owner.is_same_name,
        is_first=owner.is_new,
    )
    if scan.device_index is not None:
        identities.remember(scan.device_index, person_id=owner.id, registration_id=registration_id, moment=scan.moment)
    arrival = Arrival(health_gate.worse(bindings.settle(scan, scanned), form.document_index, scan.moment))
    if scan.venue.kind.family is VenueFamily.CHECKPOINT:
        arrival = checkpoints.arrive(form, scan, arrival.passage, person_id=owner.id, is_own=owner.is_same_name)
    overseas.note_scan(owner.id, scan.venue.kind, scan.moment)
    whose = {"person_id": owner.id, "registration_id": registration_id}
    result = scan_entries.record(scan, arrival.passage, name=form.name, **whose)
    return replace(result, reason=result.reason or arrival.reason)


def _claim_person(dialect: Any) -> ClauseElement:
    """A known person's name stays, and only who gives that name may change the phone: the form neither tells nor
    alters whose number it is."""
    given = {column.name: bindparam(column.name, type_=column.type) for column in _PEOPLE.c if column.name != "id"}
    statement = dialect.insert(_PEOPLE).values(given)
    new, is_same = statement.excluded, _PEOPLE.c.name == statement.excluded.name
    changes = {name: case((is_same, new[name]), else_=_PEOPLE.c[name]) for name in RENEWED}
    claimed: ClauseElement = statement.on_conflict_do_update(index_elements=["document_index"], set_=changes).returning(
        _PEOPLE.c.id, _PEOPLE.c.name, _PEOPLE.c.created_at == given["created_at"]
    )
    return claimed


def _add_form(_dialect: Any) -> ClauseElement:
    given = {column.name: bindparam(column.name, type_=column.type) for column in _FORMS.c if column.name != "id"}
    return insert(_FORMS).values(given).returning(_FORMS.c.id)


_CLAIM_PERSON, ADD_FORM = Prepared(_claim_person), Prepared(_add_form)


def _owner_of(form: FilledForm, moment: datetime) -> _FormOwner:
    """Return the person whose document it is, new or known, with the row locked until the transaction ends."""
    number, name, is_new = _CLAIM_PERSON.run(db.session.connection(), person_values(form, moment))[0]
    return _FormOwner(number, name == form.name, bool(is_new))


def person_values(form: FilledForm, moment: datetime) -> dict[str, Any]:
    """Return a person's row as the form makes it."""
    return {
        "name": form.name,
        "document_type": form.document_type,
        "document_number": form.document_number,
        "document_index": form.document_index,
        "phone": form.phone,
        "phone_index": phone_index(form.phone),
        "created_at": moment,
        "updated_at": moment,
    }


def _keep(form: FilledForm, scan: Scan, *, person_id: int) -> int:
    """Add the form as it was signed; return its number."""
    registration_id: int = ADD_FORM.run(db.session.connection(), form_values(form, scan, person_id=person_id))[0][0]
    return registration_id


def form_values(form: FilledForm, scan: Scan, *, person_id: int) -> dict[str, Any]:
    """Return a form's row, as it was signed."""
    declared = form.declaration
    return {
        "person_id": person_id,
        "venue_id": scan.venue.id,
        "area_code": scan.venue.area_code,
        "created_at": scan.moment,
        "name": form.name,
        "address": form.address,
        "plate": form.plate,
        "is_returnee": declared.is_returnee,
        "arrival_date": declared.arrival_date,
        "transport": declared.transport,
        "is_from_abroad": declared.is_from_abroad,
        "origin_area_code": declared.origin_area_code,
        "origin_country": declared.origin_country,
        "quarantine_method": declared.quarantine_method,
    }


@transactional
def _register_known(identity_id: int, scan: Scan) -> ScanResult | None:
    remembered = _remembered_form(identity_id, scan)
    if remembered is None:
        return None
    form, index = remembered
    if scan.venue.kind.binds and not form.address and bindings.would_bind(form.person_id, scan):
        raise DomainError(N_("首次在小区登记，请填写现住地址等信息"), code="address_needed")
    scanned = ScannedForm(person_id=form.person_id, registration_id=form.id, declaration=form.declaration, is_new=False)
    passage = health_gate.worse(bindings.settle(scan, scanned), index, scan.moment)
    overseas.note_scan(form.person_id, scan.venue.kind, scan.moment)
    return scan_entries.record(scan, passage, person_id=form.person_id, registration_id=form.id, name=form.name)


def _remembered_form(identity_id: int, scan: Scan) -> tuple[Registration, bytes] | None:
    """Return the form behind an identity of this phone and whose document it is, with the person's row locked."""
    # Writing first takes the lock on either database: the row's on PostgreSQL, the only one on SQLite.
    touched = update(_IDENTITIES).where(
        _IDENTITIES.c.id == identity_id, _IDENTITIES.c.device_index == scan.device_index
    )
    found = db.session.execute(
        touched.values(last_used_at=scan.moment).returning(_IDENTITIES.c.person_id, _IDENTITIES.c.registration_id)
    ).one_or_none()
    if found is None:
        return None
    locked = select(_PEOPLE.c.document_index).where(_PEOPLE.c.id == found.person_id).with_for_update()
    index = bytes(db.session.execute(locked).scalar_one())
    return db.session.get_one(Registration, found.registration_id), index
