"""2022: two officials turned 1,317 people red on their word. Here one alone tries every way, and nobody is (X3, X4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import clock
from app.access import scope_of, using_scope
from app.domain.approval import HANDED_OVER_DAYS
from app.domain.colors import Color
from app.domain.errors import DomainError
from app.domain.health import EvidenceKind
from app.domain.roles import Role
from app.extensions import db
from app.models import Account, AuditEvent, Evidence, EvidenceSource, HealthState, ScreeningEntry
from app.services import accounts, evidence, residents
from app.services.accounts import Appointment, Correction
from app.services.audit import SYSTEM, Actor
from app.services.residents import PersonDetails
from tests.factories import Factories, phone
from tests.health import DISTRICT, known
from tests.lists import import_list
from tests.police_sheet import numbers, write_sheet
from tests.web import csrf_token

PEOPLE = 1317


def reds() -> int:
    query = select(func.count()).select_from(HealthState).where(HealthState.color == Color.RED)
    return db.session.execute(query).scalar_one()


def form_about(number: str, token: str) -> dict[str, str]:
    """「录入依据」 about a depositor, filled in."""
    return {
        "csrf_token": token,
        "document_type": "ID_CARD",
        "document_number": number,
        "name": "储户",
        "kind": "POLICE_KEY_PERSON",
        "level": "",
        "from_day": clock.now().date().isoformat(),
        "ground": "medical_report",
        "text": "按领导要求",
    }


def test_by_form_twenty_proposals_color_nobody_and_the_next_raises_an_alarm(app: Flask, login_as: Any) -> None:
    official: FlaskClient = login_as(Role.CITY_ADMIN)
    token, people = csrf_token(official), numbers(22)
    answers = [official.post("/evidence/new", data=form_about(number, token)) for number in people]
    assert [answer.status_code for answer in answers[:20]] == [302] * 20
    assert all("一小时内人工录入已达 20 条" in answer.text for answer in answers[20:])
    proposed = list(db.session.execute(select(Evidence.id)).scalars())
    assert len(proposed) == 20
    for number in proposed:
        official.post(f"/evidence-proposals/{number}/do/approve", data={"csrf_token": token, "confirmed": "1"})
    assert reds() == 0
    alarms = select(func.count()).where(AuditEvent.action == "alarm_manual_evidence")
    assert db.session.execute(alarms).scalar_one() == 2


def test_by_import_the_list_waits_for_somebody_else(app: Flask, make: Factories, tmp_path: Path) -> None:
    official = make.account(Role.CITY_ADMIN)
    import_list("police", write_sheet(tmp_path / "depositors.csv", numbers(PEOPLE)), official)
    assert reds() == 0
    assert db.session.execute(select(func.count()).select_from(ScreeningEntry)).scalar_one() == 0


def test_by_many_small_imports_the_fifty_first_person_waits(app: Flask, make: Factories, tmp_path: Path) -> None:
    official, people = make.account(Role.CITY_ADMIN), numbers(200)
    for start in range(0, 200, 40):
        path = write_sheet(tmp_path / f"part{start}.csv", people[start : start + 40])
        import_list("police", path, official)
    assert reds() == 40


def run(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=list(words))
    return result.exit_code, result.output


def test_by_command_the_same_guard_holds(app: Flask, make: Factories, tmp_path: Path) -> None:
    phone = make.account(Role.CITY_ADMIN).phone
    db.session.commit()
    sheet = write_sheet(tmp_path / "depositors.csv", numbers(PEOPLE))
    code, told = run(app, "lists", "import", "police", str(sheet), "--as", phone)
    assert code == 1 and f"{PEOPLE} 人变色" in told
    change = told.rpartition("变更 ")[2].partition("）")[0]
    code, told = run(app, "health", "approve", change, "--as", phone)
    assert code == 1 and "不能审批自己提交的内容" in told
    assert reds() == 0


def test_by_command_a_second_person_brings_it_about_and_takes_it_back(
    app: Flask, make: Factories, tmp_path: Path
) -> None:
    one, other = make.account(Role.CITY_ADMIN).phone, make.account(Role.CITY_ADMIN).phone
    db.session.commit()
    sheet = write_sheet(tmp_path / "depositors.csv", numbers(60))
    _, told = run(app, "lists", "import", "police", str(sheet), "--as", one)
    change = told.rpartition("变更 ")[2].partition("）")[0]
    assert run(app, "health", "approve", change, "--as", other)[0] == 0
    assert reds() == 60
    assert run(app, "health", "roll-back", change, "--reason", "无依据", "--as", other)[0] == 0
    assert reds() == 0


def api_rules(app: Flask) -> Sequence[Any]:
    return [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")]


@pytest.mark.parametrize("role", [Role.CITY_ADMIN, Role.SYSTEM_ADMIN])
def test_by_api_there_is_no_way_in(app: Flask, login_as: Any, role: Role) -> None:
    client: FlaskClient = login_as(role)
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        for name in ("evidence", "healthstate", "health_state", "changeset", "screeningentry", "security/users"):
            for method in ("POST", "PUT", "DELETE"):
                answer = client.open(f"/api/v1/{name}/", method=method, json={"color": "RED"})
                assert answer.status_code in (401, 403, 404, 405), name
    finally:
        app.config["WTF_CSRF_ENABLED"] = True
    assert api_rules(app) == []
    assert db.session.execute(select(func.count()).select_from(Evidence)).scalar_one() == 0


def test_by_correcting_a_document_number_nobody_turns_red_or_green(app: Flask, make: Factories) -> None:
    red = known(EvidenceKind.CLOSE_CONTACT)
    evidence.bring(red, actor=SYSTEM)
    tie, manager = make.residency(), Actor.of(make.account(Role.COMPOUND_ADMIN))
    db.session.commit()
    person = tie.person
    kind, own = person.document_type, person.document_number

    def correct(number: str) -> None:
        details = PersonDetails(
            name=person.name, document_type=kind, document_number=number, phone=person.phone, address=None, plate=None
        )
        residents.correct_person(tie, details, manager)

    with pytest.raises(DomainError, match="由绿码变为红码"):
        correct(red.document_number)
    correct(numbers(1)[0])
    evidence.bring(known(EvidenceKind.CLOSE_CONTACT, document_number=person.document_number), actor=SYSTEM)
    with pytest.raises(DomainError, match="由红码变为绿码"):
        correct(own)


def proposed_by(account: Account) -> Evidence:
    new = known(EvidenceKind.POLICE_KEY_PERSON, source_kind=EvidenceSource.MANUAL)
    with using_scope(scope_of(account)):
        return evidence.propose(new, ground="medical_report", text="按领导要求", account=account)


@pytest.mark.parametrize("way", ["appoint", "correct"])
def test_by_a_second_account_whose_phone_is_ones_own(app: Flask, make: Factories, way: str) -> None:
    official, honest = make.account(Role.CITY_ADMIN), make.account(Role.CITY_ADMIN)
    own_phone = phone(90_000_811)
    if way == "appoint":
        wanted = Appointment(phone=own_phone, name="某某", role=Role.DISTRICT_ADMIN, area_code=DISTRICT)
        puppet = accounts.appoint(wanted, appointer=official)
    else:
        puppet = make.account(Role.DISTRICT_ADMIN, DISTRICT)
        accounts.correct(puppet, Correction(phone=own_phone), appointer=official)
    row = proposed_by(puppet)
    with pytest.raises(DomainError) as refused:
        evidence.approve(row.id, account=official)
    assert refused.value.code == "own_hands" and reds() == 0
    evidence.approve(row.id, account=honest)
    assert reds() == 1


def test_a_name_that_was_corrected_puts_no_account_into_other_hands(app: Flask, make: Factories) -> None:
    official, district = make.account(Role.CITY_ADMIN), make.account(Role.DISTRICT_ADMIN, DISTRICT)
    accounts.correct(district, Correction(name="新名"), appointer=official)
    evidence.approve(proposed_by(district).id, account=official)
    assert reds() == 1


def test_an_account_that_is_a_week_old_is_its_owners(app: Flask, make: Factories, monkeypatch: Any) -> None:
    official, district = make.account(Role.CITY_ADMIN), make.account(Role.DISTRICT_ADMIN, DISTRICT)
    now = clock.now()
    with monkeypatch.context() as earlier:
        earlier.setattr(clock, "now", lambda: now - timedelta(days=HANDED_OVER_DAYS, minutes=1))
        accounts.correct(district, Correction(phone=phone(90_000_812)), appointer=official)
    evidence.approve(proposed_by(district).id, account=official)
    assert reds() == 1


WRITERS = {"health_states.py"}


def test_only_one_service_writes_a_color() -> None:
    app_directory = Path(__file__).parents[2] / "app"
    writing = [
        path.name
        for path in app_directory.rglob("*.py")
        if (text := path.read_text(encoding="utf-8"))
        and any(
            word in text for word in ("insert(_STATES", "inserting(_STATES", "update(_STATES", "UPDATE health_state")
        )
    ]
    assert set(writing) == WRITERS
