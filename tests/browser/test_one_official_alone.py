"""2022 in the browser: one official alone tries by form and by import to turn people red, and nobody is (X3, X4)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.pages_admin import ListScreen
from tests.browser.site import Site
from tests.police_sheet import numbers, write_sheet

SignIn = Callable[..., Page]
PEOPLE = 1317


def propose(page: Page, number: str) -> None:
    """「录入依据」 about one depositor."""
    ListScreen(page).open("健康码依据")
    page.get_by_role("link", name="录入依据").click()
    page.get_by_label("证件号", exact=True).fill(number)
    page.get_by_label("姓名").fill("储户")
    page.get_by_label("依据类型").select_option(label="公安推送重点人员")
    page.get_by_label("开始日期").fill("2022-06-13")
    page.get_by_label("法律依据").select_option(index=1)
    page.get_by_label("事由").fill("按领导要求")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("由另一人批准后生效").first).to_be_visible()


def test_by_form_and_by_import_it_waits_for_somebody_else(sign_in: SignIn, site: Site, tmp_path: Path) -> None:
    people = numbers(PEOPLE)
    page = sign_in(site.login("市管理员"))
    propose(page, people[0])
    waiting = ListScreen(page).open("待审批").row("按领导要求")
    expect(waiting).to_be_visible()
    expect(waiting.get_by_role("button", name="批准")).to_have_count(0)

    ListScreen(page).open("公安摸排名单")
    page.locator(".heading").get_by_role("link", name="导入", exact=True).click()
    page.get_by_label("选择文件").set_input_files(write_sheet(tmp_path / "depositors.csv", people))
    page.get_by_role("button", name="上传并预览").click()
    page.get_by_role("button", name="确认导入").click(timeout=120_000)
    expect(page.locator(".heading .tag")).to_have_text("待批准", timeout=120_000)

    change = ListScreen(page).open("变更审批").row("depositors.csv")
    expect(change).to_contain_text("1,317")
    expect(change).to_contain_text("待批准")
    expect(change.get_by_role("button", name="批准")).to_have_count(0)
    expect(ListScreen(page).open("公安摸排名单").row("储*")).to_have_count(0)
