"""The operators' list from its file to the district's Excel file (issue 1.4; Z-T1, Z-T13)."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from app.domain.documents import check_character
from tests.browser.accessibility import grave_faults_once
from tests.browser.list_files import confirm, figures, status, upload
from tests.browser.pages import Pages
from tests.browser.pages_admin import ListScreen, assert_same_rows, dialog, download
from tests.browser.site import Site
from tests.lists import FOLDER, TRUTH

FILE = "telecom.xlsx"
EXPECTED = TRUTH[FILE]
REJECTED = {reason: number for reason, number in EXPECTED.items() if reason.startswith("rejected_")}
DISTRICTS = {name: number for name, number in EXPECTED["dispatch"].items() if name != "undispatched"}
LAST_DAY = "2020-12-31"  # the demo city's own rows are of today
LIST, DISTRICT = "通管人员摸排", "中原区"
SOUND_NUMBER = "41010219900101123" + check_character("41010219900101123")
FAULT_FILL = "FFFFC7CE"


@dataclass(frozen=True)
class Imported:
    """What the city manager saw on the way, and where the batch is."""

    url: str
    previewed: dict[str, int]
    notes: str
    dealt_out: dict[str, str]
    ended: dict[str, int]
    rejected: bytes


@pytest.fixture(scope="module")
def imported(all_pages: Pages, site: Site) -> Imported:
    """The list, imported by the city manager from the preview to the end, once for all tests of this file."""
    page = all_pages.signed_in(site.login("市管理员"))
    upload(page, LIST, FILE, (FOLDER / FILE).read_bytes())
    previewed, notes = figures(page), page.locator(".note").inner_text()
    dealt_out = dict(
        page.locator(".card-small tbody tr").evaluate_all(
            "rows => rows.map(row => [...row.cells].map(cell => cell.textContent.trim()))"
        )
    )
    assert grave_faults_once(page, (390, 1280)) == []
    confirm(page)
    assert grave_faults_once(page, (390, 1280)) == []
    url, ended = page.url, figures(page)
    name, rejected = download(page, page.get_by_role("link", name="下载退回行"))
    assert name == "telecom-退回数据.xlsx"
    return Imported(url, previewed, notes, dealt_out, ended, rejected)


@pytest.fixture
def city(imported: Imported, sign_in: Callable[..., Page], site: Site) -> ListScreen:
    """The list as the city sees it."""
    return ListScreen(sign_in(site.login("市管理员"))).open(LIST)


@pytest.fixture
def district(imported: Imported, sign_in: Callable[..., Page], site: Site) -> ListScreen:
    """The list as 中原区 sees it."""
    return ListScreen(sign_in(site.login("区县管理员", DISTRICT))).open(LIST)


def test_the_preview_counts_every_row_of_the_file(imported: Imported) -> None:
    seen = imported.previewed
    assert seen["总行数"] == EXPECTED["rows"]
    assert seen["新增"] == EXPECTED["sound"]
    assert seen["未下发"] == EXPECTED["dispatch"]["undispatched"]
    assert seen["重复"] == EXPECTED["duplicates"]
    assert seen["退回"] == sum(REJECTED.values())
    assert imported.ended == seen


def test_the_preview_names_the_reasons_and_the_districts(imported: Imported) -> None:
    reasons = {
        "手机号不正确": REJECTED["rejected_phone"],
        "身份证号校验不通过": REJECTED["rejected_id_checksum"],
        "证件号被存成数字": REJECTED["rejected_id_float"],
        "日期不正确": REJECTED["rejected_date"],
        "手机号和证件号都为空": REJECTED["rejected_no_phone_no_id"],
    }
    for label, number in reasons.items():
        assert f"{label} {number}" in imported.notes
    for label in (DISTRICT, "金水区", "二七区"):
        assert imported.dealt_out[label] == str(DISTRICTS[label])


def test_the_rejected_rows_come_with_reasons_in_front_and_coloured_cells(imported: Imported) -> None:
    rows = list(openpyxl.load_workbook(io.BytesIO(imported.rejected)).worksheets[0].iter_rows())
    at = header_row(rows)
    assert rows[at][0].value == "退回原因"
    body = rows[at + 1 :]
    assert len(body) == sum(REJECTED.values())
    for row in body:
        assert row[0].value
        assert [cell for cell in row[1:] if cell.fill.fgColor.rgb == FAULT_FILL]


def header_row(rows: list[tuple[openpyxl.cell.Cell, ...]]) -> int:
    """Where the header stands: below the line that says who took the file."""
    return next(number for number, row in enumerate(rows) if row[0].value == "退回原因")


def corrected(content: bytes) -> bytes:
    """The workbook with the identity number of its first wrong checksum put right."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    rows = list(book.worksheets[0].iter_rows())
    at = header_row(rows)
    column = [cell.value for cell in rows[at]].index("证件号码")
    faulty = next(row for row in rows[at + 1 :] if row[0].value and "校验" in row[0].value and "；" not in row[0].value)
    faulty[column].value = SOUND_NUMBER
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_a_corrected_row_is_imported_from_the_rejected_file(imported: Imported, city: ListScreen) -> None:
    page = city.page
    before = city.count()
    upload(page, LIST, "telecom-退回数据.xlsx", corrected(imported.rejected))
    seen = figures(page)
    assert (seen["总行数"], seen["新增"], seen["退回"]) == (
        sum(REJECTED.values()),
        1,
        sum(REJECTED.values()) - 1,
    )
    confirm(page)
    city.open(LIST)
    assert city.count() == before + 1
    city.search(关键字=SOUND_NUMBER)
    assert city.count() == 1


