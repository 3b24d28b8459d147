"""The first scan of a code that was handed out: particulars, a proved phone, and from then on the resident's page (Z-S7)."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from app.domain.sectors import SECTORS, CodeState, VenueSubtype
from app.domain.venues import VenueFamily, VenueKind
from app.extensions import db
from app.models import AuditEvent, OutgoingMessage, Venue
from app.models.encryption import phone_index
from app.services import sector_venues
from app.services.audit import SYSTEM
from tests.factories import Factories
from tests.scan_pages.phone import Phone, forms_of

TYPED = {
    "line": "1路",
    "plate": "豫a·12345",
    "company": "郑州出租车公司",
    "name": "紫荆山站",
    "subtype": "FACTORY",
    "social_credit_code": "91350100M000100Y43",
    "area_code": "410105",
    "contact_name": "李四",
    "contact_phone": "139 0000 0001",
}


@pytest.fixture(autouse=True)
def _fixed_code(app: Flask):
    before, app.config["SMS_CODE_FIXED"] = app.config["SMS_CODE_FIXED"], "246810"
    yield
    app.config["SMS_CODE_FIXED"] = before


def handed_out(make: Factories, kind: VenueKind) -> Venue:
    venue = make.venue(kind, "4101", code_state=CodeState.HANDED_OUT, name=f"{kind.label}1-00001")
    db.session.commit()
    return venue


def typed_for(venue: Venue, **details: str) -> dict[str, str]:
    names = [key.value for key in SECTORS[venue.kind].particulars]
    return {name: TYPED[name] for name in names} | details


def send(phone: Phone, venue: Venue, **details: str):
    page = forms_of(phone.scan(venue))[0].values
    return phone.post(venue, {**page, **typed_for(venue), **details})


def activate(phone: Phone, venue: Venue, **details: str):
    assert "验证码已发送" in send(phone, venue, send_code="1").text
    return send(phone, venue, sms_code="246810", **details)


@pytest.mark.parametrize("kind", VenueFamily.SECTOR.kinds)
def test_a_code_becomes_the_page_of_its_place(phone: Phone, make: Factories, kind: VenueKind) -> None:
    venue = handed_out(make, kind)
    page = phone.scan(venue)
    assert all(field.label in page.text for field in SECTORS[kind].fields)
    assert "激活成功" in activate(phone, venue).text
    db.session.expire_all()
    assert (venue.code_state, venue.activated_at is not None) == (CodeState.ACTIVE, True)
    assert (venue.contact_phone, venue.contact_phone_index) == ("13900000001", phone_index("13900000001"))
    if venue.plate:
        assert venue.plate == "豫A12345"
    if kind is VenueKind.OTHER:
        assert (venue.subtype, venue.area_code) == (VenueSubtype.FACTORY, "410105")
    assert "二维码激活" not in phone.scan(venue).text
    assert venue.name in phone.scan(venue).text


def test_a_code_pasted_with_a_blank_is_not_cut(phone: Phone, make: Factories) -> None:
    venue = handed_out(make, VenueKind.BUS)
    assert re.search(r'<input[^>]* id="sms_code"[^>]* maxlength="8"', phone.scan(venue).text)
    send(phone, venue, send_code="1")
    assert "激活成功" in send(phone, venue, sms_code="２46 810").text


def test_the_contacts_phone_is_proved_by_the_code_that_went_there(phone: Phone, make: Factories) -> None:
    venue = handed_out(make, VenueKind.BUS)
    assert "验证码不正确或已过期" in send(phone, venue, sms_code="000000").text
    send(phone, venue, send_code="1")
    assert db.session.query(OutgoingMessage).count() == 1
    other = send(phone, venue, sms_code="246810", contact_phone="13900000002")
    assert "验证码不正确或已过期" in other.text
    db.session.expire_all()
    assert venue.code_state is CodeState.HANDED_OUT


def test_what_is_missing_or_wrong_is_said_beside_its_field_and_nothing_is_lost(phone: Phone, make: Factories) -> None:
    venue = handed_out(make, VenueKind.RETAIL_STORE)
    page = send(phone, venue, name="", social_credit_code="91350100M000100Y44", area_code="", contact_phone="138")
    for words in (
        "请填写商超名称", "统一社会信用代码校验不通过，请核对", "请选择区域名称", "请填写11位数字手机号", "请填写验证码",
    ):  # fmt: skip
        assert words in page.text
    assert (page.status_code, forms_of(page)[0].values["contact_name"]) == (422, "李四")


def test_only_one_of_two_becomes_the_owner(phone: Phone, new_phone, make: Factories) -> None:
    venue = handed_out(make, VenueKind.METRO_STATION)
    late = new_phone()
    page = forms_of(late.scan(venue))[0].values
    activate(phone, venue)
    answer = late.post(venue, {**page, **typed_for(venue), "name": "别的站", "sms_code": "246810"})
    assert "激活成功" not in answer.text
    db.session.expire_all()
    assert venue.name == "紫荆山站"


def test_an_activation_is_on_record_without_the_contact(phone: Phone, make: Factories) -> None:
    activate(phone, handed_out(make, VenueKind.BUS))
    event = db.session.query(AuditEvent).filter_by(action="activate_code").one()
    assert event.changes["contact_phone"] == [None, "139****0001"]
    assert event.changes["contact_name"] == [None, "李*"]


def test_an_edit_shows_on_the_next_page(phone: Phone, make: Factories) -> None:
    venue = handed_out(make, VenueKind.METRO_STATION)
    activate(phone, venue)
    db.session.expire_all()
    values = {**sector_venues.values_of(venue)}
    name = next(key for key in values if key.value == "name")
    sector_venues.edit(venue, {**values, name: "紫荆山地铁站"}, actor=SYSTEM)
    assert "紫荆山地铁站" in phone.scan(venue).text


def test_a_page_of_another_phone_activates_nothing(phone: Phone, new_phone, make: Factories) -> None:
    venue = handed_out(make, VenueKind.BUS)
    page = forms_of(phone.scan(venue))[0].values
    stranger = new_phone()
    stranger.scan(venue)
    answer = stranger.post(venue, {**page, **typed_for(venue), "send_code": "1"})
    assert "页面已过期，请重新提交" in answer.text
    assert db.session.query(OutgoingMessage).count() == 0
