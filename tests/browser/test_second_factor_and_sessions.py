"""「动态口令」 put into use on a phone and asked for at the next sign-in, the sessions (issue 5)."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from app.domain.one_time_codes import code_at, step_at
from app.domain.roles import Role
from tests.browser.accessibility import grave_faults
from tests.browser.pages import Pages
from tests.browser.pages_admin import dialog
from tests.browser.site import DemoLogin, Site

NARROW = 390


def type_in(page: Page, login: DemoLogin) -> None:
    page.goto("/account/login/")
    page.get_by_label("账号").fill(login.phone)
    page.get_by_label("密码", exact=True).fill(login.password)
    page.get_by_role("button", name="登录", exact=True).click()


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def test_the_avatar_menu_shows_the_code_in_hand_and_signs_out(pages: Pages, site: Site) -> None:
    page = pages.open()
    type_in(page, site.login(Role.COMPOUND_ADMIN.label, "金水区"))
    avatar, menu = page.locator("details.menu summary"), page.locator("details.menu .menu-panel")
    box = avatar.bounding_box()
    assert box is not None and box["x"] > 640 and box["y"] < 60, "at top right"
    avatar.click()
    for label in ("修改密码", "登录会话", "动态口令"):
        expect(menu.get_by_text(label, exact=True)).to_be_visible()
    menu.get_by_text("获取二维码", exact=True).click()
    expect(dialog(page).get_by_role("figure")).to_contain_text("农科路二号院")
    page.keyboard.press("Escape")
    avatar.click()
    menu.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("heading", name="用户登录")).to_be_visible()


def test_one_time_codes_and_sessions_on_a_phone(pages: Pages, site: Site) -> None:
    login = site.login("审计员")
    page = pages.open(width=NARROW)
    type_in(page, login)
    page.goto("/account/second-factor/")
    expect(page.locator(".auth-qr svg")).to_be_visible()
    assert grave_faults(page) == [] and not is_too_wide(page)
    secret = base64.b32decode(page.locator("code.secret").inner_text().replace(" ", ""))
    now = step_at(datetime.now(UTC))
    page.get_by_label("密码").fill(login.password)
    page.get_by_label("动态口令").fill(code_at(secret, now - 1))
    page.get_by_role("button", name="启用").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    recovery = page.locator(".recovery-codes code").first.inner_text()
    assert grave_faults(page) == [] and not is_too_wide(page)

    other = pages.open(width=NARROW)
    type_in(other, login)
    expect(other.get_by_role("heading", name="动态口令")).to_be_visible()
    assert grave_faults(other) == [] and not is_too_wide(other)
    other.get_by_label("动态口令").fill(code_at(secret, step_at(datetime.now(UTC))))
    other.get_by_role("button", name="登录", exact=True).click()
    expect(other.get_by_role("heading", name="工作台")).to_be_visible()

    other.goto("/account/sessions/")
    expect(other.locator("tbody tr")).to_have_count(2)
    assert grave_faults(other) == [] and not is_too_wide(other)
    other.get_by_role("button", name="结束会话").click()
    expect(other.get_by_text("会话已结束")).to_be_visible()
    page.goto("/account/sessions/")
    expect(page.get_by_role("heading", name="用户登录")).to_be_visible()

    # New recovery codes, while the app stays.
    other.goto("/account/second-factor/recovery-codes")
    assert grave_faults(other) == [] and not is_too_wide(other)
    other.get_by_label("密码").fill(login.password)
    other.get_by_label("动态口令").fill(recovery)
    other.get_by_role("button", name="更换").click()
    expect(other.locator(".recovery-codes li")).to_have_count(10)
    recovery = other.locator(".recovery-codes code").first.inner_text()

    # As it was, for whoever signs in as this account next.
    other.goto("/account/second-factor/")
    other.get_by_label("密码").fill(login.password)
    other.get_by_label("动态口令").fill(recovery)
    other.get_by_role("button", name="停用动态口令").click()
    expect(other.get_by_role("heading", name="启用动态口令")).to_be_visible()
