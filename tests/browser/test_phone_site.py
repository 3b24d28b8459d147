"""A compound manager's round on the phone's site, at the width of a phone (Z-R12)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from app.domain.roles import Role
from tests.browser.accessibility import grave_faults
from tests.browser.pages import Pages, weights_of
from tests.browser.site import DemoLogin, Site
from tests.factories import id_card

PHONE = 390
MOST_BYTES = 100_000
THUMB = 44
SMALL = f"""() => [...document.querySelectorAll("a, button, summary, select, .input, .choice")]
  .map((one) => [one.textContent.trim(), one.getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.height < {THUMB} || box.right > innerWidth + 1)).map(([text]) => text)"""
KEPT = """async () => { await navigator.serviceWorker.ready;
  const names = await caches.keys();
  const found = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).map((kept) => kept.url)));
  return found.flat().map((url) => new URL(url).pathname); }"""


@pytest.fixture
def manager(site: Site) -> DemoLogin:
    """Who looks after two compounds of 中原区."""
    return site.login(Role.COMPOUND_ADMIN.label, "中原区")


def _sound(page: Page) -> None:
    """The page fits, its controls are as large as a thumb, and everybody can use it."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    assert page.evaluate(SMALL) == [], page.url
    assert grave_faults(page) == []


def _follow(page: Page, link: Locator) -> None:
    """Be where the link leads."""
    with page.expect_navigation():
        link.click()


def _corner(page: Page, control: Locator) -> str:
    """Where on the first screen something stands."""
    box = control.bounding_box()
    assert box is not None
    side = "left" if box["x"] + box["width"] / 2 < PHONE / 2 else "right"
    return f"upper {side}" if box["y"] < THUMB else f"further down, {side}"


def _sign_in(page: Page, login: DemoLogin) -> None:
    page.goto("/m/")
    _sound(page)
    page.get_by_label("账号").fill(login.phone)
    page.get_by_label("密码", exact=True).fill(login.password)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("link", name="小区居民管理")).to_be_visible()


def test_a_manager_goes_round_with_a_phone(pages: Pages, manager: DemoLogin) -> None:
    page = pages.open(width=PHONE)
    _sign_in(page, manager)
    _sound(page)

    # 「切换小区」
    page.get_by_text("切换小区", exact=True).click()
    page.get_by_role("button", name="碧沙花园小区").click()
    expect(page.locator(".compound")).to_have_text("碧沙花园小区")

    # a tile, a tab, 「确认隔离」 with its second question
    _follow(page, page.get_by_role("link", name="小区居民管理"))
    tab = page.get_by_role("navigation", name="小区居民管理").get_by_role("link", name="待确认隔离")
    before = int(tab.locator("strong").inner_text())
    _sound(page)
    _follow(page, tab)
    _follow(page, page.locator(".cards a").first)
    _sound(page)
    page.get_by_role("button", name="确认隔离").click()
    expect(page.get_by_text("确定此人已经处于隔离状态吗？")).to_be_visible()
    page.get_by_role("button", name="确定").click()
    expect(page.locator(".standing")).to_have_text("已确认隔离")
    expect(page.get_by_role("button", name="确认隔离")).to_have_count(0)
    page.goto("/m/residents/?status=PENDING")
    expect(tab.locator("strong")).to_have_text(str(before - 1))

    # out by the upper left
    page.goto("/m/")
    assert _corner(page, page.get_by_role("button", name="退出")) == "upper left"
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("heading", name="用户登录")).to_be_visible()


def test_a_release_is_refused_where_a_key_area_bars_it(pages: Pages, manager: DemoLogin) -> None:
    page = pages.signed_in(manager, width=PHONE)
    page.goto("/m/residents/?status=CONFIRMED")
    for address in page.locator(".cards a").evaluate_all("links => links.map(link => link.href)"):
        page.goto(address + "/do/release")
        if page.get_by_text("期满前不能解除隔离").count():
            break
    _sound(page)
    page.get_by_label("解除隔离原因").fill("核酸阴性")
    page.get_by_label("是否已提交健康证明").check()
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("alert")).to_contain_text("期满前不能解除隔离")


def test_search_and_plus_work_for_residents_and_entries(pages: Pages, manager: DemoLogin) -> None:
    page = pages.signed_in(manager, width=PHONE)
    page.goto("/m/entries/")
    _follow(page, page.get_by_role("link", name="新建"))
    page.get_by_label("姓名").fill("司马老太")
    page.get_by_label("证件号", exact=True).fill(id_card(612, birth="19380203"))
    page.get_by_label("手机号").fill("13700000612")
    page.get_by_label("现住地址").fill("3号楼502室")
    page.get_by_role("group", name="是否外地返回").get_by_label("否", exact=True).check()
    page.get_by_label("本人已在纸质登记表上承诺遵守").check()
    _sound(page)
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("已保存")).to_be_visible()
    for part in ("entries", "residents"):
        page.goto(f"/m/{part}/")
        _follow(page, page.get_by_role("link", name="搜索"))
        _sound(page)
        page.get_by_label("姓名").fill("司马")
        page.get_by_role("button", name="提交查询").click()
        expect(page.locator(".cards .who")).to_have_text(["司马老太"])
        page.get_by_role("link", name="重置搜索条件").click()
        expect(page.locator(".cards .who")).not_to_have_text(["司马老太"])


def test_a_district_changes_the_status_of_a_returnee(pages: Pages, site: Site) -> None:
    page = pages.signed_in(site.login(Role.DISTRICT_ADMIN.label, "中原区"), width=PHONE)
    page.goto("/m/")
    _follow(page, page.get_by_role("link", name="境外返郑人员名单").last)
    _follow(page, page.locator(".cards a").first)
    _sound(page)
    assert _corner(page, page.get_by_text("操作", exact=True)) == "upper right"
    page.get_by_text("操作", exact=True).click()
    _follow(page, page.get_by_role("link", name="编辑状态"))
    page.get_by_label("状态").select_option(label="未回")
    _sound(page)
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".standing")).to_have_text("未回")


def test_a_page_weighs_little_and_the_worker_keeps_no_people(pages: Pages, manager: DemoLogin) -> None:
    page = pages.signed_in(manager, width=PHONE)
    page.goto("/m/residents/", wait_until="load")
    weights = weights_of(page)
    assert weights["/m/residents/"] > 0
    assert sum(weights.values()) < MOST_BYTES, weights
    kept = page.evaluate(KEPT)
    assert kept
    assert [path for path in kept if not re.fullmatch(r"/static/[\w.-]+", path)] == []
    page.context.set_offline(True)
    page.goto("/m/residents/")
    expect(page.get_by_role("heading", name="没有网络")).to_be_visible()
    page.context.set_offline(False)
