"""The archive of an .xlsx looked at before it is opened: members, sizes, ratios, content types, each sheet's extent."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

from app.spreadsheets.limits import Limits, refusal

SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
CHUNK = 1 << 18
PROLOG_BYTES = 1 << 14
MAX_PART_BYTES = 16 << 20  # content types, workbook, relations and styles are small
ONE_LETTER_COLUMNS = 26  # references to these are not looked at
OVERLAP = 64  # a reference cut by the end of a chunk is seen with the next one
FAR_REFERENCE = re.compile(rb"""r=["']([A-Z]{2,3})[0-9]{1,7}["']""")
ROW_REFERENCE = re.compile(rb"""<row [^>]{0,200}?\br=["']([0-9]{1,10})["']""")
BROKEN = (
    zipfile.BadZipFile,
    EOFError,
    OSError,
    NotImplementedError,
    zipfile.LargeZipFile,
    RuntimeError,
    ValueError,
    zlib.error,
)


@dataclass(frozen=True)
class Extent:
    """How far a sheet reaches, and what only the streaming reader can do: keep formulas, know prefixed tags."""

    rows: int
    columns: int
    inflated_bytes: int
    has_formulas: bool
    has_prefix: bool


def open_archive(path: Path, *, limits: Limits) -> zipfile.ZipFile:
    """The workbook's archive, once its directory was found sound; nothing is inflated yet."""
    try:
        archive = zipfile.ZipFile(path)
    except BROKEN as error:
        raise refusal("unreadable") from error
    members = archive.infolist()
    names = [member.filename for member in members]
    # Nothing is written to disk by its name; but two readers must not see two sheets, and no honest writer does this.
    if len(set(names)) < len(names) or any(map(_wanders, names)):
        raise refusal("unreadable")
    inflated = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if any(member.flag_bits & 1 for member in members):
        raise refusal("encrypted")
    if len(members) > limits.members or inflated > limits.inflated_bytes:
        raise refusal("bomb")
    # Members that overlap (one block counted many times) pack more bytes than the file has.
    if packed > path.stat().st_size or any(_is_bomb(member, limits) for member in members):
        raise refusal("bomb")
    _check_content(archive)
    return archive


def _wanders(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ".." in name.split("/")


def _is_bomb(member: zipfile.ZipInfo, limits: Limits) -> bool:
    size, packed = member.file_size, max(member.compress_size, 1)
    return (size > limits.ratio_from_bytes and size > limits.ratio * packed) or (
        size > limits.large_from_bytes and size > limits.large_ratio * packed
    )


def _check_content(archive: zipfile.ZipFile) -> None:
    names = set(archive.namelist())
    if "[Content_Types].xml" not in names:
        raise refusal("not_a_sheet")
    types = read_part(archive, "[Content_Types].xml").decode("utf-8", "replace")
    if "vbaProject" in types or "macroEnabled" in types or any(name.endswith("vbaProject.bin") for name in names):
        raise refusal("macro")
    if SHEET_TYPE not in types or "xl/workbook.xml" not in names:
        raise refusal("not_a_sheet")


def read_part(archive: zipfile.ZipFile, name: str) -> bytes:
    """A small part in full; a large one is a fault."""
    try:
        with archive.open(name) as part:
            content = part.read(MAX_PART_BYTES + 1)
    except (*BROKEN, KeyError) as error:
        raise refusal("unreadable") from error
    if len(content) > MAX_PART_BYTES:
        raise refusal("bomb")
    return content


def chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """A part piece by piece; the archive's checksum is verified at its end."""
    try:
        with archive.open(name) as part:
            while chunk := part.read(CHUNK):
                yield chunk
    except (*BROKEN, KeyError) as error:
        raise refusal("unreadable") from error


def sheet_extent(archive: zipfile.ZipFile, name: str, *, limits: Limits) -> Extent:
    """One pass over a sheet's XML that holds one chunk at a time: refuses DTDs, masses of far cells, too many rows."""
    rows = counted = inflated = far_cells = 0
    columns = ONE_LETTER_COLUMNS
    has_formulas = has_prefix = False
    tail = b""
    for chunk in chunks(archive, name):
        if not inflated:
            has_prefix = ":" in root_tag(chunk)
        inflated += len(chunk)
        window = tail + chunk
        counted += chunk.count(b":row " if has_prefix else b"<row ")
        has_formulas = has_formulas or b"<f>" in window or b"<f " in window
        far = FAR_REFERENCE.findall(window)
        far_cells += len(far)
        if far_cells > limits.far_cells:
            raise refusal("too_wide", cell=far[-1].decode() + "1", columns=limits.columns)
        columns = max([columns, *map(column_number, set(far))])
        rows = max([rows, *map(int, ROW_REFERENCE.findall(window))])
        if max(rows, counted) > limits.rows:
            raise refusal("too_many_rows", rows=limits.rows)
        tail = window[-OVERLAP:]
    return Extent(max(rows, counted), columns, inflated, has_formulas, has_prefix)


def root_tag(start: bytes) -> str:
    """The tag of the part's first element; DomainError where a DTD comes before it, or no XML at all."""
    found: list[str] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.StartElementHandler = lambda tag, _: found.append(tag)
    try:
        parser.Parse(start[:PROLOG_BYTES], False)
    except expat.ExpatError as error:
        raise refusal("unreadable") from error
    if not found:
        raise refusal("unreadable")
    return found[0]


def column_number(letters: bytes) -> int:
    """1 for A, 28 for AB."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def column_letters(at: int) -> str:
    """The letters of a column counted from 0: A, B, … Z, AA."""
    letters = ""
    at += 1
    while at > 0:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def refuse_doctype(*_: object) -> None:
    """No workbook has a DTD: whoever sends one means entities."""
    raise refusal("unreadable")
