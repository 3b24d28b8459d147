"""How the list is found in a file, and that both readers of .xlsx see the same (issue 1.4)."""

from datetime import date
from pathlib import Path

import pytest

from app.domain.errors import DomainError
from app.spreadsheets.columns import Raw
from app.spreadsheets.declarations import HEADQUARTERS, RAIL, TELECOM
from app.spreadsheets.limits import Limits
from app.spreadsheets.parsing import parse_rows
from app.spreadsheets.reading import DEFAULT_LIMITS, open_sheet
from app.spreadsheets.sheet_search import row_label
from app.spreadsheets.xlsx_templates import package
from tests.spreadsheets.workbooks import LISTS, SOUND, TITLES, changed, inline, row_xml, sheet_xml, table, workbook

STREAMING = Limits(in_memory_bytes=1)


def rows_of(path: Path, limits: Limits = DEFAULT_LIMITS) -> list[tuple[int, Raw]]:
    with open_sheet(path, spec=TELECOM, limits=limits) as sheet:
        return list(sheet)


def refused(path: Path, limits: Limits = DEFAULT_LIMITS) -> DomainError:
    with pytest.raises(DomainError) as error:
        rows_of(path, limits)
    return error.value


@pytest.mark.parametrize(
    ("name", "spec"), [("telecom.xlsx", TELECOM), ("rail.xlsx", RAIL), ("command.xlsx", HEADQUARTERS)]
)
def test_the_streaming_reader_reads_what_the_fast_one_reads(name: str, spec) -> None:
    found = []
    for limits in (Limits(), STREAMING):
        with open_sheet(LISTS / name, spec=spec, limits=limits) as sheet:
            rows = [(row.number, row.values, row.faults) for row in parse_rows(spec, sheet, today=date(2020, 4, 9))]
            found.append((list(sheet.header), dict(sheet.positions), rows))
    assert found[0] == found[1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_text_file_is_read_in_every_encoding(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "list.csv"
    lines = ["名单", "", delimiter.join(TITLES), delimiter.join(SOUND), "", delimiter.join(SOUND)]
    path.write_bytes("\r\n".join(lines).encode(encoding))
    assert [number for number, _ in rows_of(path)] == [4, 6]


@pytest.mark.parametrize("name", ["telecom.xlsx", "telecom.xls", "telecom_gb18030.csv"])
def test_about_how_many_rows_there_are_is_known_with_the_header(name: str) -> None:
    with open_sheet(LISTS / name, spec=TELECOM) as sheet:
        known = sheet.about_rows
        assert 0 <= known - sum(1 for _ in sheet) < 20


@pytest.mark.parametrize("limits", [Limits(), STREAMING])
def test_padded_wide_and_starred_titles_are_known_in_any_order(tmp_path: Path, limits: Limits) -> None:
    padded = ["*日期\n", "手机号码（必填）", " 流入市", "流 入 县", *TITLES[4:]][::-1]
    path = table(tmp_path / "a.xlsx", SOUND[::-1], header=padded)
    with open_sheet(path, spec=TELECOM, limits=limits) as sheet:
        (row,) = parse_rows(TELECOM, sheet, today=date(2020, 4, 9))
    assert not row.faults
    assert row.values["phone"] == "13800138000"


@pytest.mark.parametrize("limits", [Limits(), STREAMING])
def test_blank_rows_are_passed_over_and_numbers_stay_the_sheets(tmp_path: Path, limits: Limits) -> None:
    rows = [(2, ["名单"]), (5, TITLES), (6, SOUND), (8, ["", " ", "\u3000"]), (900, SOUND)]
    path = workbook(tmp_path / "a.xlsx", sheet_xml("".join(row_xml(cells, number) for number, cells in rows)))
    assert [number for number, _ in rows_of(path, limits)] == [6, 900]


def test_rows_of_a_second_sheet_follow_in_the_first_ones_order(tmp_path: Path) -> None:
    explanation = sheet_xml(row_xml(["本表由运营商导出"]))
    first, second = sheet_xml(row_xml(TITLES) + row_xml(SOUND)), sheet_xml(row_xml(TITLES[::-1]) + row_xml(SOUND[::-1]))
    rows = rows_of(workbook(tmp_path / "a.xlsx", explanation, first, second))
    assert [row_label(number) for number, _ in rows] == ["2", "3!2"]
    assert [[cell or None for cell in cells] for _, cells in rows] == [[cell or None for cell in SOUND]] * 2


@pytest.mark.parametrize("limits", [Limits(), STREAMING])
def test_a_hidden_sheet_is_no_list(tmp_path: Path, limits: Limits) -> None:
    shown = sheet_xml(row_xml(TITLES) + row_xml(SOUND))
    book = package(['"Sheet1"', '"Sheet2"'])["xl/workbook.xml"].replace('sheetId="1"', 'sheetId="1" state="hidden"')
    path = workbook(tmp_path / "a.xlsx", shown, shown, parts={"xl/workbook.xml": book})
    with open_sheet(path, spec=TELECOM, limits=limits) as sheet:
        assert sheet.sheet_name == "Sheet2"
        assert len(list(sheet)) == 1


def test_rows_full_of_long_texts_come_in_small_messages(tmp_path: Path) -> None:
    rows = [changed(name="长" * 30_000, address="长" * 30_000, remark=f"{'长' * 30_000}{at}") for at in range(300)]
    found = rows_of(table(tmp_path / "a.xlsx", *rows), Limits(ratio=10**6, large_ratio=10**6))
    assert [str(cells[-1]).strip("长") for _, cells in found] == [str(at) for at in range(300)]


def test_a_second_sheet_with_other_columns_is_not_silently_left_out(tmp_path: Path) -> None:
    other = sheet_xml(row_xml([*TITLES, "另一列"]) + row_xml(SOUND))
    error = refused(workbook(tmp_path / "a.xlsx", sheet_xml(row_xml(TITLES) + row_xml(SOUND)), other))
    assert error.code == "several_headers"


def test_a_sheet_without_a_needed_column_is_told_which(tmp_path: Path) -> None:
    header = ["手机号" if title == "手机号码" else title for title in TITLES if title not in ("日期", "基站归属区县")]
    error = refused(table(tmp_path / "a.xlsx", SOUND, header=header))
    assert (error.code, str(error)) == ("no_header", "没有找到表头，缺少这些列：日期、基站归属区县")


def test_a_sheet_with_a_header_only_has_no_rows(tmp_path: Path) -> None:
    assert refused(table(tmp_path / "a.xlsx")).code == "no_rows"


def test_a_workbook_without_any_cell_is_empty(tmp_path: Path) -> None:
    assert refused(workbook(tmp_path / "a.xlsx", sheet_xml(""))).code == "empty"


def test_a_file_of_no_bytes_is_empty(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").touch()
    assert refused(tmp_path / "a.xlsx").code == "empty"


@pytest.mark.parametrize("limits", [Limits(), STREAMING])
def test_a_live_formula_without_a_result_is_kept_as_its_text(tmp_path: Path, limits: Limits) -> None:
    cells = "".join(inline(cell) for cell in SOUND[:-1]) + "<c><f>1+1</f><v></v></c>"
    path = workbook(tmp_path / "a.xlsx", sheet_xml(row_xml(TITLES) + f"<row>{cells}</row>"))
    ((_, row),) = rows_of(path, limits)
    assert row[-1] == "=1+1"


def test_tags_with_a_prefix_are_understood(tmp_path: Path) -> None:
    plain = sheet_xml(row_xml(TITLES) + row_xml(SOUND)).replace("xmlns=", "xmlns:x=")
    for tag in ("worksheet", "sheetData", "row", "c", "is", "t"):
        plain = (
            plain.replace(f"<{tag}>", f"<x:{tag}>")
            .replace(f"<{tag} ", f"<x:{tag} ")
            .replace(f"</{tag}>", f"</x:{tag}>")
        )
    assert len(rows_of(workbook(tmp_path / "a.xlsx", plain))) == 1


@pytest.mark.parametrize("count", [3, 400_000])
def test_shared_texts_are_found_in_memory_and_on_disk(tmp_path: Path, count: int) -> None:
    texts = [*TITLES, *(f"备注{at}" for at in range(count))]
    shared = "".join(f"<si><r><t>{text[:1]}</t></r><r><t>{text[1:]}</t></r><rPh><t>x</t></rPh></si>" for text in texts)
    head = "".join(f'<c t="s"><v>{at}</v></c>' for at in range(len(TITLES)))
    body = "".join(inline(cell) for cell in SOUND[:-1]) + f'<c t="s"><v>{len(texts) - 1}</v></c>'
    types = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    path = workbook(
        tmp_path / "a.xlsx",
        sheet_xml(f"<row>{head}</row><row>{body}</row>"),
        parts={"xl/sharedStrings.xml": f"{types}{shared}</sst>"},
    )
    ((_, row),) = rows_of(path, STREAMING)
    assert row[-1] == f"备注{count - 1}"


def test_leaving_early_ends_the_reading_process(tmp_path: Path) -> None:
    with open_sheet(table(tmp_path / "a.xlsx", *[changed()] * 5000), spec=TELECOM) as sheet:
        next(iter(sheet))
    assert sheet.is_closed
