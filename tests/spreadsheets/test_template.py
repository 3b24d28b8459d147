"""A template is made from the declaration and reads back by it (Z-T13)."""

import io
from pathlib import Path

import openpyxl
import pytest

from app.domain.errors import DomainError
from app.spreadsheets.columns import SheetSpec
from app.spreadsheets.declarations import SHEETS
from app.spreadsheets.reading import open_sheet
from app.spreadsheets.template import template


@pytest.mark.parametrize("spec", SHEETS.values(), ids=SHEETS)
def test_a_template_has_every_column_as_text_and_explains_it(spec: SheetSpec) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template(spec)))
    titles = [column.title for column in spec.columns]
    data, notes = book["数据"], book["说明"]
    assert [cell.value for cell in data[1]] == titles
    assert {cell.number_format for cell in data[1]} == {"@"}
    assert [row[0] for row in notes.iter_rows(min_row=2, max_row=len(titles) + 1, values_only=True)] == titles


@pytest.mark.parametrize("spec", SHEETS.values(), ids=SHEETS)
def test_a_filled_in_template_is_read_by_its_declaration(tmp_path: Path, spec: SheetSpec) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template(spec)))
    book["数据"].append([column.example for column in spec.columns])
    book.save(tmp_path / "filled.xlsx")
    with open_sheet(tmp_path / "filled.xlsx", spec=spec) as sheet:
        assert set(sheet.positions) == {column.key for column in spec.columns}
        assert [number for number, _ in sheet] == [2]


def test_an_empty_template_has_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "empty.xlsx"
    path.write_bytes(template(SHEETS["telecom"]))
    with pytest.raises(DomainError) as error:
        open_sheet(path, spec=SHEETS["telecom"])
    assert error.value.code == "no_rows"
