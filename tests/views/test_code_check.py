"""「核验健康码」: what whoever checks learns, what is put on record, and what is refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import clock
from app.domain.colors import Color
from app.domain.health import EvidenceKind
from app.domain.roles import Role
from app.extensions import db, redis_connection
from app.models import AuditEvent, DoubleSighting, HealthCode, LookUp, TokenSighting
from app.models.encryption import phone_index
from app.services import code_checks, code_tokens, evidence
from app.services.audit import SYSTEM
from tests.factories import Factories
from tests.health import known
from tests.web import csrf_token, post

NUMBER = "350100123456"


@pytest.fixture
def code(app: Flask, make: Factories) -> HealthCode:
    """The code of 何晓明, green."""
    person, moment = make.person("何晓明"), clock.now()
    code = HealthCode(
        person_id=person.id,
        number=NUMBER,
        phone_index=phone_index(person.phone),
        area_code="410102",
        created_at=moment,
        updated_at=moment,
    )
    db.session.add(code)
    db.session.commit()
    return code


@pytest.fixture
def guard(login_as: Any, make: Factories) -> FlaskClient:
    client: FlaskClient = login_as(Role.COMPOUND_ADMIN, venues=[make.venue()])
    return client


def token(*, age: int = 0, color: Color = Color.GREEN) -> str:
    return code_tokens.issue(NUMBER, color, clock.now() - timedelta(seconds=age))


def look(client: FlaskClient, shown: str, **details: Any) -> Any:
    return post(client, "/check/", {"shown": shown}, **details)


def make_red(code: HealthCode) -> None:
    person = code.person
    about = {"document_type": person.document_type, "document_number": person.document_number, "name": person.name}
    evidence.bring(known(EvidenceKind.CLOSE_CONTACT, **about), actor=SYSTEM)


def sightings() -> list[TokenSighting]:
    return list(db.session.execute(db.select(TokenSighting).order_by(TokenSighting.id)).scalars())


def test_a_live_code_shows_color_masked_name_and_sentence(guard: FlaskClient, code: HealthCode) -> None:
    make_red(code)
    page = look(guard, token(color=Color.RED)).text
    for text in ("红码", "何*", "您是病例的密切接触者。", "禁止出入", "秒前生成"):
        assert text in page, text
    assert "何晓明" not in page


def test_the_present_color_counts_not_the_one_in_the_token(guard: FlaskClient, code: HealthCode) -> None:
    shown = token(color=Color.GREEN)
    make_red(code)
    page = look(guard, shown).text
    assert "verdict-red" in page and "verdict-green" not in page


def test_twelve_digits_do_without_a_camera(guard: FlaskClient, code: HealthCode) -> None:
    page = look(guard, "3501 0012 3456").text
    assert "绿码" in page and "何*" in page and "按12位编号查询" in page


@pytest.mark.parametrize(
    ("shown", "message"),
    [
        ("350100123457", "没有这个健康码"),
        ("12345", "这不是健康码"),
        ("", "这不是健康码"),
        ("https://e.cn/C/X", "这不是健康码"),
    ],
)
def test_what_is_no_code_of_ours_is_refused(guard: FlaskClient, code: HealthCode, shown: str, message: str) -> None:
    answer = look(guard, shown)
    assert answer.status_code == 422 and message in answer.text
    assert db.session.execute(db.select(LookUp)).first() is None


def test_a_screenshot_is_told_from_a_live_code(guard: FlaskClient, code: HealthCode) -> None:
    assert "可能是截图" in look(guard, token(age=91)).text
    assert "绿码" in look(guard, token(age=80)).text


def test_who_looked_and_from_which_office_is_on_record(guard: FlaskClient, code: HealthCode) -> None:
    look(guard, token())
    row = db.session.execute(db.select(LookUp)).scalar_one()
    assert row.document_index == code.person.document_index
    assert row.account_id == guard.account_id  # type: ignore[attr-defined]
    assert "小区管理员" in row.office


def test_a_code_at_two_places_at_once_is_flagged(
    guard: FlaskClient, login_as: Any, make: Factories, code: HealthCode
) -> None:
    shown, other = token(), login_as(Role.COMPOUND_ADMIN, venues=[make.venue()])
    assert "另一处" not in look(guard, shown).text
    assert "另一处" in look(other, shown).text
    assert [row.is_elsewhere for row in sightings()] == [False, True]
    events = db.session.execute(db.select(AuditEvent.action)).scalars().all()
    assert events.count("同一健康码同时出现在两处") == 1


def test_whoever_saw_the_code_first_is_told_where_it_appeared_next(
    guard: FlaskClient, login_as: Any, make: Factories, code: HealthCode
) -> None:
    other = login_as(Role.COMPOUND_ADMIN, venues=[make.venue(name="别处小区")])
    look(guard, token())
    assert guard.get("/check/elsewhere").text.strip() == ""
    look(other, token())
    for page in (guard.get("/check/elsewhere").text, guard.get("/check/").text):
        assert "何*" in page and "尾号 3456" in page and "别处小区" in page
    assert other.get("/check/elsewhere").text.strip() == ""


def test_the_district_lists_both_places_and_the_dashboard_counts_them(
    guard: FlaskClient, login_as: Any, make: Factories, code: HealthCode
) -> None:
    other = login_as(Role.COMPOUND_ADMIN, venues=[make.venue(name="别处小区")])
    for client in (guard, other):
        look(client, token())
    row = db.session.execute(db.select(DoubleSighting)).scalar_one()
    district, stranger = login_as(Role.DISTRICT_ADMIN, "410102"), login_as(Role.DISTRICT_ADMIN, "410103")
    listed = district.get("/double-sightings/?lately=y").text
    for text in ("何*", "**** **** 3456", row.first_place, "别处小区"):
        assert text in listed, text
    assert NUMBER not in listed
    assert "一码两处（24小时）" in district.get("/dashboard/").text
    before = db.session.execute(db.select(db.func.count(LookUp.id))).scalar_one()
    assert "核验人" in district.get(f"/double-sightings/{row.id}").text
    assert db.session.execute(db.select(db.func.count(LookUp.id))).scalar_one() == before + 1
    assert "别处小区" not in stranger.get("/double-sightings/").text
    assert stranger.get(f"/double-sightings/{row.id}").status_code == 404


def test_two_gates_of_one_compound_are_one_place(login_as: Any, make: Factories, code: HealthCode) -> None:
    venue, shown = make.venue(), token()
    first, second = (login_as(Role.COMPOUND_ADMIN, venues=[venue]) for _ in range(2))
    look(first, shown)
    assert "另一处" not in look(second, shown).text


def test_the_next_place_later_is_no_flag(app: Flask, make: Factories, code: HealthCode) -> None:
    account, moment = make.account(Role.SCANNER), clock.now()

    def flagged(place: str, at: datetime) -> bool:
        return code_checks.check(NUMBER, account=account, place=place, moment=at).is_elsewhere

    assert [flagged("venue:1", moment), flagged("venue:2", moment + timedelta(seconds=90))] == [False, False]
    assert flagged("venue:3", moment + timedelta(seconds=120))


def test_sightings_go_after_a_day(app: Flask, make: Factories, code: HealthCode) -> None:
    account, moment = make.account(Role.SCANNER), clock.now()
    for hours in (25, 1):
        code_checks.check(NUMBER, account=account, place="venue:1", moment=moment - timedelta(hours=hours))
    assert code_checks.purge_sightings(moment) == 1
    assert len(sightings()) == 1


def test_what_was_flagged_stays_for_thirty_days(app: Flask, make: Factories, code: HealthCode) -> None:
    account, moment = make.account(Role.SCANNER), clock.now() - timedelta(days=30, minutes=1)
    for place in ("venue:1", "venue:2"):
        code_checks.check(NUMBER, account=account, place=place, moment=moment)
    code_checks.purge_sightings(moment + timedelta(days=29))
    assert len(list(db.session.execute(db.select(DoubleSighting)).scalars())) == 1
    code_checks.purge_sightings(clock.now())
    assert db.session.execute(db.select(DoubleSighting)).first() is None


def test_an_account_checks_sixty_codes_a_minute(app: Flask, guard: FlaskClient, code: HealthCode) -> None:
    sent = {"csrf_token": csrf_token(guard), "shown": "1"}
    answers = [guard.post("/check/", data=sent).status_code]
    [counted] = redis_connection().keys("limit:code:check:minute:*")
    assert 0 < redis_connection().ttl(counted) <= 60
    redis_connection().persist(counted)  # the minute lasts as long as the rest takes, on the slowest machine
    answers += [guard.post("/check/", data=sent).status_code for _ in range(60)]
    assert answers == [422] * 60 + [429]


def test_scripts_get_the_verdict_alone(guard: FlaskClient, code: HealthCode) -> None:
    page = look(guard, token(), headers={"X-Requested-With": "fetch"}).text
    assert page.lstrip().startswith('<div class="verdict verdict-green">')


def test_the_camera_is_for_this_page_and_nothing_comes_from_outside(guard: FlaskClient) -> None:
    headers = guard.get("/check/").headers
    assert "camera=(self)" in headers["Permissions-Policy"]
    assert "'strict-dynamic' 'wasm-unsafe-eval';" in headers["Content-Security-Policy"]
    assert "http" not in headers["Content-Security-Policy"]
    assert "wasm-unsafe-eval" not in guard.get("/").headers["Content-Security-Policy"]


@pytest.mark.parametrize("role", [Role.DISTRICT_ADMIN, Role.AUDITOR, Role.SYSTEM_ADMIN])
def test_who_does_not_stand_at_a_gate_does_not_check(login_as: Any, code: HealthCode, role: Role) -> None:
    client = login_as(role)
    assert look(client, NUMBER).status_code == 403
    assert sightings() == []
