"""Every page that a menu or a row of any demo role leads to: at 390 and 1280 pixels, in both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from app.domain.roles import Role
from app.services.demo_content import ACCOUNTS, PASSWORD, phone_of
from tests.browser.accessibility import grave_faults, grave_faults_once
from tests.browser.pages import Pages
from tests.browser.pages_admin import dialog
from tests.browser.site import DemoLogin, Site

SignIn = Callable[..., Page]
# One of each role: what others of the role see differs in rows only.
FIRST_OF_ROLE = {plan.role: at for at, plan in reversed(list(enumerate(ACCOUNTS)))}
LOGINS = [
    DemoLogin(role.label, ACCOUNTS[at].area_code, phone_of(at), PASSWORD)
    for role, at in sorted(FIRST_OF_ROLE.items(), key=lambda found: found[1])
]
# Pages that roles share are looked at once in each language; that each role may open its own is tests/guards' matter.
_looked_at: set[tuple[str, str]] = set()
NARROW, WIDE = 390, 1280
MAY_FOLLOW = "main a.btn[href], main nav.tabs a[href]"
NOT_PAGES = ("/export", "/template", "/rejected", ".png", ".pdf")


def is_too_wide(page: Page) -> bool:
    """Whether the page itself scrolls sideways (a table in its own frame may)."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def menu_addresses(page: Page) -> list[str]:
    return [str(link.get_attribute("href")) for link in page.locator("#side a").all()]


def addresses_on(page: Page) -> list[str]:
    """Where the toolbar, the tabs and the first rows lead to, without files."""
    found = page.locator(MAY_FOLLOW).evaluate_all("links => links.map(link => link.getAttribute('href'))")
    found += page.locator("tbody tr:nth-child(-n+3) .row-links a").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    return [url for url in found if url.startswith("/") and not any(part in url for part in NOT_PAGES)]


@pytest.mark.parametrize("login", LOGINS, ids=lambda login: f"{login.phone[-2:]}-{login.role}")
def test_no_page_of_the_menu_has_a_fault_or_scrolls_sideways(sign_in: SignIn, login: DemoLogin) -> None:
    page = sign_in(login)
    for language, marked in (("en", "en"), ("zh", "zh-CN")):
        page.goto(f"/language/{language}")
        expect(page.locator("html")).to_have_attribute("lang", marked)
        for url in ["/", *(each for each in menu_addresses(page) if (each, language) not in _looked_at)]:
            _looked_at.add((url, language))
            answer = page.goto(url)
            assert answer is not None and answer.status == 200, (url, answer)
            expect(page.get_by_role("heading", level=1)).not_to_be_empty()
            for width in (NARROW, WIDE):
                page.set_viewport_size({"width": width, "height": 800})
                assert not is_too_wide(page), (url, width, language)
            assert grave_faults_once(page, (NARROW, WIDE)) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_lists_details_and_forms_of_a_compound_manager_fit_a_phone(sign_in: SignIn, site: Site, language: str) -> None:
    page = sign_in(site.login(Role.COMPOUND_ADMIN.label), width=NARROW, language=language)
    waiting, seen = menu_addresses(page), set[str]()
    while waiting:
        url = waiting.pop()
        kind = "".join("0" if sign.isdigit() else sign for sign in url)
        if kind in seen:
            continue
        seen.add(kind)
        answer = page.goto(url)
        assert answer is not None and answer.status == 200, url
        assert not is_too_wide(page), url
        assert grave_faults_once(page, (WIDE, NARROW)) == []
        waiting += addresses_on(page)
    for part in ("/residents/", "/entries/", "/do/release", "/do/leave", "/do/edit", "tab=log", "/poster/", "/reveal/"):
        assert any(part in url for url in seen), part


def test_the_menu_is_a_drawer_on_a_phone(sign_in: SignIn, site: Site) -> None:
    page = sign_in(site.login(Role.COMPOUND_ADMIN.label), width=NARROW)
    entry = page.get_by_role("navigation", name="主菜单").get_by_role("link", name="进出登记管理")
    expect(entry).not_to_be_in_viewport()
    page.locator("label.drawer-open").click()
    expect(entry).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(entry).not_to_be_in_viewport()
    page.locator("label.drawer-open").click()
    entry.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("进出登记管理")


def test_no_field_of_a_dialog_shares_its_id_with_one_behind_it(sign_in: SignIn, site: Site) -> None:
    page = sign_in(site.login(Role.COMPOUND_ADMIN.label))
    page.goto("/residents/")
    page.locator("tbody tr").first.get_by_role("link", name="编辑").click()
    expect(dialog(page)).to_be_visible()
    ids = page.locator("[id]").evaluate_all("found => found.map(one => one.id)")
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_public_pages_and_dialogs_are_open_to_everybody(pages: Pages, site: Site, width: int) -> None:
    visitor = pages.open(width=width)
    for url in ("/account/login/", "/account/password/forgot", "/code/apply", site.place("建设新苑小区").url):
        visitor.goto(url)
        expect(visitor.locator("h1")).not_to_be_empty()
        assert grave_faults(visitor) == []
    page = pages.signed_in(site.login(Role.COMPOUND_ADMIN.label), width=width)
    page.goto("/residents/")
    page.locator("tbody tr").first.get_by_role("link", name="编辑").click()
    expect(dialog(page)).to_be_visible()
    assert grave_faults(page) == []
