"""Writes docs/images/*.png: the pages of the README, as they are, at the width of a desk and of a phone.

`python -m tests.browser.shoot` starts a demo of its own, works in it as a resident, a manager and the city would,
and ends it again.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.pages import Pages
from tests.browser.pages_admin import ListScreen, switch_compound
from tests.browser.site import ROOT, Site, running_site
from tests.chromium import ARGUMENTS, HOW_TO_GET_IT, chromium_path
from tests.factories import id_card
from tests.lists import FOLDER

IMAGES = ROOT / "docs" / "images"
WIDTHS = (1280, 390)
COLORS = 256
MOST_BYTES = 2_000_000
COMPOUND, OTHER_COMPOUND = "建设新苑小区", "农科路二号院"
LIST = "通管人员摸排"


def shoot(page: Page, name: str, *, widths: tuple[int, ...] = WIDTHS) -> None:
    """The page in hand as a small picture for each width."""
    for width in widths:
        page.set_viewport_size({"width": width, "height": 844 if width < 600 else 800})
        picture = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
        small = picture.quantize(COLORS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        small.save(IMAGES / f"{name}-{width}.png", optimize=True)


def shoot_compound(pages: Pages, site: Site) -> None:
    """Sign-in, first page, residents, one of them, entries, poster."""
    visitor = pages.open()
    visitor.goto("/account/login/")
    shoot(visitor, "sign-in")
    page = pages.signed_in(site.login("小区管理员", "中原区"))
    switch_compound(page, COMPOUND)
    page.goto("/")
    shoot(page, "first-page")
    residents = ListScreen(page)
    page.goto("/residents/")
    shoot(page, "residents")
    residents.row("已确认隔离").first.get_by_role("link", name="详情").click()
    expect(page.locator("nav.tabs")).to_be_visible()
    shoot(page, "resident")
    page.goto("/entries/")
    shoot(page, "entries")
    page.goto("/residents/")
    page.get_by_role("link", name="二维码下载").click()
    expect(page.get_by_role("figure")).to_be_visible()
    shoot(page, "poster")


def shoot_mobile(pages: Pages, site: Site) -> None:
    """The manager's site on a phone: first page, residents, one of them."""
    narrow = (WIDTHS[1],)
    page = pages.signed_in(site.login("小区管理员", "中原区"), width=390)
    page.goto("/m/")
    shoot(page, "mobile-home", widths=narrow)
    page.goto("/m/residents/?status=PENDING")
    shoot(page, "mobile-residents", widths=narrow)
    page.locator(".cards a").first.click()
    expect(page.get_by_role("button", name="确认隔离")).to_be_visible()
    shoot(page, "mobile-resident", widths=narrow)


def shoot_list(pages: Pages, site: Site) -> None:
    """The preview of an import, and the list after it."""
    page = pages.signed_in(site.login("市管理员"))
    page.goto("/imports/telecom/")
    page.get_by_label("选择文件").set_input_files(FOLDER / "telecom.xlsx")
    page.get_by_role("button", name="上传并预览").click()
    expect(page.get_by_role("button", name="确认导入")).to_be_visible(timeout=120_000)
    shoot(page, "import-preview")
    page.set_viewport_size({"width": WIDTHS[0], "height": 800})
    page.get_by_role("button", name="确认导入").click()
    expect(page.locator(".heading .tag")).to_have_text("已导入", timeout=120_000)
    shoot(page, "import-batch")
    page.goto("/screening/telecom/?dispatched=yes")
    shoot(page, "telecom-list")


def fill_in(page: Page, *, serial: int, name: str, from_wuhan: bool = False) -> None:
    """The resident's form, filled in and sent."""
    page.get_by_label("姓名").fill(name)
    page.get_by_label("证件号", exact=True).fill(id_card(serial, birth="19880715"))
    page.get_by_label("手机号").fill(f"1370000{serial:04d}")
    page.get_by_label("现住地址").fill(f"{COMPOUND}3号楼2单元501室")
    answer = "是" if from_wuhan else "否"
    page.get_by_role("group", name="是否外地返回").get_by_label(answer, exact=True).check()
    if from_wuhan:
        page.get_by_label("来郑日期").fill(page.get_by_label("来郑日期").get_attribute("max") or "")
        page.get_by_label("交通方式").select_option(index=1)
        page.get_by_role("group", name="是否国外返回").get_by_label("否", exact=True).check()
        for label, chosen in (("省", "湖北省"), ("市", "武汉市"), ("区县", "洪山区")):
            page.get_by_label(label, exact=True).select_option(label=chosen)
        page.get_by_label("隔离方式").select_option(index=1)
    page.get_by_label("我已阅读并承诺遵守").check()
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("当前时间", exact=True)).to_be_visible()


def shoot_phone(pages: Pages, site: Site) -> None:
    """What a resident and the guard see: form, result, 「登记信息确认」, refusal, key area."""
    narrow = (WIDTHS[1],)
    phone = pages.open(width=390)
    phone.goto(site.place(COMPOUND).url)
    shoot(phone, "scan-form", widths=narrow)
    fill_in(phone, serial=41, name="程思远")
    shoot(phone, "result-green", widths=narrow)
    phone.goto(site.place(COMPOUND).url)
    expect(phone.get_by_role("heading", name="登记信息确认")).to_be_visible()
    shoot(phone, "scan-confirm", widths=narrow)
    phone.goto(site.place(OTHER_COMPOUND).url)
    phone.get_by_role("button", name="此身份登记").first.click()
    expect(phone.get_by_text("非本小区人员，禁止入内").first).to_be_visible()
    shoot(phone, "result-refused", widths=narrow)
    returned = pages.open(width=390)
    returned.goto(site.place(COMPOUND).url)
    fill_in(returned, serial=42, name="何晓明", from_wuhan=True)
    shoot(returned, "result-key-area", widths=narrow)


def main() -> int:
    """The pictures are written; fails where they are too heavy together, or where a page had a fault."""
    path = chromium_path()
    if path is None:
        print(f"There is no Chromium: {HOW_TO_GET_IT}", file=sys.stderr)
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=30_000)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        # CAPTCHA=off lets the script sign in; the sign-in page of the picture shows no captcha therefore.
        with running_site(Path(folder), app_env="demo", CAPTCHA="off") as site:
            pages = Pages(browser, site, 30_000)
            shoot_phone(pages, site)
            shoot_compound(pages, site)
            shoot_mobile(pages, site)
            shoot_list(pages, site)
            faults = pages.close()
        browser.close()
    weight = sum(image.stat().st_size for image in IMAGES.glob("*.png"))
    print(f"{len(list(IMAGES.glob('*.png')))} pictures, {weight / 1000:,.0f} kB", *faults, sep="\n")
    return 1 if faults or weight > MOST_BYTES else 0


if __name__ == "__main__":
    sys.exit(main())
