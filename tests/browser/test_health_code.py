"""A health code in the browser: apply, show, explain, appeal, be checked; and what remains without a network."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from app.domain.roles import Role
from tests.browser.pages import Pages
from tests.browser.site import DemoLogin, Site
from tests.browser.test_every_page import is_too_wide
from tests.chromium import ARGUMENTS, chromium_path
from tests.factories import id_card

SignIn = Callable[..., Page]
SMS_CODE = "123456"


def apply(page: Page, *, serial: int, condition: str = "健康") -> None:
    """Apply for a code as a person does, by the labels of the form."""
    page.goto("/code/")
    page.get_by_role("link", name="申请", exact=True).click()
    page.get_by_label("姓名", exact=True).fill("何晓明")
    page.get_by_label("证件号", exact=True).fill(id_card(serial, birth="19880808"))
    page.get_by_label("手机号").fill(f"1360000{serial:04d}")
    page.get_by_role("button", name="获取验证码").click()
    expect(page.get_by_text("验证码已发送")).to_be_visible()
    page.get_by_label("短信验证码").fill(SMS_CODE)
    page.get_by_label("居住类型").select_option(label="自有住房")
    page.get_by_label("区域", exact=True).select_option(label="中原区")
    page.get_by_label("详细地址").fill("幸福小区3号楼2单元501室")
    for label, name in (("户籍省", "河南省"), ("户籍市", "郑州市"), ("户籍区县", "中原区")):
        page.get_by_label(label, exact=True).select_option(label=name)
    page.get_by_label("当前健康状况").select_option(label=condition)
    page.get_by_role("group", name="近14天接触人员").get_by_label("否", exact=True).check()
    page.get_by_role("group", name="是否外地返回").get_by_label("否", exact=True).check()
    page.get_by_label("我已阅读并承诺遵守").check()
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".qr svg")).to_be_visible()


def photo(folder: Path) -> Path:
    path = folder / "result.jpg"
    Image.new("RGB", (320, 240), "white").save(path)
    return path


def test_a_person_applies_shows_reads_why_and_appeals(phone: Page, tmp_path: Path) -> None:
    apply(phone, serial=801, condition="发热")
    expect(phone.get_by_role("heading", level=1)).to_have_text("黄码")
    expect(phone.get_by_text("您申报了发热等症状或接触史。")).to_be_visible()
    expect(phone.get_by_text("秒前更新")).to_be_visible()
    assert not is_too_wide(phone)
    phone.get_by_role("link", name="我要申诉").click()
    phone.get_by_label("申诉理由").fill("体温计有误，核酸检测为阴性。")
    phone.get_by_label("照片（选填）").set_input_files(photo(tmp_path))
    phone.get_by_role("button", name="提交申诉").click()
    expect(phone.get_by_text("待处理")).to_be_visible()
    expect(phone.get_by_role("link", name="我要申诉")).to_have_count(0)
    for language in ("en", "zh"):
        phone.goto(f"{phone.url.partition('?')[0]}?lang={language}")
        assert not is_too_wide(phone)


def test_without_scripts_the_server_draws_the_code(phone: Page, pages: Pages) -> None:
    apply(phone, serial=805)
    plain = pages.open(width=390, java_script_enabled=False, storage_state=phone.context.storage_state())
    plain.goto(phone.url)
    picture = plain.get_by_role("img", name="健康码二维码")
    expect(picture).to_be_visible()
    box = picture.bounding_box()
    assert box is not None and box["width"] == box["height"] > 200
    image = Image.open(io.BytesIO(picture.screenshot()))
    assert zxingcpp.read_barcodes(image)[0].text.rpartition("/C/")[0] == phone.url.partition("/code/")[0].upper()


def test_the_code_renews_itself_and_stays_with_its_age_without_a_network(pages: Pages) -> None:
    page = pages.open(width=390)
    page.clock.install()
    apply(page, serial=802)
    first = page.locator(".qr svg").inner_html()
    page.clock.run_for(62_000)
    expect(page.locator(".qr svg")).not_to_have_count(0)
    page.wait_for_function("first => document.querySelector('.qr svg').innerHTML !== first", arg=first)
    renewed = page.locator(".qr svg").inner_html()
    page.context.set_offline(True)
    page.clock.run_for(180_000)
    expect(page.get_by_text("网络不畅，此码生成于3分钟前")).to_be_visible()
    assert page.locator(".qr svg").inner_html() == renewed
    page.context.set_offline(False)
    page.clock.run_for(12_000)
    expect(page.get_by_text("秒前更新")).to_be_visible()
    # Requests that failed while the network was away are what this test is about.
    pages.faults[:] = [fault for fault in pages.faults if "ERR_INTERNET_DISCONNECTED" not in fault]


def test_a_page_without_scripts_applies_too(pages: Pages) -> None:
    page = pages.open(width=390, java_script_enabled=False)
    page.goto("/code/apply")
    page.get_by_label("户籍省").select_option(label="河南省")
    page.get_by_role("group", name="户籍所在地").get_by_role("button", name="选择").click()
    page.get_by_label("户籍市").select_option(label="郑州市")
    assert not is_too_wide(page)


def test_a_guard_looks_a_code_up_by_its_digits(phone: Page, sign_in: SignIn, site: Site) -> None:
    apply(phone, serial=803)
    digits = phone.locator(".digits").inner_text()
    guard = sign_in(site.login(Role.COMPOUND_ADMIN.label), width=390)
    guard.goto("/check/")
    guard.get_by_label("12位编号").fill(digits)
    guard.get_by_role("button", name="核验", exact=True).click()
    expect(guard.locator(".verdict-green")).to_contain_text("何*")
    assert not is_too_wide(guard)
    phone.reload()
    expect(phone.get_by_text("小区管理员")).to_be_visible()


@pytest.fixture
def camera(browser: Browser, phone: Page, site: Site, tmp_path: Path) -> Iterator[Pages]:
    """A browser whose camera sees a live code that was just shown."""
    apply(phone, serial=804)
    picture = phone.locator(".qr").screenshot()
    video = tmp_path / "code.mjpeg"
    frame = io.BytesIO()
    scene = Image.new("RGB", (640, 480), "white")
    code = Image.open(io.BytesIO(picture)).convert("RGB").resize((380, 380))
    scene.paste(code, (130, 50))
    scene.save(frame, format="JPEG", quality=92)
    video.write_bytes(frame.getvalue() * 12)
    flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    with browser.browser_type.launch(
        executable_path=chromium_path(),
        args=[*ARGUMENTS, *flags, f"--use-file-for-fake-video-capture={video}"],
    ) as other:
        yield Pages(other, site, 30_000)


def test_the_camera_reads_a_live_code_and_without_a_network_checks_it_alone(camera: Pages, site: Site) -> None:
    login: DemoLogin = site.login(Role.COMPOUND_ADMIN.label)
    page = camera.signed_in(login, width=390)
    page.goto("/check/")
    page.get_by_role("button", name="开启扫码").click()
    expect(page.locator(".verdict-green")).to_contain_text("何*")
    page.context.set_offline(True)
    expect(page.locator(".verdict-green")).to_contain_text("离线核验：签名有效")
    assert all("ERR_INTERNET_DISCONNECTED" in fault for fault in camera.close())
