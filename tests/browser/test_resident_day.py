"""A resident's day at the compound's poster, on a phone (issue 1.3)."""

from __future__ import annotations

import itertools
import re

import pytest
from playwright.sync_api import Page, expect

from app import clock
from app.profiles import load_profile
from tests.browser.pages import Pages
from tests.browser.scan_screens import Confirmation, Poster, ResidentForm, Result
from tests.browser.site import Site
from tests.factories import id_card
from tests.factories import phone as number

MOST_BYTES = 60_000
_serials = itertools.count(700)


def somebody(name: str = "何晓明") -> dict[str, str]:
    """Return a person whom the site does not know."""
    serial = next(_serials)
    return {"name": name, "document": id_card(serial, birth="19850607", area="370102"), "phone": number(serial)}


@pytest.fixture
def home(site: Site) -> str:
    """The scan address of the compound where the residents live."""
    return site.place("锦绣家园小区").url


@pytest.fixture
def elsewhere(site: Site) -> str:
    """The scan address of another compound."""
    return site.place("金水嘉苑小区").url


@pytest.fixture
def plain_phone(pages: Pages) -> Page:
    """A phone without JavaScript."""
    return pages.open(width=390, java_script_enabled=False)


def register(page: Page, address: str, **person: str) -> None:
    Poster(page, address + "?form=1").scan()
    form = ResidentForm(page)
    form.fill_in(**person)
    form.answer("是否外地返回", "否")
    form.consent()
    form.submit()


def today() -> str:
    return clock.local_date(clock.now(), load_profile("zhengzhou").zone).isoformat()


def test_a_resident_corrects_the_form_and_is_registered(phone: Page, home: str) -> None:
    Poster(phone, home).scan()
    form = ResidentForm(phone)
    expect(phone.get_by_role("heading", name="全市居民小区健康登记管理系统")).to_be_visible()
    expect(phone.get_by_label("来郑日期")).to_be_hidden()
    person = somebody()
    wrong = person["document"][:-1] + ("0" if person["document"][-1] != "0" else "1")
    form.fill_in(**{**person, "document": wrong, "phone": "123"})
    form.answer("是否外地返回", "否")
    form.submit()
    expect(form.error_of("证件号")).to_have_text("身份证号校验不通过，请核对")
    expect(form.error_of("手机号")).to_have_text("请填写11位数字手机号")
    expect(phone.get_by_label("姓名", exact=True)).to_have_value("何晓明")
    form.fill_in(**person)
    form.consent()
    form.submit()
    Result(phone).expect_registered("绿码")
    expect(phone.get_by_text("何*")).to_be_visible()


def test_the_second_scan_is_one_tap_and_the_clock_runs(phone: Page, home: str) -> None:
    register(phone, home, **somebody())
    Poster(phone, home).scan()
    expect(phone.get_by_role("heading", name="登记信息确认")).to_be_visible()
    sent = []
    phone.on("request", lambda request: sent.append(request.url) if "/s/" in request.url else None)
    Confirmation(phone).register()
    result = Result(phone)
    result.expect_registered("绿码")
    assert len(sent) == 1
    shown = result.clock()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", shown)
    expect(phone.locator("[data-server-now]")).not_to_have_text(shown)


def test_a_second_person_registers_on_the_same_phone_and_is_forgotten_again(phone: Page, home: str) -> None:
    register(phone, home, **somebody())
    Poster(phone, home).scan()
    confirmation = Confirmation(phone)
    confirmation.fill_in_anew()
    register(phone, home, **somebody("何小小"))
    Result(phone).expect_registered("绿码")
    Poster(phone, home).scan()
    expect(confirmation.people()).to_have_count(2)
    confirmation.forget()
    expect(confirmation.people()).to_have_count(1)
    confirmation.forget()
    expect(phone.get_by_label("姓名", exact=True)).to_be_visible()


def test_another_compound_refuses_entry(phone: Page, home: str, elsewhere: str) -> None:
    register(phone, home, **somebody())
    Poster(phone, elsewhere).scan()
    Confirmation(phone).register()
    Result(phone).expect_refused()


def test_a_return_from_a_key_area_flashes_and_sounds(phone: Page, home: str) -> None:
    Poster(phone, home).scan()
    form = ResidentForm(phone)
    form.fill_in(**somebody())
    form.answer("是否外地返回", "是")
    phone.get_by_label("来郑日期").fill(today())
    phone.get_by_label("交通方式").select_option(label="高铁")
    form.answer("是否国外返回", "否")
    form.choose_origin("湖北省", "武汉市", "江岸区")
    phone.get_by_label("隔离方式").select_option(label="居家隔离")
    form.consent()
    form.submit()
    Result(phone).expect_registered("红码")
    assert "alarm" in (phone.locator("body").get_attribute("class") or "")
    expect(phone.get_by_text("重点地区归来人员", exact=True)).to_be_visible()


def test_a_country_is_asked_of_those_from_abroad(phone: Page, home: str) -> None:
    Poster(phone, home).scan()
    form = ResidentForm(phone)
    form.answer("是否外地返回", "是")
    form.answer("是否国外返回", "是")
    expect(phone.get_by_label("省", exact=True)).to_be_hidden()
    phone.get_by_label("国家").select_option(label="日本")


def test_everything_works_without_javascript(plain_phone: Page, home: str, elsewhere: str) -> None:
    page, form = plain_phone, ResidentForm(plain_phone)
    Poster(page, home).scan()
    form.fill_in(**somebody())
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
    Result(page).expect_registered("红码")
    Poster(page, home).scan()
    Confirmation(page).register()
    Result(page).expect_registered("红码")
    Poster(page, elsewhere).scan()
    Confirmation(page).register()
    Result(page).expect_refused()


def test_the_first_load_weighs_little_and_comes_from_here_alone(phone: Page, home: str) -> None:
    answers = []
    phone.on("response", lambda answer: answers.append(answer))
    Poster(phone, home).scan()
    phone.wait_for_load_state("networkidle")
    assert {answer.url.split("/s/")[0].split("/static/")[0] for answer in answers} == {home.split("/s/")[0]}
    assert sum(len(answer.body()) for answer in answers) < MOST_BYTES


def test_the_page_speaks_english_on_request(phone: Page, home: str) -> None:
    Poster(phone, home).scan()
    phone.get_by_role("link", name="English").click()
    expect(phone.get_by_role("heading", name="Health registration for residential compounds")).to_be_visible()
    Poster(phone, home).scan()
    expect(phone.locator("html")).to_have_attribute("lang", "en")
