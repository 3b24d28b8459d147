"""What the tests do on back office screens, in the words of the screens."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from playwright.sync_api import Locator, Page, expect

_READ_ROWS = """rows => rows.map(row => ({
  tone: (row.className.match(/row-(\\w+)/) || ["", ""])[1],
  cells: [...row.querySelectorAll("td[data-label]")].map(cell => [cell.dataset.label, cell.textContent.trim()]),
}))"""
_NOTHING = "—"  # how the screen shows an empty cell


@dataclass(frozen=True)
class ShownRow:
    """A row as the screen shows it."""

    tone: str
    cells: dict[str, str]

    def __getitem__(self, label: str) -> str:
        return self.cells[label]


@dataclass(frozen=True)
class Sheet:
    """An exported workbook: the line above the header, the header, and the rows."""

    watermark: str
    titles: list[str]
    rows: list[list[Any]]

    @property
    def records(self) -> list[dict[str, Any]]:
        """The rows by their titles, nothing as the empty text."""
        return [
            dict(zip(self.titles, ["" if cell is None else cell for cell in row], strict=True)) for row in self.rows
        ]


def sheet_in(content: bytes) -> Sheet:
    """The exported workbook as openpyxl reads it."""
    book = load_workbook(io.BytesIO(content))
    first, titles, *rows = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    return Sheet(str(first[0]), [str(title) for title in titles], rows)


def download(page: Page, link: Locator) -> tuple[str, bytes]:
    """Name and content of what the link gives."""
    with page.expect_download() as waiting:
        link.click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


class ListScreen:
    """A list of the back office."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, label: str) -> ListScreen:
        """By its name in the menu, as a person gets there."""
        self.page.get_by_role("navigation", name="主菜单").get_by_role("link", name=label, exact=True).click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text(label)
        return self

    # -- reading --------------------------------------------------------------------------------------------------

    @property
    def summary(self) -> Locator:
        """「共 … 条」."""
        return self.page.locator(".pager-summary")

    @property
    def rows(self) -> Locator:
        return self.page.locator("table[data-rows] tbody tr")

    def row(self, *texts: str) -> Locator:
        """The row that shows all these texts."""
        found = self.rows
        for text in texts:
            found = found.filter(has_text=text)
        return found

    def shown(self) -> list[ShownRow]:
        """The rows of the page in hand."""
        expect(self.page.locator(".card-table")).to_be_visible()
        found = self.rows.evaluate_all(_READ_ROWS)
        return [
            ShownRow(row["tone"], {label: "" if text == _NOTHING else text for label, text in row["cells"]})
            for row in found
        ]

    def shown_on_all_pages(self) -> list[ShownRow]:
        """The rows of this page and of all that follow; the screen is back at its first page then."""
        found = self.shown()
        start = self.page.url
        following = self.page.get_by_role("link", name="下一页")
        while following.count():
            before = self.page.url
            following.click()
            expect(self.page).not_to_have_url(before)
            found += self.shown()
        if self.page.url != start:
            self.page.goto(start)
        return found

    def count(self) -> int:
        """How many rows the screen says there are."""
        return int(re.sub(r"\D", "", self.summary.inner_text()))

    def figure(self, label: str) -> Locator:
        """The number under a label above the list."""
        return self.page.locator(".figure").filter(has=self.page.locator("dt", has_text=label)).locator(".figure-value")

    # -- doing ----------------------------------------------------------------------------------------------------

    def search(self, **typed: str | bool) -> ListScreen:
        """Fill in the fields with these labels, search."""
        form = self.page.get_by_role("search")
        for label, value in typed.items():
            self._fill(form.get_by_label(label, exact=True), value)
        form.get_by_role("button", name="查询").click()
        expect(self.page).to_have_url(re.compile(r"\?"))
        return self

    @staticmethod
    def _fill(field: Locator, value: str | bool) -> None:
        if isinstance(value, bool):
            field.set_checked(value)
        elif field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)

    def clear(self) -> ListScreen:
        """「清除」."""
        self.page.get_by_role("search").get_by_role("link", name="清除").click()
        expect(self.page).not_to_have_url(re.compile(r"=\w"))
        return self

    def export(self) -> Sheet:
        """「导出」, opened."""
        name, content = download(self.page, self.page.get_by_role("link", name="导出", exact=True))
        assert name.endswith(".xlsx")
        return sheet_in(content)

    def expect_message(self, text: str) -> None:
        """The message above the page says so."""
        expect(self.page.locator(".messages")).to_contain_text(text)


def dialog(page: Page) -> Locator:
    """The dialog that is open."""
    return page.locator("dialog[open]")


def fact(place: Locator, label: str) -> str:
    """What stands beside a label on a record, once the record is drawn."""
    expect(place.locator(".fact dt").get_by_text(label, exact=True)).to_be_visible()
    (found,) = place.locator(".fact").evaluate_all(
        "(facts, label) => facts.filter(f => f.querySelector('dt').textContent.trim() === label)"
        ".map(f => f.querySelector('dd').textContent.trim())",
        label,
    )
    return str(found)


def answer(page: Page, question: str, button: str = "确定") -> None:
    """Read the question of the open dialog and press its button."""
    expect(dialog(page)).to_contain_text(question)
    dialog(page).get_by_role("button", name=button, exact=True).click()


def switch_compound(page: Page, name: str) -> None:
    """「切换小区」."""
    with page.expect_navigation():
        page.get_by_label("切换小区").select_option(label=name)
    expect(page.get_by_label("切换小区").locator("option:checked")).to_have_text(name)


def assert_same_rows(sheet: Sheet, rows: Sequence[ShownRow]) -> None:
    """The workbook holds what the screen shows, row for row and cell for cell, all of it as text."""
    assert [dict(row.cells) for row in rows] == sheet.records
    assert all(cell is None or isinstance(cell, str) for row in sheet.rows for cell in row)
