"""The operators', the station's and the command centre's files, to the row (Z-T1, Z-T2, Z-T4)."""

import json
from collections import Counter
from datetime import date, datetime

import pytest

from app.spreadsheets.columns import SheetSpec, identity_key
from app.spreadsheets.declarations import HEADQUARTERS, RAIL, TELECOM
from app.spreadsheets.parsing import parse_rows
from app.spreadsheets.reading import open_sheet
from tests.spreadsheets.workbooks import LISTS

TRUTH = json.loads((LISTS / "truth.json").read_text())
TODAY = date(2020, 4, 9)


def counted(name: str, spec: SheetSpec) -> Counter[str]:
    found: Counter[str] = Counter()
    seen = set()
    with open_sheet(LISTS / name, spec=spec) as sheet:
        for row in parse_rows(spec, sheet, today=TODAY):
            found["rows"] += 1
            if row.faults:
                found[f"rejected_{row.faults[0].code}"] += 1
                continue
            key = identity_key(spec, row.values)
            found["duplicates" if key in seen else "sound"] += 1
            seen.add(key)
    return found


@pytest.mark.parametrize("name", ["telecom.xlsx", "telecom.xls", "telecom_gb18030.csv"])
def test_an_operators_sheet_agrees_with_the_truth_to_the_row(name: str) -> None:
    truth = {key: count for key, count in TRUTH[name].items() if key not in ("dispatch", "formula")}
    assert counted(name, TELECOM) == truth


def test_every_row_of_the_stations_sheet_is_sound() -> None:
    assert counted("rail.xlsx", RAIL) == {"rows": TRUTH["rail.xlsx"]["rows"], "sound": 300}


def test_every_row_of_the_command_centres_sheet_is_sound() -> None:
    assert counted("command.xlsx", HEADQUARTERS) == {"rows": TRUTH["command.xlsx"]["rows"], "sound": 150}


@pytest.mark.parametrize("name", ["telecom.xlsx", "telecom.xls", "telecom_gb18030.csv"])
def test_a_formula_stays_the_text_it_is(name: str) -> None:
    with open_sheet(LISTS / name, spec=TELECOM) as sheet:
        remarks = [row.values["remark"] for row in parse_rows(TELECOM, sheet, today=TODAY) if row.values["remark"]]
    assert remarks == ['=HYPERLINK("http://127.0.0.1/x","点")']


def test_values_are_normalised_and_numbered_as_in_the_sheet() -> None:
    with open_sheet(LISTS / "telecom.xlsx", spec=TELECOM) as sheet:
        assert (sheet.header_number, sheet.sheet_name, sheet.kind) == (2, "Sheet1", "xlsx")
        first, second = (row for row, _ in zip(parse_rows(TELECOM, sheet, today=TODAY), range(2), strict=False))
    assert first.number == 3
    assert first.raw[1] == 19225437259.0
    assert first.values["phone"] == "19225437259"
    assert first.values["listed_on"] == date(2020, 4, 6)
    assert first.values["stay_recorded_at"] == datetime(2020, 4, 6, 8, 42)
    assert first.values["name"] is None
    assert second.values["document_number"] == "410102199804105541"
    assert second.values["station_district"] == "经开区"
