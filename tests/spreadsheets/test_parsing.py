"""What becomes of single cells, and that no fault of a row is left out (issue 1.4)."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from app.spreadsheets.columns import ParsedRow, identity_key
from app.spreadsheets.declarations import RAIL, TELECOM
from app.spreadsheets.parsing import parse_rows
from app.spreadsheets.reading import open_sheet
from tests.spreadsheets.workbooks import changed, table

TODAY = date(2020, 4, 9)
ID = "410102199804105541"


def parsed(path: Path, *rows: list[Any]) -> list[ParsedRow]:
    with open_sheet(table(path, *rows), spec=TELECOM) as sheet:
        return list(parse_rows(TELECOM, sheet, today=TODAY))


def codes(row: ParsedRow) -> list[tuple[str, str]]:
    return [(fault.column_key, fault.code) for fault in row.faults]


@pytest.mark.parametrize(
    "typed",
    [13800138000, 13800138000.0, "１３８００１３８０００", " 138 0013 8000\xa0", "138-0013-8000", "+86 13800138000"],
)
def test_a_phone_is_read_however_it_was_typed(tmp_path: Path, typed: Any) -> None:
    (row,) = parsed(tmp_path / "a.xlsx", changed(phone=typed))
    assert row.values["phone"] == "13800138000"
    assert not row.faults


def test_a_name_is_the_same_on_every_list_however_wide_it_was_made(tmp_path: Path) -> None:
    rows = parsed(tmp_path / "a.xlsx", changed(name="何　明"), changed(name="John  Smith"))
    assert [row.values["name"] for row in rows] == ["何明", "John Smith"]


@pytest.mark.parametrize(
    "typed",
    [20200407, 20200407.0, "20200407", "20200407.0", "2020-04-07", "2020/4/7", "2020.04.07", "2020年4月7日", 43928,
     "2020/04/07 06:12", "２０２０－０４－０７", "2020-04-07T06:12:00"],
)  # fmt: skip
def test_a_day_is_read_in_every_way_of_writing_it(tmp_path: Path, typed: Any) -> None:
    (row,) = parsed(tmp_path / "a.xlsx", changed(listed_on=typed))
    assert row.values["listed_on"] == date(2020, 4, 7)
    assert not row.faults


@pytest.mark.parametrize("typed", ["20200431", 20200431, "2020-13-01", "昨天", "2020-04", 0, -5, 1e300, "4/7/2020"])
def test_a_day_that_is_none_is_rejected(tmp_path: Path, typed: Any) -> None:
    (row,) = parsed(tmp_path / "a.xlsx", changed(listed_on=typed))
    assert codes(row) == [("listed_on", "date")]


@pytest.mark.parametrize("typed", ["2020/04/07 06:12", 43928.2583333333, "20200407061200", "2020-04-07 06:12:00.0"])
def test_a_moment_is_read_to_the_minute(tmp_path: Path, typed: Any) -> None:
    (row,) = parsed(tmp_path / "a.xlsx", changed(stay_recorded_at=typed))
    assert row.values["stay_recorded_at"] == datetime(2020, 4, 7, 6, 12)


@pytest.mark.parametrize("typed", [410102199804105541, 4.10102199804106e17, "4.10102E+17"])
def test_an_identity_number_stored_as_a_number_has_lost_digits(tmp_path: Path, typed: Any) -> None:
    (row,) = parsed(tmp_path / "a.xlsx", changed(document_number=typed))
    assert codes(row) == [("document_number", "id_float")]


def test_a_lower_case_x_is_an_upper_case_one(tmp_path: Path) -> None:
    (row,) = parsed(tmp_path / "a.xlsx", changed(document_number=" 34010420081129669x"))
    assert row.values["document_number"] == "34010420081129669X"


def test_all_faults_of_a_row_are_reported_each_with_its_column(tmp_path: Path) -> None:
    (row,) = parsed(
        tmp_path / "a.xlsx",
        changed(listed_on="20200431", phone="123", document_number="410102199804105542", name="长" * 61),
    )
    assert sorted(codes(row)) == [
        ("document_number", "id_checksum"),
        ("listed_on", "date"),
        ("name", "too_long"),
        ("phone", "phone"),
    ]


def test_a_row_with_neither_phone_nor_document_names_nobody(tmp_path: Path) -> None:
    (row,) = parsed(tmp_path / "a.xlsx", changed(phone=" \xa0", document_number=""))
    assert [(fault.code, fault.message) for fault in row.faults] == [("no_phone_no_id", "手机号和证件号不能都为空")]


def test_a_wrong_phone_is_no_missing_phone(tmp_path: Path) -> None:
    (row,) = parsed(tmp_path / "a.xlsx", changed(phone="123", document_number=""))
    assert codes(row) == [("phone", "phone")]


def test_a_blank_day_is_missing(tmp_path: Path) -> None:
    rows = parsed(tmp_path / "a.xlsx", changed(listed_on=""), changed(listed_on="  "))
    assert [codes(row) for row in rows] == [[("listed_on", "required")]] * 2


def test_the_same_person_on_the_same_day_is_the_same_row_however_written(tmp_path: Path) -> None:
    first, second, other_day, other_person = parsed(
        tmp_path / "a.xlsx",
        changed(document_number=ID),
        changed(document_number=f" {ID}", listed_on=20200407.0, phone="13900139000"),
        changed(document_number=ID, listed_on="2020-04-08"),
        changed(),
    )
    keys = [identity_key(TELECOM, row.values) for row in (first, second, other_day, other_person)]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_a_document_type_decides_how_the_number_is_checked(tmp_path: Path) -> None:
    titles = [column.title for column in RAIL.columns]
    cells = ["2020-04-07", "G1", "武汉站", "郑州东站", "何晓明", "", "", "13800138000", 9.0, "17A", ""]
    rows = [
        [*cells[:5], kind, number, *cells[7:]]
        for kind, number in [("护照", "E86577173"), ("身份证", "E86577173"), ("", ID)]
    ]
    with open_sheet(table(tmp_path / "a.xlsx", *rows, header=titles), spec=RAIL) as sheet:
        passport, wrong, untold = parse_rows(RAIL, sheet, today=TODAY)
    assert (passport.values["document_number"], passport.values["carriage"]) == ("E86577173", "9")
    assert codes(wrong) == [("document_number", "id_length")]
    assert not untold.faults


def test_a_passport_needs_no_type_column(tmp_path: Path) -> None:
    (row,) = parsed(tmp_path / "a.xlsx", changed(document_number="e86577173"))
    assert row.values["document_number"] == "E86577173"
