"""All sectors opened as their managers and as the others'; charts drawn with nothing from outside (issue 3)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from app.domain.roles import Role
from app.domain.venues import VenueFamily, VenueKind
from app.services.demo_content import ACCOUNTS, PASSWORD, phone_of
from app.views.sectors import TITLES
from tests.browser.pages import Pages
from tests.browser.site import DemoLogin, Site

SignIn = Callable[..., Page]
KINDS = VenueFamily.SECTOR.kinds
NARROW = 390


def manager_of(kind: VenueKind) -> DemoLogin:
    """The demo account of a sector's manager."""
    at, plan = next((at, plan) for at, plan in enumerate(ACCOUNTS) if plan.venue_kind is kind)
    return DemoLogin(plan.role.label, plan.area_code, phone_of(at), PASSWORD)


def path(kind: VenueKind, part: str) -> str:
    return f"/sectors/{kind.name.lower().replace('_', '-')}/{part}/"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_sector_opens_to_its_manager_and_to_no_other(sign_in: SignIn, kind: VenueKind) -> None:
    page = sign_in(manager_of(kind))
    menu = page.get_by_role("navigation", name="主菜单")
    for title in TITLES[kind]:
        menu.get_by_role("link", name=title, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        expect(page.locator("tbody tr").nth(1)).to_be_visible()  # the demo's two; another test may have activated more
    for other in KINDS:
        for part in ("statistics", "venues"):
            answer = page.request.get(path(other, part), max_redirects=0)
            assert (answer.status == 200) == (other is kind), (other, part, answer.status)


def test_statistics_are_searched_cleared_and_exported(sign_in: SignIn) -> None:
    page = sign_in(manager_of(VenueKind.METRO_STATION))
    page.goto(path(VenueKind.METRO_STATION, "statistics"))
    on_top = page.locator(".figures").first.inner_text()
    page.get_by_label("地铁站名").fill("紫荆山")
    page.get_by_role("button", name="查询", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(1)
    assert page.locator(".figures").first.inner_text() == on_top
    with page.expect_download() as waiting:
        page.get_by_role("link", name="导出", exact=True).click()
    assert waiting.value.suggested_filename.startswith("地铁扫码数据统计")
    page.get_by_role("link", name="清除", exact=True).click()
    expect(page.locator("tbody tr").nth(1)).to_be_visible()


@pytest.mark.parametrize(
    "role", [Role.CITY_ADMIN, Role.DISTRICT_ADMIN, Role.COMPOUND_ADMIN], ids=lambda role: role.name
)
@pytest.mark.parametrize("width", [NARROW, 1280])
def test_charts_are_drawn_from_the_tables_behind_them(sign_in: SignIn, site: Site, role: Role, width: int) -> None:
    page = sign_in(site.login(role.label), width=width)
    page.goto("/dashboard/")
    charts = page.locator("[data-chart]")
    expect(charts).to_have_count(2)
    for place in charts.all():
        expect(place).to_have_attribute("data-drawn", "yes")
        expect(place.locator("canvas")).to_be_visible()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    place = charts.last.bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)  # the tooltip breaks no policy
    page.get_by_text("数据表").last.click()
    expect(page.locator(".chart-table tbody").last.locator("tr")).to_have_count(30)


def test_without_scripts_the_tables_stand_open(pages: Pages, site: Site) -> None:
    first = pages.signed_in(site.login(Role.CITY_ADMIN.label))
    page = pages.open(storage_state=first.context.storage_state(), java_script_enabled=False)
    page.goto("/dashboard/")
    expect(page.locator(".chart-table tbody").last.locator("tr").last).to_be_visible()
