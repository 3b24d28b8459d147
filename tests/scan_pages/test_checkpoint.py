"""「入郑健康扫码」: filled in anew each time, coloured at once by the risk of the origin (Z-S6, D10, D11)."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable

import pytest
from flask import Flask

from app import clock
from app.domain.colors import Color
from app.domain.documents import DocumentType
from app.domain.health import EvidenceKind
from app.domain.quarantine import QuarantineStatus
from app.domain.returns import ReturnDeclaration
from app.domain.roles import Role
from app.domain.screening import ScreeningKind
from app.domain.venues import VenueKind
from app.extensions import db
from app.gateways.sms import SmsTemplate
from app.models import AuditEvent, EntryRecord, Evidence, HealthState, OutgoingMessage, ScreeningEntry, Venue
from app.profiles import load_profile
from app.services import by_hand, evidence
from app.services.audit import SYSTEM, Actor
from app.services.filled_form import FilledForm
from app.services.limits import Counter, Limit, take
from tests.factories import Factories, id_card
from tests.scan_pages.phone import GOOD_FORM, Phone, forms_of
from tests.services.test_risk_areas import bring

TODAY = clock.local_date(clock.now(), load_profile("zhengzhou").zone)
SHANGHAI = {"origin_province": "31", "origin_city": "3101", "origin_district": "310115"}
# A second's worth of a poor mobile network.
MOST_BYTES = 10_000
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
    bring(make, content)


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


def test_the_origin_is_picked_step_by_step_without_scripts_and_nothing_typed_is_lost(
    phone: Phone, station: Venue
) -> None:
    sent = {**forms_of(phone.scan(station))[0].values, **GOOD_FORM, "is_from_abroad": "no"}
    for name, code in SHANGHAI.items():
        page = phone.post(station, {**sent, name: code, "choose_origin": "1"})
        assert (page.status_code, "请检查以下内容" in page.text) == (200, False)
        kept = forms_of(page)[0].values
        assert [kept[each] for each in ("name", "document_number", "is_from_abroad", name)] == [
            GOOD_FORM["name"], GOOD_FORM["document_number"], "no", code,
        ]  # fmt: skip
        sent = {**kept, "consent": "y"}
    assert entries() == []
    assert "登记成功" in phone.post(station, sent).text


def test_the_lists_of_origins_are_light_and_stay_on_the_phone(phone: Phone, station: Venue) -> None:
    """What a phone in a station loads: a page without the country's districts in it, then a small list for each step."""
    assert len(gzip.compress(phone.scan(station).data)) < MOST_BYTES
    provinces = re.findall(r'<option value="(\d\d)">', phone.scan(station).text)
    assert len(provinces) == 31
    for code in (*provinces, "3101", "4101", "1301"):
        found = phone.client.get(f"/areas/{code}.json")
        assert len(gzip.compress(found.data)) < MOST_BYTES
        assert found.headers["Cache-Control"] == "public, max-age=86400"


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


def reds() -> int:
    return db.session.query(HealthState).filter(HealthState.color == Color.RED).count()


STRANGER = {"name": "别的人"}


@pytest.mark.usefixtures("in_force")
def test_a_known_document_under_another_name_is_seen_at_the_gate_and_colours_nobody(
    phone: Phone, station: Venue, make: Factories
) -> None:
    make.person(GOOD_FORM["name"], document_number=GOOD_FORM["document_number"])
    db.session.commit()
    page = arrive(phone, station, **STRANGER)
    assert "红码" in page.text and "您 14 天内到过高风险地区。" in page.text
    assert [(entry.color, entry.is_key_area) for entry in entries()] == [(Color.RED, True)]
    assert "核对证件" in (returnees()[0].remark or "")
    assert (db.session.query(Evidence).count(), reds()) == (0, 0)


@pytest.mark.usefixtures("in_force")
def test_what_is_sent_from_afar_colours_nobody(phone: Phone, make: Factories) -> None:
    station = make.venue(VenueKind.RAILWAY_STATION, "410103", poster_pin="4711")
    db.session.commit()
    page = arrive(phone, station, poster_pin="0000")
    assert "红码" in page.text and "疑似远程扫码" in page.text
    assert entries()[0].is_remote and len(returnees()) == 1
    assert (db.session.query(Evidence).count(), reds()) == (0, 0)
    arrive(phone, station, poster_pin="4711")
    assert reds() == 1


@pytest.mark.usefixtures("in_force")
def test_what_an_account_types_in_colours_nobody(app: Flask, station: Venue, make: Factories) -> None:
    form = FilledForm(
        name=GOOD_FORM["name"],
        document_type=DocumentType.ID_CARD,
        document_number=GOOD_FORM["document_number"],
        phone=GOOD_FORM["phone_number"],
        declaration=ReturnDeclaration(is_returnee=True, arrival_date=TODAY, origin_area_code="310115"),
    )
    result = by_hand.add_entry(
        form, venue=station, moment=clock.now(), actor=Actor.of(make.account(Role.DISTRICT_ADMIN))
    )
    assert result.color is Color.RED
    assert (db.session.query(Evidence).count(), reds(), len(returnees())) == (0, 0, 1)


@pytest.mark.usefixtures("in_force")
def test_one_phone_colours_a_family_and_the_next_ones_raise_an_alarm(
    phone: Phone, station: Venue, make: Factories
) -> None:
    make.account(Role.AUDITOR)
    db.session.commit()
    for serial in range(11, 18):
        page = arrive(phone, station, document_number=id_card(serial, birth="19850607"), name="赵六")
        assert "红码" in page.text
    assert (reds(), len(returnees()), len(entries())) == (5, 7, 7)
    assert db.session.query(AuditEvent).filter_by(action="alarm_declared_origins").count() == 1
    sent = [row.template for row in db.session.query(OutgoingMessage)]
    assert sent.count(SmsTemplate.DECLARED_ORIGIN_ALARM.name) >= 1


@pytest.mark.usefixtures("in_force")
def test_forgetting_the_phone_does_not_help_a_network_or_a_checkpoint_beyond_its_limit(
    new_phone: Callable[[], Phone], station: Venue
) -> None:
    for _ in range(48):
        assert not take(Counter(Limit("origin:checkpoint", 50, 3600), str(station.id)))
    for serial in range(21, 25):
        arrive(new_phone(), station, document_number=id_card(serial, birth="19850607"), name="赵六")
    assert (reds(), len(returnees())) == (2, 4)


def test_the_same_page_gives_the_same_answer_where_it_colours_nobody(
    phone: Phone, station: Venue, make: Factories, in_force: None
) -> None:
    make.person(GOOD_FORM["name"], document_number=GOOD_FORM["document_number"])
    db.session.commit()
    page = forms_of(phone.scan(station, "?form=1"))[0].values
    filled = {**page, **GOOD_FORM, **STRANGER, "is_from_abroad": "no", **SHANGHAI}
    first, second = phone.post(station, filled), phone.post(station, filled)
    assert all("红码" in page.text and "您 14 天内到过高风险地区。" in page.text for page in (first, second))
