"""Green and orange (F-P2): each condition arrives, colours, and shows on every page that shows a colour."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import clock
from app.domain.colors import Color
from app.domain.health import EvidenceKind
from app.domain.quarantine import QuarantineStatus
from app.domain.risk import RiskLevel
from app.domain.roles import Role
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import EntryRecord, ScreeningEntry, Venue
from app.services import demo, entry_counts, evidence, health_colors
from app.services.audit import SYSTEM
from app.services.quarantine import today
from tests.factories import Factories
from tests.health import known
from tests.scan_pages.code_phone import CodePhone
from tests.scan_pages.phone import GOOD_FORM, Phone
from tests.web import post

DISTRICT = "350102"
COMMUNITY = "350102001001"
SIX_CONDITIONS = {
    EvidenceKind.CONFIRMED_CASE: "You are a confirmed case of COVID-19.",
    EvidenceKind.SUSPECTED_CASE: "You are a suspected case of COVID-19.",
    EvidenceKind.CLOSE_CONTACT: "You are likely a close contact of a confirmed or suspected case.",
    EvidenceKind.RISK_AREA_ARRIVAL: "You come from a high-incidence area.",
    EvidenceKind.CLOSED_COMPOUND: "You are a resident of a compound under closed management.",
    EvidenceKind.FEVER_CLINIC: "You visited a fever clinic within 14 days.",
    EvidenceKind.ANTIPYRETIC: "You bought antipyretics within 14 days.",
}


NAME, NUMBER = str(GOOD_FORM["name"]), str(GOOD_FORM["document_number"])


@pytest.fixture
def compound(app: Flask, make: Factories) -> Venue:
    venue: Venue = make.venue(area_code=COMMUNITY)
    db.session.commit()
    return venue


def turn_orange(kind: EvidenceKind, *, name: str = NAME, number: str = NUMBER) -> None:
    level = RiskLevel.MEDIUM if kind is EvidenceKind.RISK_AREA_ARRIVAL else None
    evidence.bring(known(kind, document_number=number, name=name, area_code=DISTRICT, level=level), actor=SYSTEM)


def code_of(phone: CodePhone, **details: str) -> str:
    """Apply, and return where the code is; the form of the code and that of the gate are the same person's."""
    return phone.code_url(residence_district="3501", **details)


def entries() -> list[EntryRecord]:
    return list(db.session.execute(db.select(EntryRecord).order_by(EntryRecord.id)).scalars())


def test_a_green_code_bears_the_provinces_name(app: Flask) -> None:
    phone = CodePhone(app)
    form = phone.get("/code/apply").text
    assert "福建居住地址" in form and "福州市" in form and '<p class="fixed">福建省</p>' in form
    page = phone.get(code_of(phone)).text
    assert "八闽健康码" in page and "<h1>绿码</h1>" in page and "tint-green" in page and "郑好码" not in page


@pytest.mark.parametrize(("kind", "sentence"), SIX_CONDITIONS.items())
def test_each_condition_turns_the_code_page_orange_and_says_why(app: Flask, kind: EvidenceKind, sentence: str) -> None:
    phone = CodePhone(app)
    url = code_of(phone)
    turn_orange(kind)
    page = phone.get(url).text
    assert "tint-orange" in page and "<h1>橙码</h1>" in page and "why-orange" in page
    assert "橙码表示健康状况核验不通过" in page and "我要申诉" in page
    assert "tint-red" not in page and "tint-yellow" not in page
    english = phone.get(f"{url}?lang=en").text
    assert sentence in english and "Orange: the health check was not passed" in english
    token = phone.get(f"{url}/token").json
    assert token is not None and token["tone"] == "orange"


def test_a_risky_answer_of_the_form_is_orange_and_appealable(app: Flask) -> None:
    phone = CodePhone(app)
    page = phone.get(code_of(phone, condition="FEVER")).text
    assert "<h1>橙码</h1>" in page and "您申报了发热等症状或接触史。" in page and "我要申诉" in page


@pytest.mark.parametrize("kind", SIX_CONDITIONS)
def test_the_gate_shows_orange_with_its_sentence_and_lets_nobody_pass(
    app: Flask, compound: Venue, kind: EvidenceKind
) -> None:
    turn_orange(kind)
    phone = Phone(app)
    first, again = phone.fill_in(compound).text, phone.tap(compound).text
    for page in (first, again):
        assert "tint-orange" in page and "橙码" in page and "橙码：健康状况核验不通过，禁止出入" in page
    assert [entry.color for entry in entries()] == [Color.ORANGE, Color.ORANGE]


def test_at_a_checkpoint_an_orange_origin_sounds_the_alarm_and_is_listed(app: Flask, make: Factories) -> None:
    station = make.venue(VenueKind.RAILWAY_STATION, DISTRICT)
    db.session.commit()
    turn_orange(EvidenceKind.RISK_AREA_ARRIVAL)
    origin = {"origin_province": "31", "origin_city": "3101", "origin_district": "310115"}
    page = Phone(app).fill_in(station, is_from_abroad="no", **origin).text
    assert "tint-orange alarm" in page and "data-alarm" in page and "tint-red" not in page
    (entry,) = entries()
    assert (entry.color, entry.is_key_area) == (Color.ORANGE, True)
    listed = db.session.execute(db.select(ScreeningEntry)).scalar_one()
    assert listed.area_code == DISTRICT


