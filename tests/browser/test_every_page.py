"""Every page that any demo role can reach, on either site: at 390 and 1280 pixels, with what axe finds grave (issue 5)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from app.domain.roles import Role
from app.services.demo_content import ACCOUNTS, PASSWORD, phone_of
from tests.browser.accessibility import grave_faults, grave_faults_once, kind_of
from tests.browser.pages import Pages, weights_of
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
MOST_BYTES_ON_A_PHONE = 100_000
# The menu, the account's own menu, toolbar and tabs, the first rows; on the phone's site tiles, cards and what is around.
MAY_FOLLOW = ", ".join(
    [
        "#side a[href], .menu-panel a[href], a.to-phone",
        "main a.btn[href], main nav.tabs a[href], main .todos a[href], tbody tr:nth-child(-n+3) .row-links a[href]",
        "tbody tr:nth-child(-n+2) td.is-first a[href]",
        ".tiles a[href], .rows a[href], .cards li:nth-child(-n+3) a[href], .more a[href]",
        ".bar-link[href], .ops-panel a[href], .dock a[href]",
    ]
)
# Files, the other language, and further pages of the same list.
NOT_FOLLOWED = re.compile(
    r"/(export|template|rejected|file|download|official)(\?|$)|/files/|/photos/|\.(png|pdf)|/language/|(after|before)="
)


# What a reader or a screen reader finds as the page's own heading; asked of the page itself, for a locator brings a script
# of its own to each page that costs more than opening it.
HEADINGS = """[...document.querySelectorAll("h1, [role=heading][aria-level='1']")]
  .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.closest("[aria-hidden=true]"))
  .map(one => one.innerText.trim())"""
ADDRESSES = "links => [...document.querySelectorAll(links)].map(link => link.getAttribute('href'))"


def is_too_wide(page: Page) -> bool:
    """Whether the page itself scrolls sideways (a table in its own frame may)."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def menu_addresses(page: Page) -> list[str]:
    return [str(link.get_attribute("href")) for link in page.locator("#side a").all()]


def addresses_on(page: Page) -> list[str]:
    """Where the page leads."""
    found = page.evaluate(ADDRESSES, MAY_FOLLOW)
    return [url for url in found if url.startswith("/") and not NOT_FOLLOWED.search(url)]


def look_at(page: Page, url: str) -> None:
    """The page opens, says what it is, fits both widths, and on the phone's site is light."""
    answer = page.goto(url)
    assert answer is not None and answer.status == 200, (url, answer)
    headings = page.evaluate(HEADINGS)
    assert len(headings) == 1 and headings[0], (url, headings)
    if url.startswith("/m/"):
        weights = weights_of(page)
        assert weights and sum(weights.values()) < MOST_BYTES_ON_A_PHONE, (url, weights)
    for width in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": 800})
        assert not is_too_wide(page), (url, width)


def go_everywhere(page: Page, language: str) -> set[str]:
    """Follow what each page leads to, to one page of each kind that nobody has looked at yet; what was reached."""
    waiting, reached, faults = ["/"], set[str](), list[str]()
    while waiting:
        url = waiting.pop()
        kind = kind_of(url)
        # The first page is every role's and every role's own.
        if kind in reached or (url != "/" and (kind, language) in _looked_at):
            continue
        reached.add(kind)
        _looked_at.add((kind, language))
        look_at(page, url)
        faults += grave_faults_once(page, (NARROW, WIDE))
        waiting += addresses_on(page)
    assert faults == []
    return reached


def test_a_fault_that_keeps_somebody_out_is_found_where_it_is(pages: Pages) -> None:
    page = pages.open()
    page.set_content(
        """<html lang="zh"><title>页</title><main><h1>标题</h1><h4>小标题</h4><button></button>
        <p style="color:#999;background:#000">清楚</p><p style="color:#999;background:#fff">不清楚</p></main></html>"""
    )
    found = [fault.split(": ", 1)[1] for fault in grave_faults(page)]
    assert found == ["button-name: button", "color-contrast: p:nth-child(5)"]


@pytest.mark.parametrize("login", LOGINS, ids=lambda login: f"{login.phone[-2:]}-{login.role}")
def test_everything_that_a_role_reaches_opens_fits_and_has_no_grave_fault(sign_in: SignIn, login: DemoLogin) -> None:
    go_everywhere(sign_in(login), "zh")


@pytest.mark.parametrize("login", LOGINS, ids=lambda login: f"{login.phone[-2:]}-{login.role}")
def test_no_page_of_the_menu_scrolls_sideways_in_english(sign_in: SignIn, login: DemoLogin) -> None:
    page = sign_in(login, language="en")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    for url in ["/", *(each for each in menu_addresses(page) if (each, "menu") not in _looked_at)]:
        _looked_at.add((url, "menu"))
        look_at(page, url)


def test_everything_of_a_compound_manager_fits_in_english(sign_in: SignIn, site: Site) -> None:
    page = sign_in(site.login(Role.COMPOUND_ADMIN.label), width=NARROW, language="en")
    reached = go_everywhere(page, "en")
    for part in ("/residents/", "/entries/", "/do/release", "/do/leave", "/do/edit", "tab=log", "/poster/", "/reveal/"):
        assert any(part in kind for kind in reached), part
    for part in ("/m/residents/", "/m/entries/new", "/m/residents/find", "/m/reveal/"):
        assert any(part in kind for kind in reached), part


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
