"""The tree of areas, the trail and the state of the system in the browser, with the workers that answer (issue 5)."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from app.domain.roles import Role
from app.domain.running import QUEUE_NAMES
from tests.browser.pages_admin import ListScreen, answer, dialog
from tests.browser.site import Site
from tests.runtime.places import wait_until

SignIn = Callable[..., Page]
OURS, RENAMED = "龙湖试验社区", "龙湖社区"


def test_an_area_of_our_own_is_added_renamed_moved_and_watched(sign_in: SignIn, site: Site) -> None:
    page = sign_in(site.login(Role.CITY_ADMIN.label))
    areas = ListScreen(page).open("区划管理")
    page.get_by_role("link", name="新增区划").click()
    page.get_by_label("上级区划").select_option("410102001")
    page.get_by_label("区划名称").fill(OURS)
    page.get_by_role("button", name="提交").click()
    areas.search(区划名称=OURS).row(OURS).get_by_role("link", name="编辑").click()
    dialog(page).get_by_label("区划名称").fill(RENAMED)
    dialog(page).get_by_role("button", name="确定").click()
    areas.expect_message("已保存")

    areas.open("区划管理").search(区划名称=RENAMED).row(RENAMED).get_by_role("link", name="移动").click()
    page.get_by_label("移动到").select_option("410105008")
    page.get_by_role("button", name="下一步").click()
    expect(page.locator("main")).to_contain_text("410105008999")
    page.get_by_role("button", name="确定移动").click()
    # The page asks by itself, and a worker does it.
    expect(page.locator(".heading .tag")).to_have_text("已完成")

    areas.open("区划管理").search(区划名称=RENAMED).row(RENAMED).get_by_role("link", name="详情").click()
    page.get_by_role("button", name="停用").click()
    answer(page, "确定停用？")
    areas.open("区划管理").search(区划名称=RENAMED)
    assert {row["状态"] for row in areas.shown()} == {"已停用"}


def test_the_trail_is_checked_searched_and_exported(sign_in: SignIn, site: Site) -> None:
    page = sign_in(site.login(Role.AUDITOR.label))
    trail = ListScreen(page).open("操作日志")
    page.get_by_role("button", name="校验").click()
    trail.expect_message("已开始校验")

    def is_checked() -> bool:
        page.reload()
        return trail.figure("校验").count() == 1 and trail.figure("已校验至").count() == 1

    wait_until(is_checked, within_seconds=60, what="a worker has checked the trail")
    expect(trail.figure("日志完整性")).to_have_text("完整")
    trail.search(操作="登录")
    assert {row["操作"] for row in trail.shown()} == {"登录"}
    assert {record["操作"] for record in trail.export().records} == {"登录"}


def test_every_part_of_a_running_system_is_well(sign_in: SignIn, site: Site) -> None:
    page = sign_in(site.login(Role.SYSTEM_ADMIN.label))
    ListScreen(page).open("系统状态")
    expect(page.locator("main")).to_contain_text("调度进程")
    queues = page.get_by_role("table", name="队列")
    expect(queues.locator("tbody tr")).to_have_count(len(QUEUE_NAMES))
    expect(queues.locator("tbody tr").filter(has_text="工作进程 0")).to_have_count(0)
    expect(page.locator("main").get_by_text("异常", exact=True)).to_have_count(0)
