"""A returnee from abroad: from the compound's report through the hub team to the district (Z-S5, Z-T7, Z-T8)."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from app import clock
from app.domain.documents import check_character
from app.profiles import load_profile
from tests.browser.pages_admin import ListScreen, answer, dialog, switch_compound
from tests.browser.scan_screens import Confirmation, Poster, ResidentForm
from tests.browser.site import Site

REPORTS, RETURNEES = "境外人员返郑上报", "境外返郑人员名单"
NAME, PHONE = "韩雪梅", "13655556666"
DOCUMENT = "41010219880706123" + check_character("41010219880706123")
COMMUNITY, COMPOUND, DISTRICT = "碧沙岗社区", "碧沙花园小区", "中原区"
SITE, FORWARD_TEAM = "五里堡集中隔离点", "北京专班登记点"


def open_list(page: Page, label: str) -> ListScreen:
    """By its name in the menu, whatever number stands beside it."""
    menu = page.get_by_role("navigation", name="主菜单")
    menu.get_by_role("link", name=re.compile(f"^{label}")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(label)
    return ListScreen(page)


def report(page: Page) -> None:
    """「新建」 of 「境外人员返郑上报」."""
    open_list(page, REPORTS)
    page.locator(".heading").get_by_role("link", name="新建").click()
    for label, text in {
        "姓名": NAME,
        "身份证": DOCUMENT,
        "境内手机号": PHONE,
        "来源国家": "韩国",
        "入境口岸": "青岛",
        "预计入境时间": "2020-03-20T21:16",
        "航班(车次/车牌)": "C888",
        "申报亲属姓名": "韩建国",
    }.items():
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_label("预计入境方式").select_option(label="飞机")
    page.get_by_role("button", name="提交").click()
    ListScreen(page).expect_message("已保存")


def set_status(screen: ListScreen, status: str) -> None:
    """「编辑状态」 in its dialog."""
    screen.row(NAME).get_by_role("link", name="编辑状态").click()
    dialog(screen.page).get_by_label("状态").select_option(label=status)
    dialog(screen.page).get_by_role("button", name="保存").click()
    screen.expect_message("已保存")


def register_at(phone: Page, address: str) -> None:
    """The returnee scans the poster there and fills in the form for the first time."""
    Poster(phone, address).scan()
    form = ResidentForm(phone)
    form.fill_in(name=NAME, document=DOCUMENT, phone=PHONE)
    form.answer("是否外地返回", "否")
    form.consent()
    form.submit()
    expect(phone.get_by_text("登记成功")).to_be_visible()


def come_home(phone: Page, address: str) -> None:
    """The returnee declares the return at the poster of the compound, to be isolated there."""
    Poster(phone, address + "?form=1").scan()
    form = ResidentForm(phone)
    form.fill_in(name=NAME, document=DOCUMENT, phone=PHONE)
    form.answer("是否外地返回", "是")
    today = clock.local_date(clock.now(), load_profile("zhengzhou").zone)
    phone.get_by_label("来郑日期").fill(today.isoformat())
    phone.get_by_label("交通方式").select_option(label="飞机")
    form.answer("是否国外返回", "是")
    phone.get_by_label("国家").select_option(label="韩国")
    phone.get_by_label("隔离方式").select_option(label="居家隔离")
    form.consent()
    form.submit()
    expect(phone.get_by_text("登记成功")).to_be_visible()


def confirm_isolation(manager: Page) -> None:
    """「确认隔离」 in 「小区居民管理」."""
    switch_compound(manager, COMPOUND)
    residents = ListScreen(manager).open("小区居民管理").search(姓名=NAME)
    residents.row(NAME).get_by_role("button", name="确认隔离").click()
    answer(manager, "确定此人已经处于隔离状态吗？")
    residents.expect_message("已确认隔离")


def test_a_returnee_goes_from_the_report_to_the_isolation_point(
    sign_in: Callable[..., Page], site: Site, phone: Page
) -> None:
    manager = sign_in(site.login("小区管理员", COMMUNITY))
    report(manager)

    hub = open_list(sign_in(site.login("航班专班")), RETURNEES)
    expect(hub.row(NAME)).to_contain_text("待反馈")
    hub.row(NAME).get_by_role("button", name="已接收").click()
    hub.expect_message("已接收")

    register_at(phone, site.place(FORWARD_TEAM).url)
    hub.page.reload()
    expect(hub.row(NAME)).to_contain_text("已到达北京")
    set_status(hub, "各区县接走")
    expect(open_list(sign_in(site.login("火车专班")), RETURNEES).row(NAME)).to_have_count(0)

    page = sign_in(site.login("区县管理员", DISTRICT))
    district = open_list(page, RETURNEES)
    expect(district.row(NAME)).to_contain_text("各区县接走")
    district.row(NAME).get_by_role("link", name="编辑状态").click()
    expect(dialog(page)).to_contain_text("此人信息在预警信息中，但是摸排后发现此人从未出境")
    page.keyboard.press("Escape")

    come_home(phone, site.place(COMPOUND).url)
    confirm_isolation(manager)
    page.reload()
    expect(district.row(NAME)).to_contain_text("居家隔离")

    Poster(phone, site.place(SITE).url).scan()
    Confirmation(phone).register()
    expect(phone.get_by_text("登记成功")).to_be_visible()

    page.reload()
    expect(district.row(NAME)).to_contain_text("集中隔离")
    district.row(NAME).get_by_role("link", name="详情").click()
    page.get_by_role("link", name="操作日志").click()
    for action, change in {
        "扫北京专班码，系统更新状态": "已接收 → 已到达北京",
        "小区确认隔离，系统更新状态": "各区县接走 → 居家隔离",
        "扫集中隔离点码，系统更新状态": "居家隔离 → 集中隔离",
    }.items():
        log = page.locator("table").get_by_role("row").filter(has_text=action)
        expect(log).to_contain_text("系统")
        expect(log).to_contain_text(change)
