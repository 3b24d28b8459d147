"""No file harms a worker: each of these is refused in seconds, with a reason, in little memory (issue 1.4)."""

import resource
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import pytest

from app.domain.errors import DomainError
from app.spreadsheets.declarations import TELECOM
from app.spreadsheets.limits import MESSAGES, Limits
from app.spreadsheets.reading import open_sheet
from tests.spreadsheets.more_hostile_files import MORE_HOSTILE
from tests.spreadsheets.workbooks import LISTS, SOUND, TITLES, inline, row_xml, sheet_xml, workbook

SECONDS = 10
MEGABYTES = 500
HEAD = row_xml(TITLES) + row_xml(SOUND)
LAUGHS = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 10))


def zip_bomb(path: Path) -> None:
    workbook(path, sheet_xml(HEAD + row_xml(["A" * 1000]) * 100_000))


def bomb_beside_the_sheet(path: Path) -> None:
    workbook(path, sheet_xml(HEAD), parts={"xl/media/x.bin": bytes(100 << 20)})


def bomb_that_lies_about_its_size(path: Path) -> None:
    """The directory says 1,000 bytes; 50 MB come out."""
    workbook(path, sheet_xml(HEAD + row_xml(["A" * 1000]) * 50_000))
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    path.write_bytes(content.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little")))


def shared_text_bomb(path: Path) -> None:
    workbook(path, sheet_xml(HEAD), parts={"xl/sharedStrings.xml": f"<sst><si><t>{'A' * (100 << 20)}</t></si></sst>"})


def one_giant_text(path: Path) -> None:
    noise = "".join(f"{zlib.crc32(bytes([at % 256, at // 256 % 256, at // 65536])):08x}" for at in range(50_000))
    workbook(path, sheet_xml(HEAD + row_xml([noise * 60])))


def cell_in_the_last_corner(path: Path) -> None:
    far = f'<row r="1048576">{inline("z", "XFD1048576")}</row>'
    workbook(path, sheet_xml(row_xml(TITLES, 1) + row_xml(SOUND, 2) + far))


def rows_in_the_last_column(path: Path) -> None:
    workbook(
        path, sheet_xml(HEAD + "".join(f'<row r="{at}">{inline("z", f"XFD{at}")}</row>' for at in range(3, 20_003)))
    )


def million_columns(path: Path) -> None:
    workbook(path, sheet_xml(HEAD + f"<row>{'<c><v>1</v></c>' * 1_000_000}</row>"))


def more_rows_than_a_sheet_has(path: Path) -> None:
    workbook(path, sheet_xml(HEAD + "".join(f"<row ><c><v>{at * 7919}</v></c></row>" for at in range(1_100_000))))


def row_number_beyond_all(path: Path) -> None:
    workbook(path, sheet_xml(row_xml(TITLES, 1) + row_xml(SOUND, 4_000_000_000)))


def billion_laughs(path: Path) -> None:
    entities = f'<!DOCTYPE a [<!ENTITY l0 "lol">{LAUGHS}]>'
    workbook(path, sheet_xml(HEAD + row_xml(["&l9;"]), before=entities))


def external_entity(path: Path) -> None:
    entity = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    workbook(path, sheet_xml(HEAD + row_xml(["&x;"]), before=entity))


def entity_in_the_shared_texts(path: Path) -> None:
    entities = f'<!DOCTYPE a [<!ENTITY l0 "lol">{LAUGHS}]><sst><si><t>&l9;</t></si></sst>'
    workbook(path, sheet_xml(HEAD), parts={"xl/sharedStrings.xml": entities})


def entity_in_the_workbook(path: Path) -> None:
    workbook(path, sheet_xml(HEAD), parts={"xl/workbook.xml": f'<!DOCTYPE a [<!ENTITY l0 "lol">{LAUGHS}]><workbook/>'})


def thousand_members(path: Path) -> None:
    workbook(path, sheet_xml(HEAD), parts={f"xl/media/{at}.png": b"x" for at in range(1000)})


def encrypted_workbook(path: Path) -> None:
    """The container that Excel writes for a workbook with a password."""
    path.write_bytes(ole_container("EncryptionInfo", "EncryptedPackage"))


def encrypted_members(path: Path) -> None:
    workbook(path, sheet_xml(HEAD))
    content = bytearray(path.read_bytes())
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 8] |= 1
        at = content.find(b"PK\x01\x02", at + 4)
    path.write_bytes(content)


def word_document_of_old(path: Path) -> None:
    path.write_bytes(ole_container("WordDocument", "1Table"))


def word_document(path: Path) -> None:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = f'<Types><Override ContentType="{kind}"/></Types>'
    workbook(path, parts={"[Content_Types].xml": types})


def broken_old_workbook(path: Path) -> None:
    content = (LISTS / "telecom.xls").read_bytes()
    path.write_bytes(content[:6000] + bytes(len(content) - 6000))


def old_workbook_of_no_bytes(path: Path) -> None:
    path.write_bytes(ole_container("Workbook"))


def workbook_with_macros(path: Path) -> None:
    workbook(path, sheet_xml(HEAD), parts={"xl/vbaProject.bin": b"macro"})


def picture(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(1000))


def any_archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "x")


def cut_workbook(path: Path) -> None:
    workbook(path, sheet_xml(HEAD * 100))
    path.write_bytes(path.read_bytes()[:-200])


def damaged_workbook(path: Path) -> None:
    workbook(path, sheet_xml(HEAD + "".join(row_xml([at * 7919]) for at in range(5000))))
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 40] = bytes(40)
    path.write_bytes(content)


def broken_xml(path: Path) -> None:
    workbook(path, sheet_xml(HEAD)[:-40])


