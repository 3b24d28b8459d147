"""「入郑健康扫码」: filled in anew each time, coloured at once by the risk of the origin (Z-S6, D10, D11)."""

from __future__ import annotations

import json

import pytest

from app import clock
from app.domain.colors import Color
from app.domain.health import EvidenceKind
from app.domain.quarantine import QuarantineStatus
from app.domain.roles import Role
from app.domain.screening import ScreeningKind
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import EntryRecord, Evidence, ScreeningEntry, Venue
from app.profiles import load_profile
from app.services import evidence, risk_area_import
from app.services.audit import SYSTEM
from tests.factories import Factories, id_card
from tests.scan_pages.phone import GOOD_FORM, Phone, forms_of

SHANGHAI = {"origin_province": "31", "origin_city": "3101", "origin_district": "310115"}
PLACES = {"highlist": ("上海市", "上海市", "浦东新区"), "middlelist": ("上海市", "上海市", "黄浦区")}


@pytest.fixture
def station(make: Factories) -> Venue:
    venue = make.venue(VenueKind.RAILWAY_STATION, "410103", name="郑州火车站")
    db.session.commit()
    return venue


@pytest.fixture
def in_force(make: Factories) -> None:
    """A list in force, with one district of high and one of medium risk."""
    rows = {
        key: [{"province": p, "city": c, "county": d, "communitys": ["一号院"]}] for key, (p, c, d) in PLACES.items()
    }
    content = json.dumps({"data": {"end_update_time": "2022-07-21 16时", **rows}}).encode()
    risk_area_import.import_official(content, name="risk.json", account=make.account(Role.CITY_ADMIN))


def arrive(phone: Phone, station: Venue, **details: str):
    return phone.fill_in(station, **{"is_from_abroad": "no", **SHANGHAI, **details})


def entries() -> list[EntryRecord]:
    return db.session.query(EntryRecord).order_by(EntryRecord.id).all()


def returnees() -> list[ScreeningEntry]:
    query = db.session.query(ScreeningEntry).order_by(ScreeningEntry.id)
    return query.filter_by(kind=ScreeningKind.RISK_AREA_RETURNEE).all()


def test_the_form_asks_what_the_manual_says_and_today_is_fixed(phone: Phone, station: Venue) -> None:
    page = phone.scan(station)
    assert "入郑健康扫码" in page.text
    asked = set(forms_of(page)[0].values) | {"document_type", "is_from_abroad", "consent"}
    fields = {"name", "document_type", "document_number", "phone_number", "arrival_date", "is_from_abroad", "consent"}
    assert asked == fields | {"origin_province", "origin_city", "origin_district", "origin_country", "form_token"}
    today = clock.local_date(clock.now(), load_profile("zhengzhou").zone).isoformat()
    assert forms_of(page)[0].values["arrival_date"] == today
    arrive(phone, station, arrival_date="2020-01-01")
    assert entries()[0].registration.arrival_date.isoformat() == today


def test_who_was_here_before_fills_it_in_again(phone: Phone, station: Venue) -> None:
    arrive(phone, station)
    page = phone.scan(station)
    assert "登记信息确认" not in page.text
    assert forms_of(page)[0].values["name"] == ""


@pytest.mark.usefixtures("in_force")
@pytest.mark.parametrize(
    ("district", "color", "sentence"),
    [
        ("310115", Color.RED, "您 14 天内到过高风险地区。"),
        ("310101", Color.YELLOW, "您 14 天内到过中风险地区。"),
        ("310104", Color.GREEN, ""),
    ],
)
def test_the_colour_is_that_of_the_declared_origin_with_its_reason(
    phone: Phone, station: Venue, district: str, color: Color, sentence: str
) -> None:
    page = arrive(phone, station, origin_district=district)
    entry = entries()[0]
    assert (entry.color, entry.is_key_area) == (color, color is Color.RED)
    assert sentence in page.text
    assert ("data-alarm" in page.text) == (color is Color.RED)
    assert len(returnees()) == (color is not Color.GREEN)


