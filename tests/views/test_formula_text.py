"""Text that a spreadsheet would run leaves every export as text, whatever field it stands in."""

from __future__ import annotations

import ast
import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, BinaryIO

import pytest
from flask import Flask, g
from openpyxl import load_workbook
from sqlalchemy import select

from app.domain.roles import Role
from app.domain.text import clean
from app.extensions import db
from app.models import Area
from app.services.exports import Asked
from app.spreadsheets.columns import Fault
from app.spreadsheets.comparison_sheet import COMPARED
from app.spreadsheets.declarations import RISK_AREAS, SHEETS
from app.spreadsheets.declarations_people import PEOPLE_SHEETS
from app.spreadsheets.rejected import rejected_workbook
from app.spreadsheets.template import template
from app.spreadsheets.writer import FORMULA_STARTS, Format
from app.views.declarations import ListColumn
from app.views.export_routes import ExportRoutes
from app.views.exporting import Table, write_export
from app.views.page import Cell, Column
from app.views.statistics_view import Counted, StatisticsView, write_counted
from tests.factories import Factories

APP = Path(__file__).parents[2] / "app"
WRITERS = {"write_table", "XlsxWriter", "Workbook", "writer"}
CELLS = 100_000
SPECS = [*SHEETS.values(), *PEOPLE_SHEETS.values(), RISK_AREAS, COMPARED]
# What a spreadsheet takes for a formula, also behind what cannot be seen, in full width, behind a tab or a line's end.
STARTS = (
    "=",
    "+",
    "-",
    "@",
    "＝",
    "＋",
    "－",
    "＠",
    "\t",
    "\r",
    "\n",
    " =",
    "\xa0+",
    "\u200b=",
    "\ufeff@",
    "\x00=",
    "\t=",
)
BODIES = (
    "1+1",
    "cmd|' /C calc'!A0",
    'HYPERLINK("http://x","y")',
    "SUM(A1:A9)",
    "何晓明",
    "138",
    "<&>\"'",
    "_x003D_1",
    "\x07",
)
FORMATS: tuple[Format, ...] = ("xlsx", "csv")


class Fuzz:
    """Texts that begin as formulas do, the same each time."""

    def __init__(self, seed: int) -> None:
        self._random, self.count = Random(seed), 0

    def __call__(self, *_: Any) -> str:
        self.count += 1
        return self._random.choice(STARTS) + "".join(self._random.choices(BODIES, k=2)) + str(self.count)

    def rows(self, count: int, width: int) -> list[list[str]]:
        return [[self() for _ in range(width)] for _ in range(count)]


def assert_text(content: bytes, fmt: str, *, least: int) -> None:
    """Every cell of the file is text that nothing runs; there are at least so many of them."""
    cells = list(_of_workbook(content) if fmt == "xlsx" else _of_csv(content))
    assert len(cells) >= least


def _of_workbook(content: bytes) -> Iterator[str]:
    for sheet in load_workbook(io.BytesIO(content), read_only=True).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    assert cell.data_type in ("s", "inlineStr") and isinstance(cell.value, str), (
                        cell.coordinate,
                        cell.value,
                    )
                    yield cell.value


def _of_csv(content: bytes) -> Iterator[str]:
    for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        for cell in row:
            assert not cell.startswith(FORMULA_STARTS) and not clean(cell).startswith(FORMULA_STARTS), cell
            yield cell


@pytest.fixture
def signed_in(app: Flask, make: Factories) -> Iterator[None]:
    """In a request of somebody whose very name is a formula: it stands in the watermark."""
    account = make.account(Role.CITY_ADMIN, name="=1+1")
    db.session.commit()
    with app.test_request_context("/"):
        g._login_user = account
        yield


def screens(app: Flask) -> list[ExportRoutes]:
    return [view for view in app.extensions["appbuilder"].baseviews if isinstance(view, ExportRoutes)]


def written(write: Callable[[BinaryIO, Format], Any], fmt: Format) -> bytes:
    target = io.BytesIO()
    write(target, fmt)
    return target.getvalue()


@pytest.mark.parametrize("application", ["sqlite"], indirect=True)  # what is written is the same whence it was read
def test_every_declared_screen_exports_formulas_as_text(app: Flask, signed_in: None) -> None:
    declared, codes = screens(app), db.session.execute(select(Area.code).order_by(Area.code)).scalars().all()
    assert len(declared) > 30
    width = sum(len(view.screen.columns) for view in declared)
    rows = CELLS // (width * len(FORMATS)) + 1
    fuzz = Fuzz(1)
    for view in declared:
        fuzzed: list[ListColumn] = [
            replace(each, value=fuzz, full=fuzz, label=each.label) for each in view.screen.columns
        ]
        screen = replace(view.screen, order=(Area.code,), export_reads=())
        table = Table(screen, select(Area).where(Area.code.in_(codes[:rows])), fuzzed)
        for fmt in FORMATS:
            asked = Asked(screen="", title="", subject="", is_full=True, reason="=1+1", fmt=fmt)
            content = written(lambda target, _fmt: write_export(table, asked, target, lambda _rows: None), fmt)  # noqa: B023
            assert_text(content, fmt, least=rows * len(fuzzed) + 1)
    assert fuzz.count >= CELLS


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_page_that_counts_exports_formulas_as_text(app: Flask, signed_in: None, fmt: Format) -> None:
    counting, fuzz = [view for view in screens(app) if isinstance(view, StatisticsView)], Fuzz(2)
    assert counting
    for _view in counting:
        lines = [[Cell(text) for text in row] for row in fuzz.rows(50, 6)]
        columns = [Column(str(at), fuzz()) for at in range(6)]
        counted = Counted(figures=(), columns=columns, lines=lines, sums=fuzz.rows(1, 6)[0])
        content = written(lambda target, _: write_counted(target, counted, watermark=fuzz(), fmt=fmt), fmt)  # noqa: B023
        assert_text(content, fmt, least=52 * 6 + 1)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.key)
def test_rejected_rows_and_templates_hold_formulas_as_text(spec: Any) -> None:
    fuzz, width = Fuzz(3), len(spec.columns)
    rows = [(row, [Fault(spec.columns[at % width].key, "x", fuzz())]) for at, row in enumerate(fuzz.rows(60, width))]
    target, titles = io.BytesIO(), [column.title for column in spec.columns]
    rejected_workbook(target, spec=spec, header=[*titles, fuzz()], rows=rows, watermark=fuzz())
    assert_text(target.getvalue(), "xlsx", least=60 * (width + 1))
    columns = tuple(replace(column, title=fuzz(), example=fuzz()) for column in spec.columns)
    assert_text(template(replace(spec, columns=columns)), "xlsx", least=3 * width)


def test_nothing_else_in_the_application_writes_tables() -> None:
    """What does has to be driven above."""
    found = set()
    for path in APP.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)) if any(f"{name}(" in source for name in WRITERS) else ():
            if isinstance(node, ast.Call):
                called = node.func
                name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
                if name in WRITERS:
                    found.add(str(path.relative_to(APP)))
    assert found == {
        "spreadsheets/rejected.py",
        "spreadsheets/template.py",
        "spreadsheets/writer.py",
        "views/exporting.py",
        "views/statistics_view.py",
    }
