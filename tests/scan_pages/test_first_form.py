"""The resident's first form (Z-S2, Z-S4, Z-S10)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from app import clock
from app.domain.quarantine import Color, QuarantineStatus
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import AuditEvent, EntryOutcome, EntryRecord, Person, Registration, RememberedIdentity, Residency
from app.profiles import load_profile
from tests.factories import Factories, id_card
from tests.factories import phone as number
from tests.scan_pages.phone import GOOD_FORM, RETURN, Phone


@pytest.fixture
def compound(make: Factories):
    venue = make.venue(name="幸福小区")
    db.session.commit()
    return venue


def one(model):
    return db.session.query(model).one()


def local_day(days_ago: int = 0) -> str:
    zone = load_profile("zhengzhou").zone
    return (clock.local_date(clock.now(), zone) - timedelta(days=days_ago)).isoformat()


def test_the_page_is_titled_and_led_as_the_manual_writes(phone: Phone, compound) -> None:
    page = phone.scan(compound).text
    assert "全市居民小区健康登记管理系统" in page
    assert "应疫情防控要求，请郑州返程人员进行填报登记。个人信息不会对外泄露，请如实填写。" in page
    assert "【郑州市新型冠状病毒感染的肺炎疫情防控领导小组办公室】" in page
    for label in ("姓名", "证件类型", "证件号", "手机号", "现住地址", "车牌号", "是否外地返回", "来郑日期", "交通方式",
                  "是否国外返回", "出发地", "隔离方式", "我已阅读并承诺遵守", "《承诺书》", "提交",
                  "请填写11位数字手机号", "请输入详细地址：如xx小区xx号楼xx单元xx室"):  # fmt: skip
        assert label in page


def test_every_list_asks_in_the_manuals_words(phone: Phone, compound) -> None:
    page = phone.scan(compound).text
    for asked in ("请选择来郑日期", "请选择交通方式", "请选择出发地", "请选择隔离方式"):
        assert asked in page
    assert ">请选择交通方式</option>" in page and ">请选择出发地</option>" in page


def test_the_answers_stand_in_the_manuals_order(phone: Phone, compound) -> None:
    page = phone.scan(compound).text
    assert page.index('name="is_returnee" type="radio" value="yes"') < page.index(
        'name="is_returnee" type="radio" value="no"'
    )
    assert page.index('name="is_from_abroad" type="radio" value="no"') < page.index(
        'name="is_from_abroad" type="radio" value="yes"'
    )


def test_what_is_asked_in_several_lists_is_found_under_the_manuals_words(phone: Phone, compound) -> None:
    page = phone.scan(compound).text
    assert '<legend class="label star" id="origin-legend">出发地</legend>' in page
    assert 'aria-labelledby="origin-legend origin_province-label"' in page
    assert '<label class="minor" id="origin_country-label" for="origin_country">返回国家</label>' in page


def test_whoever_chose_a_province_alone_is_told_how_far_to_choose(phone: Phone, compound) -> None:
    half = {**RETURN, "origin_city": "", "origin_district": "", "arrival_date": local_day()}
    assert '<p class="error" id="origin-error">出发地请选到区县</p>' in phone.fill_in(compound, **half).text
    none = {**half, "origin_province": ""}
    assert '<p class="error" id="origin-error">请选择出发地</p>' in phone.fill_in(compound, **none).text


@pytest.mark.parametrize("returned", [{}, RETURN], ids=["short reading", "the form itself"])
def test_a_name_is_kept_without_the_blanks_that_made_it_wider(phone: Phone, compound, returned: dict[str, str]) -> None:
    extra = {**returned, "arrival_date": local_day()} if returned else {}
    phone.fill_in(compound, name=" 何　晓\u00a0明 ", **extra)
    assert one(Person).name == "何晓明"


def test_a_first_form_registers_binds_and_records_one_entry(phone: Phone, compound) -> None:
    page = phone.fill_in(compound)
    assert page.status_code == 200
    assert "登记成功" in page.text
    assert "绿码" in page.text
    assert "何*" in page.text
    assert "何晓明" not in page.text
    assert "幸福小区" in page.text
    tie, entry, form = one(Residency), one(EntryRecord), one(Registration)
    assert (tie.venue_id, tie.status, tie.area_code) == (compound.id, QuarantineStatus.NOT_REQUIRED, compound.area_code)
    assert (entry.outcome, entry.color, entry.venue_id) == (EntryOutcome.ADMITTED, Color.GREEN, compound.id)
    assert form.address == "幸福小区3号楼2单元501室"
    assert one(Person).phone == number(7)
    assert one(RememberedIdentity).person_id == tie.person_id


def test_a_returnee_from_a_key_area_must_quarantine_and_sounds_the_alarm(phone: Phone, compound) -> None:
    page = phone.fill_in(compound, **RETURN, arrival_date=local_day(2))
    assert "alarm" in page.text
    assert "data-alarm" in page.text
    tie, entry = one(Residency), one(EntryRecord)
    assert (tie.status, tie.is_key_area) == (QuarantineStatus.PENDING, True)
    assert tie.quarantine_since.isoformat() == local_day(2)
    assert (entry.color, entry.is_key_area) == (Color.RED, True)
    event = db.session.query(AuditEvent).filter_by(action="quarantine_by_policy").one()
    assert event.actor_label == "系统"
    assert event.changes["reason"] == "从重点地区返回，需要隔离"


def test_a_returnee_from_abroad_names_a_country_and_no_district(phone: Phone, compound) -> None:
    page = phone.fill_in(
        compound, **{**RETURN, "is_from_abroad": "yes", "origin_country": "JP"}, arrival_date=local_day(9)
    )
    assert "红码" in page.text
    form = one(Registration)
    assert (form.origin_country, form.origin_area_code, form.is_from_abroad) == ("JP", None, True)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"name": ""}, "请填写姓名"),
        ({"name": "何"}, "姓名应为2到64个字"),
        ({"document_number": ""}, "请填写证件号"),
        ({"document_number": "410105199001011234"}, "身份证号校验不通过，请核对"),
        ({"document_number": "4101051990"}, "身份证号应为18位，末位可以是X"),
        ({"document_number": id_card(1, birth="20990101")}, "身份证号中的出生日期不正确"),
        ({"document_type": "OTHER", "document_number": "a"}, "证件号应为5到20位字母、数字、括号或短横"),
        ({"document_type": "PASSPORT"}, "请选择证件类型"),
        ({"phone_number": "12345"}, "请填写11位数字手机号"),
        ({"address": ""}, "请填写现住地址"),
        ({"plate_number": "豫A12"}, "车牌号格式不正确"),
        ({"is_returnee": ""}, "请选择是否外地返回"),
        ({"consent": ""}, "请阅读《承诺书》并勾选"),
        ({"is_returnee": "yes"}, "请选择来郑日期"),
        ({"is_returnee": "yes"}, "请选择交通方式"),
        ({"is_returnee": "yes"}, "请选择出发地"),
        ({"is_returnee": "yes"}, "请选择隔离方式"),
        ({"is_returnee": "yes"}, "请选择是否国外返回"),
        ({"is_from_abroad": "yes"}, "请选择返回国家"),
        ({**RETURN, "arrival_date": "2099-01-01"}, "日期不能晚于今天"),
        ({**RETURN, "arrival_date": "昨天"}, "日期格式不正确"),
        ({**RETURN, "is_from_abroad": "yes", "origin_country": "CN"}, "请选择返回国家"),
    ],
)
def test_a_fault_stands_beside_its_field_and_nothing_typed_is_lost(phone: Phone, compound, typed, message) -> None:
    page = phone.fill_in(compound, **{"plate_number": "豫A12345", **typed})
    assert page.status_code == 422
    assert message in page.text
    assert f'value="{typed.get("phone_number", number(7))}"' in page.text
    assert f'value="{typed.get("plate_number", "豫A12345")}"' in page.text
    assert db.session.query(EntryRecord).count() == 0


def test_all_faults_are_told_at_once(phone: Phone, compound) -> None:
    page = phone.fill_in(compound, name="", phone_number="1", consent="")
    assert page.text.count('class="error"') == 3


def test_what_was_typed_for_a_return_counts_for_nothing_without_one(phone: Phone, compound) -> None:
    page = phone.fill_in(compound, **{**RETURN, "is_returnee": "no", "arrival_date": "2099-01-01"})
    assert "登记成功" in page.text
    assert one(Registration).arrival_date is None


def test_numbers_are_taken_however_they_are_typed(phone: Phone, compound) -> None:
    spaced = id_card(7, birth="19850607")
    page = phone.fill_in(
        compound,
        document_number=f" {spaced[:6]} {spaced[6:]} ",
        phone_number="+86 139-0000-0007",
        plate_number="豫a·d12345",
    )
    assert "登记成功" in page.text
    assert (one(Person).document_number, one(Person).phone, one(Registration).plate) == (spaced, number(7), "豫AD12345")


def test_the_areas_are_offered_step_by_step_without_javascript(phone: Phone, compound) -> None:
    page = phone.fill_in(compound, origin_province="42", choose_origin="1", name="")
    assert "武汉市" in page.text
    assert "请填写姓名" not in page.text
    page = phone.fill_in(compound, origin_province="42", origin_city="4201", choose_origin="1")
    assert "江岸区" in page.text


def test_area_names_are_public_and_kept_by_the_phone(app: Flask) -> None:
    answer = app.test_client().get("/areas/42.json")
    assert {"code": "4201", "name": "武汉市"} in answer.json["children"]
    assert "public" in answer.headers["Cache-Control"]
    assert app.test_client().get("/areas/nonsense.json").json == {"children": []}


def test_isolation_and_test_points_neither_bind_nor_refuse(phone: Phone, compound, make: Factories) -> None:
    site, tests = make.venue(VenueKind.QUARANTINE_SITE), make.venue(VenueKind.TESTING_SITE)
    db.session.commit()
    assert "登记成功" in phone.fill_in(site).text
    assert db.session.query(Residency).count() == 0
    assert "登记成功" in phone.tap(compound).text
    assert one(Residency).venue_id == compound.id
    assert "登记成功" in phone.tap(tests).text


def test_a_known_number_under_another_name_keeps_the_known_name_and_tells_nothing(
    phone: Phone, new_phone, compound
) -> None:
    phone.fill_in(compound)
    page = new_phone().fill_in(compound, name="赵六", phone_number=number(8))
    assert "登记成功" in page.text
    assert "何" not in page.text.replace("任何", "")
    person = one(Person)
    assert (person.name, person.phone) == ("何晓明", number(7))


def test_the_same_person_may_give_a_new_phone_number(phone: Phone, compound) -> None:
    phone.fill_in(compound)
    phone.fill_in(compound, phone_number=number(8))
    assert one(Person).phone == number(8)
    assert db.session.query(AuditEvent).filter_by(action="register_again").count() == 1


def test_a_new_declaration_never_lowers_an_obligation(phone: Phone, compound) -> None:
    phone.fill_in(compound, **RETURN, arrival_date=local_day(1))
    phone.fill_in(compound)
    assert one(Residency).status is QuarantineStatus.PENDING
    one(Residency).status = QuarantineStatus.CONFIRMED
    db.session.commit()
    phone.fill_in(compound)
    assert one(Residency).status is QuarantineStatus.CONFIRMED
    assert [entry.is_breach for entry in db.session.query(EntryRecord).order_by(EntryRecord.id)] == [False, False, True]


def test_a_later_return_makes_a_resident_pending(phone: Phone, compound) -> None:
    phone.fill_in(compound)
    phone.fill_in(compound, **RETURN, arrival_date=local_day(0))
    assert one(Residency).status is QuarantineStatus.PENDING


def test_a_form_under_another_name_obliges_nobody_and_is_judged_at_the_gate(
    phone: Phone, compound, make: Factories
) -> None:
    person = make.person(GOOD_FORM["name"], document_number=GOOD_FORM["document_number"])
    make.residency(person, compound)
    db.session.commit()
    page = phone.fill_in(compound, **RETURN, arrival_date=local_day(2), name="别的人")
    assert "红码" in page.text
    assert (one(Residency).status, one(Residency).is_key_area) == (QuarantineStatus.NOT_REQUIRED, False)
