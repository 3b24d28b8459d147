"""A resident's day at the compound's poster, on a phone (issue 1.3)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from app import clock
from app.extensions import db
from app.profiles import load_profile
from tests.browser.scan_screens import Confirmation, Poster, ResidentForm, Result
from tests.factories import Factories, id_card, phone

pytestmark = pytest.mark.browser

HE = {"name": "何晓明", "document": id_card(7, birth="19850607"), "phone": phone(7)}
CHILD = {"name": "何小小", "document": id_card(9, birth="20150102"), "phone": phone(7)}
MOST_BYTES = 60_000


@pytest.fixture
def home(live_server: str, make: Factories) -> str:
    """The scan address of the compound where the residents live."""
    venue = make.venue(name="幸福小区")
    db.session.commit()
    return f"{live_server}/s/{venue.code}"


@pytest.fixture
def elsewhere(live_server: str, make: Factories) -> str:
    """The scan address of another compound."""
    venue = make.venue(name="别处小区")
    db.session.commit()
    return f"{live_server}/s/{venue.code}"


def register(page: Page, address: str, **person: str) -> None:
    Poster(page, address + "?form=1").scan()
    form = ResidentForm(page)
    form.fill_in(**person)
    form.answer("是否外地返回", "否")
    form.consent()
    form.submit()


def today() -> str:
    return clock.local_date(clock.now(), load_profile("zhengzhou").zone).isoformat()


def test_a_resident_corrects_the_form_and_is_registered(phone_page: Page, home: str) -> None:
    Poster(phone_page, home).scan()
    form = ResidentForm(phone_page)
    expect(phone_page.get_by_role("heading", name="全市居民小区健康登记管理系统")).to_be_visible()
    expect(phone_page.get_by_label("来郑日期")).to_be_hidden()
    form.fill_in(**{**HE, "document": HE["document"][:-1] + ("0" if HE["document"][-1] != "0" else "1"), "phone": "123"})
    form.answer("是否外地返回", "否")
    form.submit()
    expect(form.error_of("证件号")).to_have_text("身份证号校验不通过，请核对")
    expect(form.error_of("手机号")).to_have_text("请填写11位数字手机号")
    expect(phone_page.get_by_label("姓名", exact=True)).to_have_value("何晓明")
    form.fill_in(**HE)
    form.consent()
    form.submit()
    Result(phone_page).expect_registered("绿码")
    expect(phone_page.get_by_text("何*")).to_be_visible()


def test_the_second_scan_is_one_tap_and_the_clock_runs(phone_page: Page, home: str) -> None:
    register(phone_page, home, **HE)
    Poster(phone_page, home).scan()
    expect(phone_page.get_by_role("heading", name="登记信息确认")).to_be_visible()
    sent = []
    phone_page.on("request", lambda request: sent.append(request.url) if "/s/" in request.url else None)
    Confirmation(phone_page).register()
    result = Result(phone_page)
    result.expect_registered("绿码")
    assert len(sent) == 1
    shown = result.clock()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", shown)
    expect(phone_page.locator("[data-server-now]")).not_to_have_text(shown)


def test_a_second_person_registers_on_the_same_phone_and_is_forgotten_again(phone_page: Page, home: str) -> None:
    register(phone_page, home, **HE)
    Poster(phone_page, home).scan()
    confirmation = Confirmation(phone_page)
    confirmation.fill_in_anew()
    register(phone_page, home, **CHILD)
    Result(phone_page).expect_registered("绿码")
    Poster(phone_page, home).scan()
    expect(confirmation.people()).to_have_count(2)
    confirmation.forget()
    expect(confirmation.people()).to_have_count(1)
    confirmation.forget()
    expect(phone_page.get_by_label("姓名", exact=True)).to_be_visible()


def test_another_compound_refuses_entry(phone_page: Page, home: str, elsewhere: str) -> None:
    register(phone_page, home, **HE)
    Poster(phone_page, elsewhere).scan()
    Confirmation(phone_page).register()
    Result(phone_page).expect_refused()


def test_a_return_from_a_key_area_flashes_and_sounds(phone_page: Page, home: str) -> None:
    Poster(phone_page, home).scan()
    form = ResidentForm(phone_page)
    form.fill_in(**HE)
    form.answer("是否外地返回", "是")
    phone_page.get_by_label("来郑日期").fill(today())
    phone_page.get_by_label("交通方式").select_option(label="高铁")
    form.answer("是否国外返回", "否")
    form.choose_origin("湖北省", "武汉市", "江岸区")
    phone_page.get_by_label("隔离方式").select_option(label="居家隔离")
    form.consent()
    form.submit()
    Result(phone_page).expect_registered("黄码")
    assert "alarm" in (phone_page.locator("body").get_attribute("class") or "")
    expect(phone_page.get_by_text("重点地区归来人员", exact=True)).to_be_visible()


def test_a_country_is_asked_of_those_from_abroad(phone_page: Page, home: str) -> None:
    Poster(phone_page, home).scan()
    form = ResidentForm(phone_page)
    form.answer("是否外地返回", "是")
    form.answer("是否国外返回", "是")
    expect(phone_page.get_by_label("省", exact=True)).to_be_hidden()
    phone_page.get_by_label("国家").select_option(label="日本")


def test_everything_works_without_javascript(plain_phone_page: Page, home: str, elsewhere: str) -> None:
    page, form = plain_phone_page, ResidentForm(plain_phone_page)
    Poster(page, home).scan()
    form.fill_in(**HE)
    form.answer("是否外地返回", "是")
    page.get_by_label("来郑日期").fill(today())
    page.get_by_label("交通方式").select_option(label="火车")
    form.answer("是否国外返回", "否")
    for label, name in (("省", "湖北省"), ("市", "武汉市")):
        page.get_by_label(label, exact=True).select_option(label=name)
        page.get_by_role("button", name="选择").click()
    page.get_by_label("区县", exact=True).select_option(label="江岸区")
    page.get_by_label("隔离方式").select_option(label="居家隔离")
    form.consent()
    form.submit()
    Result(page).expect_registered("黄码")
    Poster(page, home).scan()
    Confirmation(page).register()
    Result(page).expect_registered("黄码")
    Poster(page, elsewhere).scan()
    Confirmation(page).register()
    Result(page).expect_refused()


def test_the_first_load_weighs_little_and_comes_from_here_alone(phone_page: Page, home: str) -> None:
    answers = []
    phone_page.on("response", answers.append)
    Poster(phone_page, home).scan()
    phone_page.wait_for_load_state("networkidle")
    assert {answer.url.split("/s/")[0].split("/static/")[0] for answer in answers} == {home.split("/s/")[0]}
    assert sum(len(answer.body()) for answer in answers) < MOST_BYTES


def test_the_page_speaks_english_on_request(phone_page: Page, home: str) -> None:
    Poster(phone_page, home).scan()
    phone_page.get_by_role("link", name="English").click()
    expect(phone_page.get_by_role("heading", name="Health registration for residential compounds")).to_be_visible()
    Poster(phone_page, home).scan()
    expect(phone_page.locator("html")).to_have_attribute("lang", "en")
