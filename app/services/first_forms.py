"""The first form of somebody whom nobody knows and who must not quarantine: five rows and nothing to ask (issue 1.5)."""

from __future__ import annotations

from typing import Any

from flask import current_app
from sqlalchemy import Connection, bindparam
from sqlalchemy.sql.expression import ClauseElement

from app import clock
from app.domain.gate import judge_declared
from app.domain.quarantine import QuarantineStatus
from app.domain.returns import Assessment, assess
from app.extensions import db
from app.models import Person
from app.profiles import Profile, load_profile
from app.services import bindings, identities, registration, scan_entries
from app.services.bindings import ScannedForm
from app.services.prepared import Prepared
from app.services.registration import FilledForm
from app.services.scan_entries import Scan, ScanResult, SentBefore

_PEOPLE = Person.__table__


def _add_person(dialect: Any) -> ClauseElement:
    given = {column.name: bindparam(column.name, type_=column.type) for column in _PEOPLE.c if column.name != "id"}
    statement = dialect.insert(_PEOPLE).values(given).on_conflict_do_nothing(index_elements=["document_index"])
    added: ClauseElement = statement.returning(_PEOPLE.c.id)
    return added


_ADD_PERSON = Prepared(_add_person)


def record_plain(form: FilledForm, scan: Scan) -> ScanResult | None:
    """Register a new person without an obligation; None for anybody else, and nothing was done."""
    profile = load_profile(current_app.config["REGION"])
    assessment = assess(profile.quarantine, form.declaration, clock.local_date(scan.moment, profile.zone))
    if assessment.status is not QuarantineStatus.NOT_REQUIRED:
        return None
    try:
        with db.engine.begin() as connection:
            return _record(connection, form, scan, assessment, profile)
    except SentBefore:
        return None


def _record(
    connection: Connection, form: FilledForm, scan: Scan, assessment: Assessment, profile: Profile
) -> ScanResult | None:
    added = _ADD_PERSON.run(connection, registration.person_values(form, scan.moment))
    if not added or scan.device_index is None:
        return None
    person_id = added[0][0]
    form_values = registration.form_values(form, scan, person_id=person_id)
    registration_id = registration.ADD_FORM.run(connection, form_values)[0][0]
    scanned = ScannedForm(
        person_id=person_id, registration_id=registration_id, declaration=form.declaration, is_new=True
    )
    if scan.venue.kind.binds:
        bindings.ADD_TIE.run(connection, bindings.tie_values(scan, scanned, assessment))
    numbers = {"person_id": person_id, "registration_id": registration_id}
    identities.REMEMBER.run(connection, identities.identity_values(scan.device_index, moment=scan.moment, **numbers))
    passage = judge_declared(assessment, clock.local_date(scan.moment, profile.zone), profile.quarantine)
    if not scan_entries.RECORD.run(connection, scan_entries.entry_values(scan, passage, **numbers)):
        raise SentBefore
    return scan_entries.result_of(scan, passage, name=form.name)
