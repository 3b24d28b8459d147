"""Rows that come from no file: who is on a list, and only once (Z-S6, Z-T5)."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access import ScopeViolation, scope_of, using_scope
from app.domain.roles import Role
from app.domain.screening import EntryOrigin, ScreeningKind
from app.extensions import db
from app.models import AuditEvent, ScreeningEntry
from app.services import screening
from tests.factories import Factories, id_card

KIND = ScreeningKind.RISK_AREA_RETURNEE
TRAVELLER = {
    "listed_on": date(2020, 4, 7),
    "name": "何晓明",
    "document_type": "身份证",
    "document_number": id_card(7),
    "phone": "13900000007",
    "origin": "河北省石家庄市藁城区",
}


def add(values: dict[str, object], area_code: str = "410105") -> ScreeningEntry:
    return screening.add_entry(KIND, values, area_code=area_code, source=EntryOrigin.CHECKPOINT)


def test_a_traveller_from_a_checkpoint_is_on_the_list_of_the_district(app: Flask) -> None:
    entry = add(TRAVELLER)
    assert (entry.status, entry.area_code, entry.is_dispatched) == ("PENDING", "410105", True)
    assert (entry.source, entry.document_number) == (EntryOrigin.CHECKPOINT, id_card(7))
    assert {p.key: p.value for p in screening.particulars(entry)}["origin"] == "河北省石家庄市藁城区"
    event = db.session.execute(select(AuditEvent).where(AuditEvent.action == "add_entry")).scalar_one()
    assert event.actor_label == "系统"


def test_the_same_traveller_on_the_same_day_is_one_row(app: Flask) -> None:
    first = add(TRAVELLER)
    screening.record_outcome(first, status="TESTED_NEGATIVE", remark="", actor=screening.SYSTEM)
    again = add({**TRAVELLER, "phone": "13900000008"}, "410102")
    assert (again.id, again.status, again.area_code) == (first.id, "TESTED_NEGATIVE", "410105")
    assert db.session.execute(select(func.count()).select_from(AuditEvent.__table__)).scalar_one() == 2


def test_a_later_journey_is_a_row_of_its_own(app: Flask) -> None:
    assert add(TRAVELLER).id != add({**TRAVELLER, "listed_on": date(2020, 4, 20)}).id


def test_nobody_adds_a_row_outside_the_area_in_hand(app: Flask, make: Factories) -> None:
    account = make.account(Role.DISTRICT_ADMIN, "410102")
    with using_scope(scope_of(account)), pytest.raises(ScopeViolation):
        add(TRAVELLER, "410105")