def test_the_same_file_again_brings_nothing(imported: Imported, city: ListScreen) -> None:
    page = city.page
    ListScreen(page).open(LIST)
    page.locator(".heading").get_by_role("link", name="导入", exact=True).click()
    page.get_by_label("选择文件").set_input_files(Path(FOLDER / FILE))
    page.get_by_role("button", name="上传并预览").click()
    expect(page.get_by_role("button", name="确认导入")).to_be_disabled(timeout=120_000)
    assert figures(page)["新增"] == 0
    page.get_by_role("button", name="取消").click()
    expect(status(page)).to_have_text("已取消")


def test_the_city_assigns_an_undispatched_row(city: ListScreen) -> None:
    page = city.page
    city.search(下发="未下发")
    before = city.count()
    someone = city.shown()[0]
    city.row(someone["手机号码"], someone["证件号码"]).first.get_by_role("link", name="下发").click()
    dialog(page).get_by_label("区县").select_option(label="惠济区")
    dialog(page).get_by_role("button", name="确定").click()
    city.expect_message("已下发")
    assert city.count() == before - 1


def test_the_city_assigns_many_undispatched_rows_at_once(city: ListScreen) -> None:
    page = city.page
    city.search(下发="未下发")
    before = city.count()
    for box in city.rows.locator("input[type=checkbox]").all()[:3]:
        box.check()
    expect(page.locator("[data-count]")).to_have_text("3")
    page.locator("[data-bulk]").get_by_role("button", name="下发").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("下发（3 条）")
    page.get_by_label("区县").select_option(label="金水区")
    page.locator("main").get_by_role("button", name="确定").click()
    city.expect_message("已下发")
    city.search(下发="未下发")
    assert city.count() == before - 3


def test_the_district_sees_its_rows_and_the_city_sees_what_it_did(
    district: ListScreen, sign_in: Callable[..., Page], site: Site
) -> None:
    page = district.page
    assert district.search(结束日期=LAST_DAY).count() == DISTRICTS[DISTRICT]
    expect(page.locator(".heading").get_by_role("link", name="导入", exact=True)).to_have_count(0)
    someone = district.search(状态="待反馈").shown()[0]
    row = district.row(someone["手机号码"], someone["证件号码"])
    row.get_by_role("link", name="编辑").click()
    chosen = dialog(page).get_by_label("状态").locator("option").nth(1).inner_text()
    dialog(page).get_by_label("状态").select_option(label=chosen)
    dialog(page).get_by_label("备注").fill("本人已电话确认")
    dialog(page).get_by_role("button", name="保存").click()
    district.expect_message("已保存")

    city = ListScreen(sign_in(site.login("市管理员"))).open(LIST)
    assert int(city.figure("已反馈").inner_text()) >= 1
    city.search(区县=DISTRICT, 状态="已反馈")
    (done,) = (shown for shown in city.shown() if shown["证件号码"] == someone["证件号码"])
    assert (done["状态"], done["备注"]) == (chosen, "本人已电话确认")


def test_the_districts_export_holds_its_rows(district: ListScreen) -> None:
    rows = district.search(结束日期=LAST_DAY).shown_on_all_pages()
    assert len(rows) == DISTRICTS[DISTRICT]
    sheet = district.export()
    assert_same_rows(sheet, rows)
    assert all("*" in row["手机号码"] for row in sheet.records if row["手机号码"])


def test_the_batch_page_says_what_came_of_the_file(imported: Imported, city: ListScreen) -> None:
    page = city.page
    page.goto(imported.url)
    expect(status(page)).to_have_text("已导入")
    expect(page.locator(".facts")).to_contain_text(FILE)
    assert figures(page) == imported.ended
