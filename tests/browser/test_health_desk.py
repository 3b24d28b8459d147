"""The owning district answers an appeal, and the colour follows; the city reads and brings official risk-area files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages_admin import ListScreen, dialog
from tests.browser.site import Site

SignIn = Callable[..., Page]
FILES = sorted((Path(__file__).parents[1] / "data" / "risk_areas").glob("*.json"))
COUNTS = (
    ("15 / 15", "188 / 188", "— / 0", "65 / 62"),
    ("434 / 434", "660 / 660", "121 / 121", "276 / 264"),
    ("1507 / 1507", "1660 / 1660", "305 / 305", "567 / 536"),
)


def test_an_appeal_is_granted_by_the_owning_district_and_the_colour_follows(sign_in: SignIn, site: Site) -> None:
    other = ListScreen(sign_in(site.login("区县管理员", "金水区"))).open("申诉处理")
    expect(other.page.get_by_text("没有申诉")).to_be_visible()
    page = sign_in(site.login("区县管理员", "中原区"))
    expect(page.get_by_role("link", name="待处理的申诉")).to_be_visible()
    appeals = ListScreen(page).open("申诉处理")
    row = appeals.row("境外返回")
    expect(row).to_contain_text("待处理")
    row.get_by_role("link", name="详情").click()
    expect(page.get_by_text("我入境后一直在集中隔离点")).to_be_visible()
    page.get_by_role("link", name="申诉成立").click()
    dialog(page).get_by_label("答复").fill("经核实已满 14 天，予以解除。")
    dialog(page).get_by_role("button", name="确定").click()
    expect(page.get_by_text("已答复，依据已结束，颜色已更新")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("申诉成立")
    evidence = ListScreen(page).open("健康码依据")
    ended = [shown for shown in evidence.shown_on_all_pages() if shown["状态"] == "已结束"]
    assert [shown["依据类型"] for shown in ended] == ["境外返回"]


@pytest.mark.parametrize(("path", "counts"), list(zip(FILES, COUNTS, strict=True)), ids=["april", "july", "september"])
def test_the_official_file_is_imported_as_published_and_its_places_are_counted(
    sign_in: SignIn, site: Site, path: Path, counts: tuple[str, ...]
) -> None:
    page = sign_in(site.login("市管理员"))
    ListScreen(page).open("风险地区")
    page.get_by_role("link", name="导入官方名单").click()
    page.get_by_label("选择文件").set_input_files(path)
    page.get_by_role("button", name="导入").click()
    expect(page.get_by_text("由另一人批准后生效")).to_be_visible()
    for count in counts:
        expect(page.get_by_text(count, exact=True)).to_be_visible()
