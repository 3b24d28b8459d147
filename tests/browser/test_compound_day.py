"""A compound manager's day, from sign-in to the Excel file (Z-R1 to Z-R10)."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pypdf
import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.browser.pages_admin import (
    ListScreen,
    ShownRow,
    answer,
    assert_same_rows,
    dialog,
    download,
    fact,
    switch_compound,
)
from tests.browser.site import DemoLogin, Site
from tests.factories import id_card

SignIn = Callable[..., Page]
FIRST, SECOND = "建设新苑小区", "碧沙花园小区"
RESIDENTS, ENTRIES = "小区居民管理", "进出登记管理"
TONE_OF_DAYS = {True: "red", False: "yellow"}


@pytest.fixture
def manager(site: Site) -> DemoLogin:
    """Who looks after two compounds of 中原区."""
    return site.login("小区管理员", "中原区")


@pytest.fixture
def residents(sign_in: SignIn, manager: DemoLogin) -> ListScreen:
    """「小区居民管理」 of the first compound."""
    page = sign_in(manager)
    switch_compound(page, FIRST)
    return ListScreen(page).open(RESIDENTS)


def codes_in(picture: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(picture)]


def first_with(screen: ListScreen, *, status: str, days: Callable[[int], bool] = lambda _days: True) -> ShownRow:
    """The first resident of this status and with so many days in quarantine."""
    screen.search(隔离状态=status)
    return next(row for row in screen.shown_on_all_pages() if days(int(row["隔离天数"] or 0)))


def test_a_manager_signs_in_and_switches_compound(sign_in: SignIn, manager: DemoLogin) -> None:
    page = sign_in(manager)
    switch_compound(page, FIRST)
    first = ListScreen(page).open(RESIDENTS).count()
    switch_compound(page, SECOND)
    second = ListScreen(page).open(RESIDENTS).count()
    assert first > 0 and second > 0 and first != second
    page.get_by_role("link", name="二维码下载").click()
    expect(page.get_by_role("figure")).to_contain_text(SECOND)


def test_the_poster_leads_a_resident_to_the_form_and_into_the_managers_list(
    residents: ListScreen, phone: Page, site: Site
) -> None:
    page = residents.page
    before = residents.count()
    page.get_by_role("link", name="二维码下载").click()
    name, picture = download(page, page.get_by_role("link", name="二维码下载（PNG）"))
    assert name == f"{FIRST}-二维码.png"
    assert codes_in(Image.open(io.BytesIO(picture))) == [site.place(FIRST).url]
    name, sheet = download(page, page.get_by_role("link", name="二维码下载（PDF）"))
    assert name == f"{FIRST}-二维码.pdf"
    printed = pypdfium2.PdfDocument(sheet)[0].render(scale=150 / 72).to_pil()
    (address,) = codes_in(printed)
    text = "".join(pypdf.PdfReader(io.BytesIO(sheet)).pages[0].extract_text().split())
    assert FIRST in text and "全市居民小区健康登记管理系统" in text

    phone.goto(address)
    phone.get_by_label("姓名").fill("程思远")
    phone.get_by_label("证件号", exact=True).fill(id_card(3, birth="19880715"))
    phone.get_by_label("手机号").fill("13700001234")
    phone.get_by_label("现住地址").fill(f"{FIRST}3号楼2单元501室")
    phone.get_by_role("group", name="是否外地返回").get_by_label("否", exact=True).check()
    phone.get_by_label("我已阅读并承诺遵守").check()
    phone.get_by_role("button", name="提交").click()
    expect(phone.get_by_text("登记成功")).to_be_visible()

    residents.open(RESIDENTS)
    assert residents.count() == before + 1
    (row,) = residents.search(姓名="程思远").shown()
    assert (row.tone, row["隔离状态"]) == ("green", "无需隔离")


def test_rows_are_red_yellow_and_green_by_days(residents: ListScreen) -> None:
    rows = residents.shown_on_all_pages()
    assert len(rows) == residents.count()
    assert {row.tone for row in rows} == {"red", "yellow", "green"}
    for row in rows:
        must_isolate = row["隔离状态"] in ("待确认隔离", "已确认隔离", "未到本小区")
        assert row.tone == (TONE_OF_DAYS[int(row["隔离天数"]) > 7] if must_isolate else "green")


def test_confirming_asks_first_and_then_shows_in_status_and_log(residents: ListScreen) -> None:
    page = residents.page
    someone = first_with(residents, status="待确认隔离")
    row = residents.row(someone["姓名"], someone["登记时间"])
    row.get_by_role("button", name="确认隔离").click()
    answer(page, "确定此人已经处于隔离状态吗？", "取消")
    expect(row).to_contain_text("待确认隔离")
    row.get_by_role("button", name="确认隔离").click()
    answer(page, "确定此人已经处于隔离状态吗？")
    residents.expect_message("已确认隔离")
    residents.clear().search(姓名=someone["姓名"], 隔离状态="已确认隔离")
    residents.row(someone["登记时间"]).get_by_role("link", name="详情").click()
    page.get_by_role("link", name="操作日志").click()
    logged = page.locator("table[data-rows] tbody tr").first
    for words in ("陈玉兰", "确认隔离", "隔离状态：待确认隔离 → 已确认隔离"):
        expect(logged).to_contain_text(words)


def test_a_returnee_from_a_key_area_is_not_released_before_the_days_are_over(residents: ListScreen) -> None:
    page = residents.page
    someone = first_with(residents, status="已确认隔离", days=lambda days: 0 < days < 14)
    row = residents.row(someone["姓名"], someone["登记时间"])
    row.get_by_role("link", name="解除隔离").click()
    left = 14 - int(someone["隔离天数"])
    expect(dialog(page)).to_contain_text(f"此人隔离期 14 天，还剩 {left} 天")
    dialog(page).get_by_label("解除隔离原因").fill("家属要求")
    dialog(page).get_by_label("是否已提交健康证明").check()
    dialog(page).get_by_role("button", name="确定").click()
    expect(dialog(page).get_by_role("alert")).to_contain_text(f"此人隔离期 14 天，还剩 {left} 天，期满前不能解除隔离")
    expect(dialog(page).get_by_label("解除隔离原因")).to_have_value("家属要求")
    dialog(page).get_by_role("link", name="取消").click()
    expect(row).to_contain_text("已确认隔离")


def test_a_release_wants_a_reason_and_the_health_certificate(sign_in: SignIn, manager: DemoLogin) -> None:
    page = sign_in(manager)
    someone = returned_from_abroad(page)
    screen = ListScreen(page)
    row = screen.row(someone["姓名"], someone["登记时间"])
    row.get_by_role("link", name="解除隔离").click()
    expect(dialog(page)).not_to_contain_text("此人隔离期")
    dialog(page).get_by_role("button", name="确定").click()
    expect(dialog(page).get_by_role("alert")).to_contain_text("请填写解除隔离原因")
    dialog(page).get_by_label("解除隔离原因").fill("核酸检测两次阴性")
    send_and_hold(page, "**/do/release")
    expect(dialog(page).get_by_role("alert")).not_to_contain_text("请填写解除隔离原因")
    expect(dialog(page).get_by_role("alert")).to_contain_text("请确认是否已提交健康证明")
    dialog(page).get_by_label("是否已提交健康证明").check()
    dialog(page).get_by_role("button", name="确定").click()
    screen.expect_message("已解除隔离")
    screen.clear().search(姓名=someone["姓名"], 隔离状态="已解除隔离")
    (released,) = (shown for shown in screen.shown() if shown["登记时间"] == someone["登记时间"])
    assert released.tone == "green"
    screen.row(someone["登记时间"]).get_by_role("link", name="详情").click()
    page.get_by_role("link", name="操作日志").click()
    expect(page.locator("table[data-rows] tbody tr").first).to_contain_text("核酸检测两次阴性")


def send_and_hold(page: Page, address: str) -> None:
    """Send the dialog's form; until it is answered it takes nothing more, which the answer would throw away."""
    held: list[Route] = []
    page.route(address, lambda route: held.append(route))
    dialog(page).get_by_role("button", name="确定").click()
    expect(dialog(page).locator("form")).to_have_js_property("inert", True)
    held[0].continue_()
    page.unroute(address)


