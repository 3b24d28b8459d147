"""A traveller at the station, and a code that becomes a bus: at phone size (Z-S6 to Z-S9)."""

from __future__ import annotations

import itertools
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import Pages
from tests.browser.scan_screens import Poster, ResidentForm, Result
from tests.browser.site import Site
from tests.factories import id_card
from tests.factories import phone as number

_serials = itertools.count(820)
# What the alarm plays, counted on its way to the loudspeaker.
COUNT_TONES = """window.tones = 0; OscillatorNode.prototype.start = function (when) {
  window.tones += 1; AudioScheduledSourceNode.prototype.start.call(this, when); };"""

# The colours behind the page in the course of one turn of its animation.
LOOK_THROUGH = """() => {
  const [flash] = document.body.getAnimations(), seen = [];
  const milliseconds = flash.effect.getTiming().duration;
  flash.pause();
  for (let at = 0; at < milliseconds; at += 50) {
    flash.currentTime = at;
    seen.push(getComputedStyle(document.body).backgroundColor);
  }
  return { milliseconds, seen };
}"""


def traveller() -> dict[str, str]:
    serial = next(_serials)
    return {"name": "何晓明", "document": id_card(serial, birth="19850607", area="370102"), "phone": number(serial)}


def arrive(page: Page, site: Site, *origin: str) -> None:
    """Fill in 「入郑健康扫码」 of the railway station."""
    Poster(page, site.place("郑州火车站").url).scan()
    expect(page.get_by_role("heading", name="入郑健康扫码")).to_be_visible()
    form = ResidentForm(page)
    form.fill_in(**traveller())
    form.answer("是否国外返回", "否")
    form.choose_origin(*origin)
    form.consent()
    form.submit()


def test_a_traveller_from_a_key_area_flashes_and_sounds(phone: Page, site: Site) -> None:
    phone.add_init_script(COUNT_TONES)
    arrive(phone, site, "湖北省", "武汉市", "武昌区")
    Result(phone).expect_registered("红码")
    expect(phone.get_by_text("重点地区归来人员", exact=True)).to_be_visible()
    expect(phone.get_by_text("您 14 天内到过高风险地区。")).to_be_visible()
    expect(phone.locator("html")).to_have_attribute("data-sound", re.compile("playing|waiting"))
    look = phone.evaluate(LOOK_THROUGH)
    changes = sum(before != after for before, after in itertools.pairwise([*look["seen"], look["seen"][0]]))
    assert changes == 2, "there and back"
    assert look["milliseconds"] >= 1000, "at most one flash a second"
    assert phone.evaluate("() => document.documentElement.scrollWidth") <= 390
    # Opened again nobody has touched the page, and the browser lets nothing sound.
    phone.reload()
    expect(phone.locator("html")).to_have_attribute("data-sound", "waiting")
    assert phone.evaluate("window.tones") == 0
    button = phone.get_by_role("button", name="点此播放警报")
    place = button.bounding_box()
    assert place is not None and (place["height"], place["width"]) >= (60, 300)
    button.click()
    expect(phone.locator("html")).to_have_attribute("data-sound", "playing")
    assert phone.evaluate("window.tones") > 0
    expect(button).to_be_hidden()


def test_the_page_stands_still_where_motion_is_not_wanted(pages: Pages, site: Site) -> None:
    page = pages.open(width=390, reduced_motion="reduce")
    arrive(page, site, "湖北省", "武汉市", "武昌区")
    Result(page).expect_registered("红码")
    assert page.evaluate("() => document.getAnimations().length") == 0
    expect(page.get_by_text("重点地区归来人员", exact=True)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-sound", re.compile("playing|waiting"))


def test_a_traveller_without_javascript_arrives_too(pages: Pages, site: Site) -> None:
    page = pages.open(width=390, java_script_enabled=False)
    Poster(page, site.place("郑州东站").url).scan()
    form = ResidentForm(page)
    form.fill_in(**traveller())
    form.answer("是否国外返回", "否")
    for label, name in (("省", "广东省"), ("市", "广州市"), ("区县", "天河区")):
        page.get_by_label(label, exact=True).select_option(label=name)
        page.get_by_role("button", name="选择", exact=True).click()
    form.consent()
    form.submit()
    Result(page).expect_registered("绿码")


def test_a_code_becomes_a_bus_whose_known_passengers_need_no_form(phone: Page, pages: Pages, site: Site) -> None:
    code = site.waiting("公交")
    Poster(phone, code.url).scan()
    expect(phone.get_by_role("heading", name="二维码激活")).to_be_visible()
    for label, value in (
        ("公交线路", "1路"),
        ("车牌号", "豫A12345"),
        ("联系人姓名", "李四"),
        ("联系人手机号", "13900000001"),
    ):
        phone.get_by_label(label, exact=True).fill(value)
    phone.get_by_role("button", name="获取验证码").click()
    expect(phone.get_by_text("验证码已发送，请查看联系人手机短信")).to_be_visible()
    phone.get_by_label("验证码", exact=True).fill("123456")
    phone.get_by_role("button", name="激活").click()
    expect(phone.get_by_role("heading", name="激活成功")).to_be_visible()

    passenger = pages.open(width=390)
    Poster(passenger, code.url).scan()
    expect(passenger.get_by_role("heading", name="公交乘客健康扫码")).to_be_visible()
    form = ResidentForm(passenger)
    form.fill_in(**traveller())
    form.answer("是否外地返回", "否")
    form.consent()
    form.submit()
    Result(passenger).expect_registered("绿码")
    expect(passenger.get_by_text("1路 豫A12345")).to_be_visible()
    Poster(passenger, code.url).scan()
    Result(passenger).expect_registered("绿码")


@pytest.mark.parametrize("place", ["五里堡集中隔离点", "人民路核酸检测点"])
def test_an_isolation_and_a_test_point_register_and_bind_nobody(phone: Page, site: Site, place: str) -> None:
    person = traveller()
    for name in (place, "碧沙花园小区"):
        Poster(phone, site.place(name).url + "?form=1").scan()
        form = ResidentForm(phone)
        form.fill_in(**person)
        form.answer("是否外地返回", "否")
        form.consent()
        form.submit()
        Result(phone).expect_registered("绿码")  # nobody is sent away from the compound as living elsewhere
        expect(phone.get_by_text(name, exact=True)).to_be_visible()
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
