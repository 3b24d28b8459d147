"""The small parts of an .xlsx: which sheets there are and where, which styles are dates, the shared texts."""

import os
import posixpath
import tempfile
import zipfile
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from xml.parsers import expat

from app.spreadsheets.archive import chunks, read_part, refuse_doctype
from app.spreadsheets.limits import Limits, refusal

BUILT_IN_DATES = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
IN_MEMORY_TEXT_BYTES = 24 << 20
RICH_SKIPPED = frozenset(["rPh"])  # phonetic guides are no text of the cell


@dataclass(frozen=True)
class SheetPart:
    """A worksheet's name and its part in the archive."""

    name: str
    part: str


def local(name: str) -> str:
    """A tag or attribute without its prefix."""
    return name.rpartition(":")[2]


def parse(content: bytes, on_start: Callable[[str, dict[str, str]], None]) -> None:
    """Call back for every element of a small part; DTDs and broken XML are refused."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.StartElementHandler = lambda name, attributes: on_start(local(name), attributes)
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise refusal("unreadable") from error


def sheet_parts(archive: zipfile.ZipFile, *, limits: Limits) -> list[SheetPart]:
    """The worksheets in the workbook's order, without hidden ones: what nobody sees is no list."""
    targets: dict[str, str] = {}
    named: list[tuple[str, str]] = []

    def on_relation(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            target = attributes.get("Target", "")
            targets[attributes.get("Id", "")] = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")

    def on_sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet" and attributes.get("state", "visible") == "visible":
            relation = next((value for key, value in attributes.items() if local(key) == "id"), "")
            named.append((attributes.get("name", ""), relation))

    parse(read_part(archive, "xl/_rels/workbook.xml.rels"), on_relation)
    parse(read_part(archive, "xl/workbook.xml"), on_sheet)
    names = set(archive.namelist())
    sheets = [SheetPart(name, targets[at]) for name, at in named if targets.get(at) in names]
    if not sheets:
        raise refusal("unreadable")
    if len(sheets) > limits.sheets:
        raise refusal("bomb")
    return sheets


def date_styles(archive: zipfile.ZipFile) -> frozenset[int]:
    """The cell styles whose numbers are dates."""
    if "xl/styles.xml" not in archive.namelist():
        return frozenset()
    formats: dict[int, str] = {}
    styles: list[int] = []
    state = {"cellXfs": False}

    def on_style(tag: str, attributes: dict[str, str]) -> None:
        if tag in ("cellXfs", "cellStyles", "cellStyleXfs", "dxfs"):
            state["cellXfs"] = tag == "cellXfs"
        elif tag == "numFmt":
            formats[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")
        elif tag == "xf" and state["cellXfs"]:
            styles.append(int(attributes.get("numFmtId", "0")))

    parse(read_part(archive, "xl/styles.xml"), on_style)
    return frozenset(
        at for at, number in enumerate(styles) if number in BUILT_IN_DATES or _is_date_format(formats.get(number, ""))
    )


def _is_date_format(code: str) -> bool:
    plain, is_quoted = [], False
    for part in code.split('"'):
        if not is_quoted:
            plain.append(part)
        is_quoted = not is_quoted
    # What stands in brackets is a colour or a locale, not a date.
    bare = "".join(piece.partition("]")[2] if "]" in piece else piece for piece in "".join(plain).split("["))
    return any(letter in bare.lower() for letter in "ymdhs") and "general" not in bare.lower()


class SharedTexts:
    """The workbook's table of texts: in memory while it is small, then in a nameless file: memory stays flat."""

    def __init__(self, archive: zipfile.ZipFile, *, limits: Limits) -> None:
        self._texts: list[str] | None = []
        self._offsets = array("Q", [0])
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as this table
        self._limit = limits.cell_characters
        self._held = 0
        self._read(archive)

    def __getitem__(self, at: int) -> str:
        if self._texts is not None:
            return self._texts[at]
        start, end = self._offsets[at], self._offsets[at + 1]
        return os.pread(self._file.fileno(), end - start, start).decode()

    def _append(self, text: str) -> None:
        if len(text) > self._limit:
            raise refusal("bomb")
        if self._texts is not None:
            self._texts.append(text)
            self._held += len(text) + 64
            if self._held > IN_MEMORY_TEXT_BYTES:
                self._spill(self._texts)
                self._texts = None
            return
        self._write(text)

    def _spill(self, texts: list[str]) -> None:
        for text in texts:
            self._write(text)

    def _write(self, text: str) -> None:
        encoded = text.encode()
        self._file.write(encoded)
        self._offsets.append(self._offsets[-1] + len(encoded))

    def _read(self, archive: zipfile.ZipFile) -> None:
        name = "xl/sharedStrings.xml"
        if name not in archive.namelist():
            return
        parser = _text_parser(self._append, self._limit)
        try:
            for chunk in chunks(archive, name):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise refusal("unreadable") from error
        self._file.flush()


def _text_parser(append: Callable[[str], None], limit: int) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse_doctype
    pieces: list[str] = []
    depth = {"skip": 0, "length": 0}

    def on_text(data: str) -> None:
        depth["length"] += len(data)
        if depth["length"] > limit:
            raise refusal("bomb")
        pieces.append(data)

    def on_start(name: str, _: dict[str, str]) -> None:
        tag = local(name)
        if tag in RICH_SKIPPED:
            depth["skip"] += 1
        elif tag == "t" and not depth["skip"]:
            parser.CharacterDataHandler = on_text

    def on_end(name: str) -> None:
        tag = local(name)
        if tag == "t":
            parser.CharacterDataHandler = None
        elif tag in RICH_SKIPPED:
            depth["skip"] -= 1
        elif tag == "si":
            append("".join(pieces))
            pieces.clear()
            depth["length"] = 0

    parser.StartElementHandler = on_start
    parser.EndElementHandler = on_end
    return parser