def returned_from_abroad(page: Page) -> ShownRow:
    """Somebody in quarantine whom no key area holds; the page is at the list that shows the row."""
    for compound in (FIRST, SECOND):
        switch_compound(page, compound)
        screen = ListScreen(page).open(RESIDENTS).search(隔离状态="已确认隔离")
        listed = page.url
        for someone in screen.shown():
            screen.row(someone["姓名"], someone["登记时间"]).get_by_role("link", name="详情").click()
            is_key_area = fact(page.locator("main"), "重点地区返回")
            page.goto(listed)
            if is_key_area == "否":
                return someone
    raise AssertionError("the demo city has nobody from abroad in these compounds")


def test_who_cannot_be_found_is_marked_as_not_arrived(residents: ListScreen) -> None:
    someone = first_with(residents, status="待确认隔离")
    row = residents.row(someone["姓名"], someone["登记时间"])
    row.get_by_role("button", name="未到本小区").click()
    answer(residents.page, "确定此人未到本小区或者无法联系上吗？")
    residents.expect_message("已标记为未到本小区")
    residents.clear().search(姓名=someone["姓名"], 隔离状态="未到本小区")
    expect(residents.row(someone["登记时间"])).to_have_count(1)


def test_an_ended_tie_leaves_the_list_and_can_still_be_seen(residents: ListScreen) -> None:
    page = residents.page
    someone = first_with(residents, status="无需隔离")
    residents.clear()
    before = residents.count()
    residents.search(姓名=someone["姓名"], 隔离状态="无需隔离")
    residents.row(someone["登记时间"]).get_by_role("link", name="未在本小区").click()
    chosen = dialog(page).get_by_label("所属小区").locator("option:checked")
    expect(chosen).to_have_text(FIRST)
    dialog(page).get_by_label("备注").fill("已搬到外地")
    dialog(page).get_by_role("button", name="确定").click()
    residents.expect_message("已解除与该小区的关联")
    residents.clear()
    assert residents.count() == before - 1
    residents.search(姓名=someone["姓名"], 显示已删除关联人员=True)
    ended = residents.row(someone["登记时间"])
    expect(ended).to_contain_text("已解除关联")
    ended.get_by_role("link", name="详情").click()
    assert fact(page.locator("main"), "解除关联备注") == "已搬到外地"