@pytest.mark.parametrize("days", [0, 13])
def test_somebody_in_quarantine_is_orange_at_the_gate_too(
    app: Flask, make: Factories, compound: Venue, days: int
) -> None:
    make.residency(
        make.person(NAME, document_number=NUMBER),
        compound,
        status=QuarantineStatus.CONFIRMED,
        since=today() - timedelta(days=days),
    )
    db.session.commit()
    phone = Phone(app)
    pages = [phone.fill_in(compound).text, phone.tap(compound).text]
    assert all("tint-orange" in page for page in pages)
    assert {entry.color for entry in entries()} == {Color.ORANGE}


def test_the_residents_list_and_record_show_orange(make: Factories, compound: Venue, login_as: Any) -> None:
    since = today() - timedelta(days=9)
    make.residency(make.person("橙某"), compound, status=QuarantineStatus.CONFIRMED, since=since)
    tie = make.residency(make.person("绿某"), compound)
    turn_orange(EvidenceKind.ANTIPYRETIC, name="绿某", number=tie.person.document_number)
    manager: FlaskClient = login_as(Role.COMPOUND_ADMIN, COMMUNITY, venues=[compound])
    for path in ("/residents/", "/m/residents/"):
        assert manager.get(path).status_code == 200
    page = manager.get("/residents/").text
    tones = {name: tone for tone, name in re.findall(r'<tr role="row" class="row-(\w+)".*?(橙某|绿某)', page, re.S)}
    assert tones == {"橙某": "orange", "绿某": "green"}
    record = manager.get(f"/residents/{tie.id}").text
    assert "tag-orange" in record and "橙码" in record and "您 14 天内有购买退烧药品记录。" in record


def test_the_guard_who_checks_a_code_sees_orange(app: Flask, make: Factories, compound: Venue, login_as: Any) -> None:
    phone = CodePhone(app)
    url = code_of(phone)
    turn_orange(EvidenceKind.CLOSE_CONTACT)
    token = phone.get(f"{url}/token").json
    assert token is not None
    guard: FlaskClient = login_as(Role.COMPOUND_ADMIN, COMMUNITY, venues=[compound])
    page = post(guard, "/check/", {"shown": token["address"]}).text
    assert "verdict-orange" in page and "橙码" in page and "禁止出入" in page
    assert 'data-word-orange="橙码"' in page


def test_orange_entries_are_the_abnormal_ones(app: Flask, make: Factories, compound: Venue, login_as: Any) -> None:
    tie = make.residency(venue=compound)
    make.entry(tie, color=Color.ORANGE)
    make.entry(tie)
    db.session.commit()
    assert entry_counts.entry_counts().abnormal_today == 1
    province: FlaskClient = login_as(Role.CITY_ADMIN, "35")
    board = province.get("/dashboard/")
    assert board.status_code == 200
    abnormal = province.get("/entries/?color=ABNORMAL").text
    assert "tag-orange" in abnormal and "禁止出入" in abnormal and "tag-green" not in abnormal.partition("<tbody")[2]
    offered = re.findall(r'<option[^>]* value="(ABNORMAL|RED|YELLOW|GREEN|ORANGE)"', abnormal)
    assert sorted(set(offered)) == ["ABNORMAL", "GREEN", "ORANGE"]


def test_the_rules_are_read_and_changed_in_the_regions_colors(login_as: Any) -> None:
    province: FlaskClient = login_as(Role.CITY_ADMIN, "35")
    page = province.get("/rule-editor/new").text
    assert re.findall(r'<option value="(RED|YELLOW|ORANGE)"', page) == ["ORANGE"]
    assert "2020-02" in province.get("/health-rules/").text


def test_what_colors_is_gone_by_itself_after_fourteen_days(app: Flask) -> None:
    new = known(EvidenceKind.FEVER_CLINIC, area_code=DISTRICT)
    evidence.bring(new, actor=SYSTEM)
    found = health_colors.color_of(new.document_index, clock.now())
    assert found.color is Color.ORANGE and found.rules_version == "2020-02" and found.changes_at is not None
    assert health_colors.color_of(new.document_index, found.changes_at).color is Color.GREEN


def test_a_demo_of_the_province_has_somebody_of_every_role(app: Flask, login_as: Any) -> None:
    assert demo.load() and not demo.load()
    listed = demo.accounts()
    assert {account["role"] for account in listed} == {role.label for role in Role}
    areas = {account["area"] for account in listed}
    assert "福建省" in areas and all("福" in area for area in areas)
    assert demo.venues() == []


def test_every_sheet_that_draws_a_color_knows_orange(app: Flask) -> None:
    drawn = {
        "theme.css": (".tag-orange", ".row-orange", ".figure-orange", ".ink-orange", ".count-orange"),
        "mobile.css": (".tag-orange", ".item-orange", ".count-orange"),
        "scan.css": (".tint-orange",),
        "code.css": (".why-orange",),
        "code_check.css": (".verdict-orange",),
    }
    for name, selectors in drawn.items():
        sheet = (Path(app.root_path) / "static" / name).read_text(encoding="utf-8")
        assert [selector for selector in selectors if f"{selector} " not in sheet and f"{selector}:" not in sheet] == []
