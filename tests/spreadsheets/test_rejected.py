"""Rejected rows come back as a file that imports again (Z-T13)."""

from datetime import date, datetime
from pathlib import Path

import openpyxl

from app.spreadsheets.columns import Fault, ParsedRow
from app.spreadsheets.declarations import TELECOM
from app.spreadsheets.parsing import parse_rows
from app.spreadsheets.raw import raw_from_json, raw_to_json
from app.spreadsheets.reading import open_sheet
from app.spreadsheets.rejected import rejected_workbook
from tests.spreadsheets.workbooks import LISTS, changed, table

RED = "FFFFC7CE"


def rejected_of(path: Path) -> tuple[list[str], list[ParsedRow]]:
    with open_sheet(path, spec=TELECOM) as sheet:
        rows = list(parse_rows(TELECOM, sheet, today=date(2020, 4, 9)))
        return list(sheet.header), [row for row in rows if row.faults]


def written(path: Path, header: list[str], rows: list[ParsedRow]) -> Path:
    rejected_workbook(
        path, spec=TELECOM, header=header, rows=((row.raw, row.faults) for row in rows), watermark="导出人：何*"
    )
    return path


def test_a_rejected_file_imports_again_as_it_is_and_says_the_same(tmp_path: Path) -> None:
    header, rows = rejected_of(LISTS / "telecom.xlsx")
    again_header, again = rejected_of(written(tmp_path / "rejected.xlsx", header, rows))
    assert len(rows) == 50
    assert again_header == header
    assert [(row.raw, row.faults) for row in again] == [(row.raw, row.faults) for row in rows]
    third_header, third = rejected_of(written(tmp_path / "again.xlsx", again_header, again))
    assert (third_header, len(third)) == (header, 50)


def test_reasons_stand_in_front_and_the_cells_at_fault_are_coloured(tmp_path: Path) -> None:
    row = changed(listed_on="20200431", phone="123")
    header, rows = rejected_of(table(tmp_path / "a.xlsx", row))
    sheet = openpyxl.load_workbook(written(tmp_path / "rejected.xlsx", header, rows)).active
    assert sheet["A1"].value == "导出人：何*"
    assert [cell.value for cell in sheet[2]] == ["退回原因", *header]
    assert sheet["A3"].value == "日期：日期不存在或写法不对，应如 2020-04-07；手机号码：" + rows[0].faults[1].message
    assert [cell.coordinate for cell in sheet[3] if cell.fill.fgColor.rgb == RED] == ["B3", "C3"]


def test_a_row_without_phone_and_document_has_both_cells_coloured(tmp_path: Path) -> None:
    header, rows = rejected_of(table(tmp_path / "a.xlsx", changed(phone="")))
    sheet = openpyxl.load_workbook(written(tmp_path / "rejected.xlsx", header, rows)).active
    assert [cell.coordinate for cell in sheet[3] if cell.fill.fgColor.rgb == RED] == ["C3", "I3"]


def test_unknown_columns_of_the_sheet_come_back_too(tmp_path: Path) -> None:
    header = [*(column.title for column in TELECOM.columns), "运营商编号"]
    again, rows = rejected_of(
        written(
            tmp_path / "r.xlsx", *rejected_of(table(tmp_path / "a.xlsx", [*changed(phone="1"), "A7"], header=header))
        )
    )
    assert again == header
    assert rows[0].raw[-1] == "A7"


def test_a_row_kept_as_json_comes_back_as_it_was() -> None:
    raw = ["=1+1", 4.101811968081713e17, 9, None, date(2020, 4, 7), datetime(2020, 4, 7, 6, 12), "２０２０"]
    kept = raw_from_json(raw_to_json(raw))
    assert kept == raw
    assert [type(cell) for cell in kept] == [type(cell) for cell in raw]


def test_a_lost_number_is_written_back_as_it_came(tmp_path: Path) -> None:
    raw = changed(document_number=4.101811968081713e17)
    header = [column.title for column in TELECOM.columns]
    fault = Fault("document_number", "id_float", "x")
    rejected_workbook(tmp_path / "r.xlsx", spec=TELECOM, header=header, rows=[(raw, [fault])])
    assert openpyxl.load_workbook(tmp_path / "r.xlsx").active["I2"].value == 4.101811968081713e17