def test_a_resident_is_found_by_name_by_number_and_by_phone(residents: ListScreen) -> None:
    page = residents.page
    someone = residents.shown()[0]
    number, phone_number = revealed(page, residents, someone)
    for label, typed in (("姓名", someone["姓名"]), ("证件号码", number), ("联系电话", phone_number)):
        residents.clear().search(**{label: typed})
        found = residents.shown()
        assert someone["登记时间"] in [row["登记时间"] for row in found]
        assert label == "姓名" or len(found) == 1


def revealed(page: Page, screen: ListScreen, someone: ShownRow) -> tuple[str, str]:
    """Number and phone in full, asked for with a reason; the screen is back at its list then."""
    listed = page.url
    screen.row(someone["姓名"], someone["登记时间"]).get_by_role("link", name="详情").click()
    page.get_by_role("link", name="查看完整").click()
    dialog(page).get_by_label("查看原因").fill("电话回访")
    dialog(page).get_by_role("button", name="查看", exact=True).click()
    expect(dialog(page).get_by_role("heading")).to_have_text("完整信息")
    number, phone_number = (fact(dialog(page), label) for label in ("证件号", "手机号"))
    page.goto(listed)
    return number, phone_number


def test_the_details_have_three_tabs(residents: ListScreen) -> None:
    page = residents.page
    residents.rows.first.get_by_role("link", name="详情").click()
    for label, words in (("异常信息", "异常"), ("操作日志", "操作"), ("基本信息", "人员信息")):
        page.get_by_role("link", name=label, exact=True).click()
        expect(page.locator("nav.tabs [aria-current=page]")).to_have_text(label)
        expect(page.locator("main")).to_contain_text(words)


def test_the_export_holds_what_the_screen_shows(residents: ListScreen) -> None:
    rows = residents.shown_on_all_pages()
    sheet = residents.export()
    assert_same_rows(sheet, rows)
    assert "陈玉兰" in sheet.watermark
    assert all("*" in row["证件号码"] and "*" in row["联系电话"] for row in sheet.records)


def test_a_filtered_export_holds_the_filtered_rows(residents: ListScreen) -> None:
    everybody = residents.count()
    residents.search(隔离状态="已确认隔离")
    rows = residents.shown_on_all_pages()
    assert 0 < len(rows) < everybody
    assert_same_rows(residents.export(), rows)


def test_entries_are_counted_searched_and_exported(sign_in: SignIn, manager: DemoLogin) -> None:
    page = sign_in(manager)
    switch_compound(page, SECOND)
    entries = ListScreen(page).open(ENTRIES)
    total, today = int(entries.figure("总计").inner_text()), int(entries.figure("今日进出人数").inner_text())
    assert total == entries.count() and today <= total
    page.get_by_role("link", name="今日进出人数").click()
    expect(page).to_have_url(re.compile("from_day="))
    assert entries.count() == today
    entries.clear().search(登记来源="扫码登记")
    rows = entries.shown_on_all_pages()
    assert rows and {row["登记来源"] for row in rows} == {"扫码登记"}
    assert_same_rows(entries.export(), rows)


def test_an_entry_by_scan_is_read_only(sign_in: SignIn, manager: DemoLogin) -> None:
    page = sign_in(manager)
    entries = ListScreen(page).open(ENTRIES).search(登记来源="扫码登记")
    expect(entries.rows.first.get_by_role("button", name="删除")).to_have_count(0)
    entries.rows.first.get_by_role("link", name="详情").click()
    expect(page.locator("main").get_by_role("button")).to_have_count(0)
    expect(page.locator("main .actions")).to_have_count(0)
