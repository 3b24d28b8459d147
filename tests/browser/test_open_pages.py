"""Pages that stay open beyond the end of their session: they say so, and keep what stands in them (Z-A3)."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import delete

from app.domain.roles import Role
from app.extensions import db
from app.models import SignInSession
from tests.browser.accessibility import grave_faults
from tests.browser.answers import Place
from tests.browser.answers_desk import signed_in
from tests.browser.answers_work import upload
from tests.browser.pages import Pages, type_password
from tests.browser.pages_admin import dialog
from tests.browser.shown import Screen, fulfil
from tests.browser.site import Site
from tests.factories import Factories

NARROW = 390
NUMBER = "350100123456"
POLL_MILLISECONDS = 15_000


def test_a_guard_whose_session_has_ended_is_told_and_keeps_what_was_typed(pages: Pages, site: Site) -> None:
    login, page = site.login(Role.SCANNER.label), pages.open(width=NARROW)
    page.clock.install()
    type_password(page, login)
    page.goto("/check/")
    ended, number = page.get_by_text("登录已结束，不再查询当前颜色。"), page.get_by_label("12位编号")
    expect(ended).to_be_hidden()
    number.fill(NUMBER)
    _end_behind(page)
    page.clock.run_for(POLL_MILLISECONDS)
    expect(ended).to_be_visible()
    page.get_by_role("button", name="核验", exact=True).click()
    expect(page.get_by_text("此编号未核验")).to_be_visible()
    expect(number).to_have_value(NUMBER)
    assert grave_faults(page) == []
    page.get_by_role("link", name="重新登录").click()
    expect(page.get_by_text("登录已结束：超过30分钟没有操作")).to_be_visible()
    page.get_by_label("账号").fill(login.phone)
    page.get_by_label("密码", exact=True).fill(login.password)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(number).to_have_value(NUMBER)


def test_a_dialog_that_is_refused_says_why_and_keeps_what_was_typed(pages: Pages, site: Site) -> None:
    page = pages.open()
    type_password(page, site.login(Role.DISTRICT_ADMIN.label))
    page.goto("/compound-accounts/")
    page.locator("tbody tr").first.get_by_role("link", name="停用", exact=True).click()
    reason = dialog(page).get_by_label("原因")
    reason.fill("离职")
    # As if the person had signed in anew in another window: the form's token is of a session that is no more.
    dialog(page).locator("[name=csrf_token]").evaluate("field => { field.value = 'none'; }")
    dialog(page).get_by_role("button", name="确定").click()
    expect(dialog(page).get_by_role("alert")).to_contain_text("页面已过期，请返回刷新后重新提交。")
    expect(reason).to_have_value("离职")


def _end_behind(page: Page) -> None:
    """The session of the page has ended, while its cookie is still there."""
    kept, other = page.context.cookies(), page.context.new_page()
    other.goto("/account/sessions/")
    other.locator("details.menu summary").click()
    other.get_by_role("button", name="退出登录").click()
    other.get_by_role("heading", name="用户登录").wait_for()
    other.close()
    page.context.add_cookies(kept)


@pytest.mark.parametrize("application", ["sqlite"], indirect=True)
def test_whoever_watches_a_job_beyond_the_end_of_the_session_is_told_that_it_goes_on(
    app: Flask, make: Factories, browser: Browser
) -> None:
    screen = Screen.of(browser, app, width=NARROW)
    _city, client = signed_in(Place(app, make, "zh"), Role.CITY_ADMIN, area_code="4101")
    batch = upload(client, b"\n")
    screen.page.clock.install()
    screen.page.route(f"**{batch}/progress", lambda route: fulfil(route, client.get(f"{batch}/progress")))
    screen.show("a job", client.get(batch))
    ended = screen.page.get_by_text("登录已结束，处理仍在继续。")
    screen.page.clock.run_for(1_000)
    expect(ended).to_be_hidden()
    db.session.execute(delete(SignInSession))
    db.session.commit()
    screen.page.clock.run_for(2_000)
    expect(ended).to_be_visible()
    assert grave_faults(screen.page) == []
    screen.close()
