"""Further files that harm whoever believes them: names that wander, bombs in bombs, XML of other encodings."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

from app.spreadsheets.xlsx_templates import MAIN, package
from tests.spreadsheets.workbooks import LISTS, SOUND, TITLES, inline, row_xml, sheet_xml, workbook

HEAD = row_xml(TITLES) + row_xml(SOUND)
TABLE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def bomb_in_a_bomb(path: Path) -> None:
    """42.zip in small: archives in an archive, each of them zeros."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(5 << 20))
    workbook(path, sheet_xml(HEAD), parts={f"xl/embeddings/{at}.zip": inner.getvalue() for at in range(520)})


def names_that_wander(path: Path) -> None:
    workbook(path, sheet_xml(HEAD), parts={"../../../etc/cron.d/x": "* * * * * root true"})


def a_name_from_the_root(path: Path) -> None:
    workbook(path, sheet_xml(HEAD), parts={"/etc/passwd": "x"})


def a_name_of_another_system(path: Path) -> None:
    workbook(path, sheet_xml(HEAD), parts={"..\\..\\windows\\x.dll": "x"})


def two_sheets_of_one_name(path: Path) -> None:
    """What one reader takes for the sheet is not what another does."""
    workbook(path, sheet_xml(HEAD))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", sheet_xml(HEAD + row_xml(["x"] * 5)))


def laughs_in_the_styles(path: Path) -> None:
    entities = '<!DOCTYPE a [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]>'
    formula = "<row><c><f>1+1</f><v>2</v></c></row>"  # only the reader that streams looks at styles
    workbook(path, sheet_xml(HEAD + formula), parts={"xl/styles.xml": f"{entities}<styleSheet>&b;</styleSheet>"})


def one_long_entity_many_times(path: Path) -> None:
    entity = f'<!DOCTYPE a [<!ENTITY x "{"A" * 100_000}">]>'
    workbook(path, sheet_xml(HEAD + row_xml(["&x;" * 20_000]), before=entity))


def external_entity_in_wide_letters(path: Path) -> None:
    """The DTD in UTF-16, where a search for its bytes does not find it."""
    entity = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    xml = sheet_xml(HEAD + row_xml(["&x;"]), before=entity).replace('encoding="UTF-8"', 'encoding="UTF-16"')
    workbook(path, parts=_with_sheet(xml.encode("utf-16")))


def a_million_nested_tags(path: Path) -> None:
    deep = "<a>" * 1_000_000
    workbook(path, parts=_with_sheet(f'<?xml version="1.0"?><worksheet xmlns="{MAIN}">{deep}'.encode()))


def a_text_without_an_end(path: Path) -> None:
    """An attribute of 40 MB that no pattern may crawl over again and again."""
    noise = (
        "".join(chr(33 + at * 7919 % 90) for at in range(1 << 16)).replace("<", "").replace('"', "").replace("&", "")
    )
    workbook(path, parts=_with_sheet(f'<worksheet xmlns="{MAIN}"><sheetData><row r="1" x="{noise * 600}'.encode()))


def ten_thousand_sheets(path: Path) -> None:
    sheets = "".join(f'<sheet name="s{at}" sheetId="{at}" r:id="rId1"/>' for at in range(1, 10_001))
    book = f'<workbook xmlns="{MAIN}" xmlns:r="http://x"><sheets>{sheets}</sheets></workbook>'
    workbook(path, sheet_xml(HEAD), parts={"xl/workbook.xml": book})


def a_sheet_that_lies_elsewhere(path: Path) -> None:
    relations = (
        '<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="file:///etc/passwd"/></Relationships>'
    )
    workbook(path, sheet_xml(HEAD), parts={"xl/_rels/workbook.xml.rels": relations})


def shared_texts_that_are_not_there(path: Path) -> None:
    far = f'<row>{"".join(inline(title) for title in TITLES)}</row><row><c t="s"><v>999999999</v></c><c><f>1</f></c></row>'
    workbook(path, sheet_xml(far))


def millions_of_shared_texts(path: Path) -> None:
    texts = f"<sst>{'<si><t>x</t></si>' * 2_000_000}</sst>"
    workbook(path, sheet_xml(HEAD), parts={"xl/sharedStrings.xml": texts})