@pytest.mark.usefixtures("in_force")
def test_one_journey_is_one_row_of_the_checkpoints_district_and_one_evidence(phone: Phone, station: Venue) -> None:
    for _ in range(2):
        arrive(phone, station)
    rows = returnees()
    assert [(row.area_code, row.status, row.name) for row in rows] == [("410103", "PENDING", GOOD_FORM["name"])]
    assert db.session.query(Evidence).count() == 1
    assert len(entries()) == 2


@pytest.mark.usefixtures("in_force")
def test_a_resident_goes_to_the_district_of_the_home(phone: Phone, station: Venue, make: Factories) -> None:
    person = make.person(GOOD_FORM["name"], document_number=GOOD_FORM["document_number"])
    make.residency(person, make.venue(area_code="410105008009"), status=QuarantineStatus.NOT_REQUIRED)
    db.session.commit()
    arrive(phone, station)
    assert [row.area_code for row in returnees()] == ["410105"]
    assert [row.area_code for row in db.session.query(Evidence)] == ["410105"]


def test_from_abroad_asks_for_the_country(phone: Phone, station: Venue) -> None:
    refused = arrive(phone, station, is_from_abroad="yes")
    assert (refused.status_code, "请选择返回国家" in refused.text) == (422, True)
    page = arrive(phone, station, is_from_abroad="yes", origin_country="SG")
    assert page.status_code == 200
    found = db.session.query(Evidence).one()
    assert found.kind is EvidenceKind.OVERSEAS_ARRIVAL
    assert entries()[0].registration.origin_country == "SG"


def test_an_origin_is_needed_and_named_where_it_is_missing(phone: Phone, station: Venue) -> None:
    refused = phone.fill_in(station, is_from_abroad="no")
    assert "请选择出发地" in refused.text
    unanswered = phone.fill_in(station, **SHANGHAI)
    assert "请选择是否国外返回" in unanswered.text
    assert entries() == []


@pytest.mark.usefixtures("in_force")
def test_the_same_page_sent_twice_is_one_entry_with_one_answer(phone: Phone, station: Venue) -> None:
    page = forms_of(phone.scan(station, "?form=1"))[0].values
    filled = {**page, **GOOD_FORM, "is_from_abroad": "no", **SHANGHAI}
    first, second = phone.post(station, filled), phone.post(station, filled)
    assert "您 14 天内到过高风险地区。" in first.text
    assert "您 14 天内到过高风险地区。" in second.text
    assert len(entries()) == 1


@pytest.mark.usefixtures("in_force")
def test_evidence_that_was_ended_on_appeal_does_not_come_back_with_the_same_journey(
    phone: Phone, station: Venue
) -> None:
    arrive(phone, station)
    evidence.end(db.session.query(Evidence.id).scalar(), reason="行程有误", actor=SYSTEM)
    page = arrive(phone, station)
    assert "绿码" in page.text


def test_who_comes_from_a_key_area_sounds_the_alarm_without_a_list(phone: Phone, station: Venue) -> None:
    page = arrive(phone, station, origin_province="42", origin_city="4201", origin_district="420102")
    assert "data-alarm" in page.text
    assert "从重点地区返回，需要隔离" in page.text
    assert len(returnees()) == 1


def test_a_tap_is_no_way_through_a_checkpoint(phone: Phone, station: Venue, make: Factories) -> None:
    compound = make.venue()
    db.session.commit()
    phone.fill_in(compound)
    taps = [one for one in forms_of(phone.scan(compound)) if ("action", "register") in one.buttons]
    phone.post(station, {**taps[0].values, "action": "register"})
    assert [entry.venue_id for entry in entries()] == [compound.id]


def test_another_persons_number_is_another_journey(phone: Phone, station: Venue) -> None:
    arrive(phone, station)
    arrive(phone, station, document_number=id_card(8, birth="19850607"), name="赵六")
    assert len({entry.person_id for entry in entries()}) == 2
