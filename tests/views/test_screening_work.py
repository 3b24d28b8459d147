"""What those who screen go by: what waits today, what is known of the person, who called last (Z-T3, Z-T4, X9)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.domain.quarantine import QuarantineStatus
from app.domain.roles import Role
from app.domain.screening import ScreeningKind, status_named
from app.extensions import db
from app.services import screening
from app.services.audit import SYSTEM
from tests.factories import Factories, phone
from tests.returnees import row_of
from tests.web import post, text


def test_a_police_row_is_verified_with_what_the_compound_knows_of_the_person(
    make: Factories, signed_in: Any, compound: Any
) -> None:
    known, stranger = row_of(ScreeningKind.POLICE, 7, venue=compound), row_of(ScreeningKind.POLICE, 8, venue=compound)
    person = make.person(document_number=known.document_number, phone=phone(7))
    make.residency(person, compound, status=QuarantineStatus.CONFIRMED)
    db.session.commit()
    client = signed_in(Role.COMPOUND_ADMIN)
    assert "应核实" in text(client, "/screening/police/")
    form = text(client, f"/screening/police/{known.id}/do/outcome")
    assert f"小区人员管理：{compound.name} · 已确认隔离" in form
    assert "小区人员管理：小区人员管理中没有此人" in text(client, f"/screening/police/{stranger.id}/do/outcome")
    post(client, f"/screening/police/{known.id}/do/outcome", {"status": "CONFIRMED", "remark": ""})
    done = text(client, "/screening/police/?status=screened")
    assert "已核实, 已确认隔离" in done and "共 1 条" in done


@pytest.mark.parametrize(("word", "count"), [("screened", 2), ("HOME", 1), ("CENTRALIZED", 1), ("PENDING", 1)])
def test_the_command_centres_rows_are_found_by_the_status_or_by_what_it_is_under(
    signed_in: Any, word: str, count: int
) -> None:
    rows = [row_of(ScreeningKind.HEADQUARTERS, serial, area_code="410102") for serial in (1, 2, 3)]
    for row, status in zip(rows, ("HOME", "CENTRALIZED"), strict=False):
        screening.record_outcome(row, status=status, remark="", actor=SYSTEM)
    db.session.commit()
    assert f"共 {count} 条" in text(signed_in(Role.DISTRICT_ADMIN), f"/screening/headquarters/?status={word}")


def test_the_card_of_a_person_shows_every_list_and_the_last_contact_first(signed_in: Any) -> None:
    risk = row_of(ScreeningKind.RISK_AREA_RETURNEE, area_code="410102")
    telecom = row_of(ScreeningKind.TELECOM, area_code="410102")
    row_of(ScreeningKind.RAILWAY, area_code="410105")  # another district's
    row_of(ScreeningKind.NUCLEIC_TEST, 8, area_code="410102")  # another person
    screening.record_outcome(risk, status="ABSENT", remark="上门未遇", actor=SYSTEM)
    screening.record_outcome(telecom, status="UNREACHABLE", remark="三次未接", actor=SYSTEM)
    db.session.commit()
    card = text(signed_in(Role.DISTRICT_ADMIN), f"/screening/risk_returnee/{risk.id}?tab=person").partition("<tbody")[2]
    said = ("通管人员摸排", "联系不上", "三次未接", "中高风险返郑人员排查", "不在", "上门未遇")
    places = [card.find(each) for each in said]
    assert -1 not in places and places == sorted(places)
    assert f"/screening/telecom/{telecom.id}" in card
    assert "火车站人员摸排" not in card and "核酸检测管理" not in card


@pytest.mark.parametrize(
    ("role", "kind", "outcome"),
    [
        (Role.DISTRICT_ADMIN, ScreeningKind.TELECOM, "NORMAL"),
        (Role.STREET_ADMIN, ScreeningKind.POLICE, "CONFIRMED"),
        (Role.COMMUNITY_ADMIN, ScreeningKind.FEVER, "WATCHED"),
        (Role.COMPOUND_ADMIN, ScreeningKind.POLICE, "CONFIRMED"),
        (Role.FLIGHT_TEAM, ScreeningKind.OVERSEAS_RETURNEE, "RECEIVED"),
    ],
    ids=lambda each: getattr(each, "name", each),
)
def test_the_first_page_says_what_waits_and_opens_it(
    signed_in: Any, compound: Any, role: Role, kind: ScreeningKind, outcome: str
) -> None:
    rows = [row_of(kind, serial, venue=compound) for serial in (1, 2, 3)]
    screening.set_status(rows[0], status_named(kind, outcome), remark="", actor=SYSTEM)
    db.session.commit()
    client = signed_in(role)
    line = (
        rf'<a href="([^"]+)"><span class="todo-text"><strong>{kind.label}</strong>.*?<span class="count[^>]*>2</span>'
    )
    waiting = re.search(line, text(client, "/"))
    assert waiting is not None
    assert "共 2 条" in text(client, waiting[1].replace("&amp;", "&"))
    for row in rows[1:]:
        screening.set_status(row, status_named(kind, outcome), remark="", actor=SYSTEM)
    db.session.commit()
    assert f"<strong>{kind.label}</strong>" not in text(client, "/")