def huge_file(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(200 << 20)


def huge_text_file(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(200 << 20)


def bytes_of_no_encoding(path: Path) -> None:
    path.write_bytes(bytes(range(1, 256)) * 500)


def zeros(path: Path) -> None:
    path.write_bytes(bytes(1 << 20))


def web_page(path: Path) -> None:
    path.write_text("<html><table><tr><td>日期</td></tr></table></html>")


def one_endless_line(path: Path) -> None:
    path.write_text(",".join(TITLES) + "\n" + "x" * (50 << 20))


def one_open_quote(path: Path) -> None:
    path.write_text(",".join(TITLES) + '\n"' + "x\n" * (10 << 20))


def ole_container(*streams: str) -> bytes:
    """A compound file with empty streams of these names."""
    free, end, fat = b"\xff\xff\xff\xff", b"\xfe\xff\xff\xff", b"\xfd\xff\xff\xff"
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + bytes.fromhex("3e000300feff09000600") + bytes(10)
    header += (1).to_bytes(4, "little") + (1).to_bytes(4, "little") + bytes(4) + (4096).to_bytes(4, "little")
    header += end + bytes(4) + end + bytes(4) + bytes(4) + free * 108
    entries = b""
    for name, kind in [("Root Entry", 5), *((stream, 2) for stream in streams)]:
        encoded = name.encode("utf-16-le")
        entries += encoded.ljust(64, b"\0") + (len(encoded) + 2).to_bytes(2, "little") + bytes([kind, 1])
        entries += free * 3 + bytes(36) + end + bytes(8)
    return header + fat + end + free * 126 + entries.ljust(512, b"\0")


HOSTILE: dict[Callable[[Path], None], str] = {
    zip_bomb: "bomb",
    bomb_beside_the_sheet: "bomb",
    bomb_that_lies_about_its_size: "unreadable",
    shared_text_bomb: "bomb",
    one_giant_text: "cell_too_long",
    cell_in_the_last_corner: "too_wide",
    rows_in_the_last_column: "too_wide",
    million_columns: "too_wide",
    more_rows_than_a_sheet_has: "too_many_rows",
    row_number_beyond_all: "too_many_rows",
    billion_laughs: "unreadable",
    external_entity: "unreadable",
    entity_in_the_shared_texts: "unreadable",
    entity_in_the_workbook: "unreadable",
    thousand_members: "bomb",
    encrypted_workbook: "encrypted",
    encrypted_members: "encrypted",
    word_document_of_old: "not_a_sheet",
    word_document: "not_a_sheet",
    broken_old_workbook: "not_a_sheet",
    old_workbook_of_no_bytes: "empty",
    workbook_with_macros: "macro",
    picture: "wrong_kind",
    any_archive: "not_a_sheet",
    cut_workbook: "unreadable",
    damaged_workbook: "unreadable",
    broken_xml: "unreadable",
    huge_file: "too_large",
    huge_text_file: "too_large",
    bytes_of_no_encoding: "not_a_sheet",
    zeros: "not_a_sheet",
    web_page: "wrong_kind",
    one_endless_line: "cell_too_long",
    one_open_quote: "cell_too_long",
    **MORE_HOSTILE,
}


@dataclass(frozen=True)
class Verdict:
    code: str
    message: str
    seconds: float
    worker_megabytes: int
    reader_megabytes: int


def verdict(path: Path) -> Verdict:
    """What a worker says of the file, how long it took, and the peaks of itself and of its reading processes."""
    began, code, message = time.monotonic(), "", ""
    try:
        with open_sheet(path, spec=TELECOM) as sheet:
            for _ in sheet:
                pass
    except DomainError as error:
        code, message = error.code, str(error)
    # VmHWM begins anew with the program; getrusage would tell the peak of the process that started it.
    own = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) >> 10
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    return Verdict(code, message, time.monotonic() - began, own, children)


@pytest.fixture(scope="module")
def worker() -> Iterator[ProcessPoolExecutor]:
    """One fresh process that reads them all, as a worker would; this one's memory has the files' making in it."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield pool


@pytest.mark.parametrize("make", HOSTILE, ids=lambda make: make.__name__)
def test_a_hostile_file_is_refused_with_its_reason(
    tmp_path: Path, worker: ProcessPoolExecutor, make: Callable[[Path], None]
) -> None:
    path = tmp_path / "名单.xlsx"
    make(path)
    found = worker.submit(verdict, path).result()
    assert found.code == HOSTILE[make]
    assert found.message and "%(" not in found.message
    assert found.seconds < SECONDS
    assert found.worker_megabytes + found.reader_megabytes < MEGABYTES


def test_there_are_more_than_forty_of_them_and_every_refusal_has_its_message() -> None:
    assert len(HOSTILE) >= 40
    assert set(HOSTILE.values()) <= set(MESSAGES)


def test_a_reading_process_that_needs_too_much_memory_dies_alone(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", sheet_xml(HEAD + row_xml(["A" * 900]) * 60_000))
    with (
        pytest.raises(DomainError) as error,
        open_sheet(path, spec=TELECOM, limits=Limits(child_memory_bytes=100 << 20, ratio=10**6)),
    ):
        pass
    assert error.value.code == "bomb"


@pytest.mark.parametrize(
    ("source", "name"), [("telecom_gb18030.csv", "a.xlsx"), ("telecom.xls", "a.xlsx"), ("telecom.xlsx", "a.csv")]
)
def test_a_table_with_a_wrong_ending_is_read_for_what_it_is(tmp_path: Path, source: str, name: str) -> None:
    (tmp_path / name).write_bytes((LISTS / source).read_bytes())
    with open_sheet(tmp_path / name, spec=TELECOM) as sheet:
        assert sheet.kind == source.rpartition(".")[2]
        assert sum(1 for _ in sheet) > 60
