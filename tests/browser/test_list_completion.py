"""The operators' and the station's lists from the file to their completion; each list opened by each of its roles."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.list_files import confirm, upload
from tests.browser.pages_admin import ListScreen, dialog
from tests.browser.site import Site
from tests.lists import people_sheet

TELECOM, RAIL, STATISTICS = "通管人员摸排", "火车站人员摸排", "筛查管理统计"
DAY, DISTRICT, PEOPLE, FIRST = "2021-05-06", "中原区", 3, 600
NORMAL = "已联系，情况正常"

_OF_CITY_AND_DISTRICT = {
    TELECOM,
    RAIL,
    "公安摸排名单",
    "指挥部排查名单",
    "中高风险返郑人员排查",
    "境外返郑人员名单",
    "核酸检测管理",
    "巡查人员管理",
}
_OF_RESIDENCE = {"公安摸排名单", "发热人员名单"}
READ_BY = {
    "市管理员": _OF_CITY_AND_DISTRICT,
    "区县管理员": _OF_CITY_AND_DISTRICT | {"发热人员名单"},
    "街道管理员": _OF_RESIDENCE,
    "社区管理员": _OF_RESIDENCE | {"境外人员返郑上报"},
    "小区管理员": _OF_RESIDENCE | {"境外人员返郑上报"},
    "航班专班": {"境外返郑人员名单"},
    "高铁专班": {"境外返郑人员名单"},
    "火车专班": {"境外返郑人员名单"},
}
LISTS = set().union(*READ_BY.values())


def bring(page: Page, key: str, title: str) -> None:
    """The same people on that list, from their file to the end of the import."""
    content = people_sheet(key, PEOPLE, day=DAY, district=DISTRICT, first=FIRST)
    upload(page, title, f"{key}.csv", content)
    confirm(page)


def of_the_day(page: Page, title: str) -> ListScreen:
    return ListScreen(page).open(title).search(开始日期=DAY, 结束日期=DAY)


def completion_of(page: Page, title: str) -> tuple[str, str, str]:
    """What 「筛查管理统计」 says of the day: 应排查, 已排查, 考核完成率."""
    (line,) = (row for row in of_the_day(page, STATISTICS).shown() if row["名单"] == title)
    return line["应排查"], line["已排查"], line["考核完成率"]


def work_through_by_keyboard(page: Page) -> None:
    """j to the first row, Enter opens it, e edits, n goes to the next."""
    assert of_the_day(page, TELECOM).count() == PEOPLE
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    for left in reversed(range(PEOPLE)):
        expect(page).to_have_url(re.compile(r"/screening/telecom/\d+"))
        page.wait_for_load_state()  # the keys are the script's
        page.keyboard.press("e")
        dialog(page).get_by_label("状态").select_option(label=NORMAL)
        dialog(page).get_by_role("button", name="保存").press("Enter")
        ListScreen(page).expect_message("已保存")
        if left:
            before = page.url
            page.keyboard.press("n")
            expect(page).not_to_have_url(before)


def hand_all_to_the_district(page: Page) -> None:
    """The rows that fell to other districts are reassigned, many at once."""
    screen = of_the_day(page, RAIL)
    assert len({row["区县"] for row in screen.shown()}) == PEOPLE  # evenly: no district twice
    for row in screen.shown():
        if row["区县"] != DISTRICT:
            screen.row(row["姓名"]).locator("[data-pick]").check()
    page.locator("[data-bulk]").get_by_role("button", name="转派").click()
    page.get_by_label("区县").select_option(label=DISTRICT)
    page.get_by_label("备注").fill("已电话核实住在中原区")
    page.locator("main").get_by_role("button", name="确定").click()
    screen.expect_message("已转派")


def set_all_at_once(page: Page) -> None:
    """Who was called for the other list is said in the dialog; then one status for all."""
    screen = of_the_day(page, RAIL)
    assert screen.count() == PEOPLE
    screen.rows.first.get_by_role("link", name="编辑").click()
    expect(dialog(page)).to_contain_text(f"此人在「{TELECOM}」中已于")
    expect(dialog(page)).to_contain_text(NORMAL)
    page.keyboard.press("Escape")
    page.locator("[data-pick-all]").check()
    page.locator("[data-bulk]").get_by_role("button", name="批量修改状态").click()
    page.get_by_label("状态").select_option(label=NORMAL)
    page.locator("main").get_by_role("button", name="保存").click()
    screen.expect_message("已保存")


def test_two_lists_go_from_their_files_to_their_completion(sign_in: Callable[..., Page], site: Site) -> None:
    city, district = sign_in(site.login("市管理员")), sign_in(site.login("区县管理员", DISTRICT))
    bring(city, "telecom", TELECOM)
    assert completion_of(city, TELECOM) == (str(PEOPLE), "0", "0.00%")
    work_through_by_keyboard(district)
    assert completion_of(city, TELECOM) == (str(PEOPLE), str(PEOPLE), "100.00%")

    bring(city, "rail", RAIL)
    hand_all_to_the_district(city)
    set_all_at_once(district)
    assert completion_of(city, RAIL) == (str(PEOPLE), str(PEOPLE), "100.00%")
    ListScreen(city).row(RAIL).get_by_role("link", name=str(PEOPLE), exact=True).last.click()
    expect(city.get_by_role("heading", level=1)).to_have_text(RAIL)
    assert {row["状态"] for row in ListScreen(city).shown()} == {NORMAL}
    assert ListScreen(city).count() == PEOPLE


@pytest.mark.parametrize("role", READ_BY)
def test_each_list_opens_to_each_of_its_roles(sign_in: Callable[..., Page], site: Site, role: str) -> None:
    page = sign_in(site.login(role))
    links = page.get_by_role("navigation", name="主菜单").get_by_role("link")
    # A number may stand beside a name.
    found = links.evaluate_all("all => all.map(link => [link.textContent.trim().split(/\\s/)[0], link.pathname])")
    mine = {name.rstrip("0123456789+"): path for name, path in found}
    assert mine.keys() & LISTS == READ_BY[role]
    for title in sorted(READ_BY[role]):
        page.goto(mine[title])
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        expect(page.locator(".card-table")).to_be_visible()