def macro_workbook_by_its_type(path: Path) -> None:
    types = f'<Types><Override PartName="/xl/workbook.xml" ContentType="{TABLE}.sheet.macroEnabled.main+xml"/></Types>'
    workbook(path, sheet_xml(HEAD), parts={"[Content_Types].xml": types.replace(TABLE, "application/vnd.ms-excel")})


def binary_workbook(path: Path) -> None:
    types = '<Types><Override ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr("xl/workbook.bin", b"\x83\x01\x00")


def open_document(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<office:document-content/>")


def cut_old_workbook(path: Path) -> None:
    path.write_bytes((LISTS / "telecom.xls").read_bytes()[:9000])


def old_workbook_with_wild_records(path: Path) -> None:
    """Each length in the stream of records says more than there is."""
    content = bytearray((LISTS / "telecom.xls").read_bytes())
    for at in range(1024, len(content) - 4, 512):
        content[at + 2 : at + 4] = b"\xff\xff"
    path.write_bytes(content)


def old_container_that_runs_in_a_ring(path: Path) -> None:
    content = bytearray((LISTS / "telecom.xls").read_bytes())
    content[512:1024] = b"\x00\x00\x00\x00" * 128  # every sector is followed by the first
    path.write_bytes(content)


def packed_text(path: Path) -> None:
    path.write_bytes(gzip.compress(",".join(TITLES).encode() + bytes(10 << 20)))


def a_line_of_three_hundred_megabytes(path: Path) -> None:
    with path.open("wb") as file:
        file.write(",".join(TITLES).encode() + b"\n")
        for _ in range(300):
            file.write(b"x" * (1 << 20))


def zeros_among_the_text(path: Path) -> None:
    path.write_bytes(f"{','.join(TITLES)}\n2020-04-07,138\0\0\0\n".encode())


def wide_text_that_breaks_off(path: Path) -> None:
    path.write_bytes(f"{','.join(TITLES)}\n".encode("utf-16") + b"\x00\xd8" * 40_000)


def an_endless_line_in_wide_letters(path: Path) -> None:
    path.write_bytes((",".join(TITLES) + "\n" + "文" * (20 << 20)).encode("utf-16"))


def a_million_commas(path: Path) -> None:
    path.write_text(",".join(TITLES) + "\n" + "," * 1_000_000 + "x\n")


def nothing(path: Path) -> None:
    path.write_bytes(b"")


def only_a_header(path: Path) -> None:
    path.write_text(",".join(TITLES) + "\n")


def a_program(path: Path) -> None:
    path.write_bytes(b"MZ" + bytes(5000))


def _with_sheet(xml: bytes) -> dict[str, str | bytes]:
    """The parts of a workbook whose one sheet is these bytes."""
    return {**package(['"Sheet1"']), "xl/worksheets/sheet1.xml": xml}


MORE_HOSTILE: dict[Callable[[Path], None], str] = {
    bomb_in_a_bomb: "bomb",
    names_that_wander: "unreadable",
    a_name_from_the_root: "unreadable",
    a_name_of_another_system: "unreadable",
    two_sheets_of_one_name: "unreadable",
    laughs_in_the_styles: "unreadable",
    one_long_entity_many_times: "unreadable",
    external_entity_in_wide_letters: "unreadable",
    a_million_nested_tags: "empty",
    a_text_without_an_end: "bomb",
    ten_thousand_sheets: "bomb",
    a_sheet_that_lies_elsewhere: "unreadable",
    shared_texts_that_are_not_there: "unreadable",
    millions_of_shared_texts: "bomb",
    macro_workbook_by_its_type: "macro",
    binary_workbook: "macro",
    open_document: "not_a_sheet",
    cut_old_workbook: "not_a_sheet",
    old_workbook_with_wild_records: "unreadable",
    old_container_that_runs_in_a_ring: "unreadable",
    packed_text: "wrong_kind",
    a_line_of_three_hundred_megabytes: "too_large",
    zeros_among_the_text: "not_a_sheet",
    wide_text_that_breaks_off: "not_a_sheet",
    an_endless_line_in_wide_letters: "cell_too_long",
    a_million_commas: "too_wide",
    nothing: "empty",
    only_a_header: "no_rows",
    a_program: "wrong_kind",
}
