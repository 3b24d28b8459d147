"""Exports are text: whatever a resident types is never run by a spreadsheet (B3 row 6)."""

import csv
import io
import tempfile
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from app.domain.text import clean
from app.spreadsheets import xlsx_writer
from app.spreadsheets.writer import FORMULA_STARTS, TableColumn, csv_line, guarded, write_table

COLUMNS = [TableColumn("姓名", 12), TableColumn("备注", 30)]
STARTS = ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", " =", "\u00a0=", "\u200b="]
hostile_text = st.builds(str.__add__, st.sampled_from(STARTS), st.text(max_size=60))


def xlsx(rows: list[list[object]], watermark: str = "") -> bytes:
    target = io.BytesIO()
    write_table(target, columns=COLUMNS, rows=rows, watermark=watermark)
    return target.getvalue()


def sheet_of(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not [name for name in archive.namelist() if "hyperlink" in name.lower() or "/_rels/sheet" in name]
        return archive.read("xl/worksheets/sheet1.xml").decode()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(hostile_text, hostile_text), min_size=1, max_size=5))
def test_text_that_looks_like_a_formula_stays_text_in_a_workbook(rows: list[tuple[str, str]]) -> None:
    content = xlsx([list(row) for row in rows])
    sheet = sheet_of(content)
    assert "<f>" not in sheet and "<f " not in sheet and "hyperlink" not in sheet.split("<sheetData>")[0]
    assert "<v>" not in sheet
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for row in book.active.iter_rows(min_row=2) for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s"}
    assert not [cell for cell in cells if cell.hyperlink]
    assert {cell.number_format for cell in cells} <= {"@"}


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(hostile_text, st.text(max_size=60)), min_size=1, max_size=5))
def test_text_that_looks_like_a_formula_is_guarded_in_a_text_file(rows: list[tuple[str, str]]) -> None:
    target = io.BytesIO()
    write_table(target, columns=COLUMNS, rows=rows, fmt="csv")
    content = target.getvalue()
    assert content.startswith(b"\xef\xbb\xbf")
    for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        for cell in row:
            assert not cell.startswith(FORMULA_STARTS)
            assert not clean(cell).startswith(FORMULA_STARTS)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.xlsx"
        path.write_bytes(xlsx([[text, text]]))
        rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    forbidden = "\ufffe\uffff"
    assert rows[1] == ["".join(character for character in text if character not in forbidden)] * 2


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(alphabet=st.sampled_from('a"7,;\n 何'), max_size=8), min_size=1, max_size=5))
def test_a_line_of_a_text_file_is_what_its_standard_says(row: list[str]) -> None:
    standard = io.StringIO()
    csv.writer(standard, quoting=csv.QUOTE_ALL).writerow([guarded(cell) for cell in row])
    assert csv_line(row) == standard.getvalue()


def test_numbers_days_and_nothing_are_text_too() -> None:
    content = xlsx(
        [[41010219980410554, date(2020, 4, 7)], [None, datetime(2020, 4, 7, 6, 12)], ["410102199804105541", 0.5]]
    )
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))
    assert rows[1:] == [
        ("41010219980410554", "2020-04-07"),
        (None, "2020-04-07 06:12:00"),
        ("410102199804105541", "0.5"),
    ]


def test_the_watermark_stands_above_the_header_and_both_stay_in_sight() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx([["何晓明", ""]], watermark="导出人：何* 2020-04-07 06:12"))).active
    assert [row[0].value for row in sheet.iter_rows()] == ["导出人：何* 2020-04-07 06:12", "姓名", "何晓明"]
    assert sheet.freeze_panes == "A3"
    assert sheet.column_dimensions["B"].width == 30


def test_a_table_without_rows_has_its_header() -> None:
    assert openpyxl.load_workbook(io.BytesIO(xlsx([]))).active["B1"].value == "备注"


def test_what_no_sheet_can_hold_is_dropped_and_cut() -> None:
    rows = list(
        openpyxl.load_workbook(io.BytesIO(xlsx([["a\x00\x1f\ud800b", "长" * 40_000]]))).active.iter_rows(
            values_only=True
        )
    )
    assert rows[1] == ("ab", "长" * 32_767)


def test_a_full_sheet_goes_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_writer, "MAX_ROWS", 3)
    book = openpyxl.load_workbook(io.BytesIO(xlsx([[str(at), ""] for at in range(5)], watermark="w")))
    assert [[row[0].value for row in sheet.iter_rows(min_row=3)] for sheet in book] == [
        ["0"],
        ["1"],
        ["2"],
        ["3"],
        ["4"],
    ]
    assert [sheet["A2"].value for sheet in book] == ["姓名"] * 5


def test_rows_filled_in_every_other_way_have_each_cell_in_its_column(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_writer, "MAX_FRAMES", 2)
    rows = [["甲", ""], ["", "100%s"], ["", ""], ["%d", "\x00"], ["a&b", "<t>"]]
    found = list(openpyxl.load_workbook(io.BytesIO(xlsx(rows))).active.iter_rows(min_row=2, values_only=True))
    assert found == [("甲", None), (None, "100%s"), (None, None), ("%d", None), ("a&b", "<t>")]
