"""What a file really is, told by its content: the name is never believed (issue 1.4, faults)."""

import codecs
import mmap
from enum import Enum
from pathlib import Path

from app.domain.labels import N_
from app.spreadsheets.limits import Limits, refusal

OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
FOREIGN = {
    b"\x89PNG": N_("PNG 图片"),
    b"\xff\xd8\xff": N_("JPEG 图片"),
    b"GIF8": N_("GIF 图片"),
    b"%PDF": N_("PDF 文档"),
    b"Rar!": N_("RAR 压缩包"),
    b"7z\xbc\xaf": N_("7z 压缩包"),
    b"\x1f\x8b": N_("gzip 压缩包"),
    b"{\\rtf": N_("RTF 文档"),
    b"\x7fELF": N_("程序"),
    b"MZ": N_("程序"),
}
MARKUP = (b"<!doctype html", b"<html", b"<table", b"<?xml", b"<workbook", b"mime-version:")
ENCODINGS = ("utf-8-sig", "gb18030")
CHUNK = 1 << 20


class FileKind(Enum):
    """The ways of reading a file."""

    XLSX = "xlsx"
    XLS = "xls"
    CSV = "csv"


def file_kind(path: Path, *, limits: Limits) -> FileKind:
    """How the file is to be read; DomainError when it is no table, is encrypted, is empty or is too large."""
    size = path.stat().st_size
    if size == 0:
        raise refusal("empty")
    if size > limits.file_bytes:
        raise refusal("too_large", megabytes=limits.file_bytes >> 20)
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(ZIP_MAGICS):
        return FileKind.XLSX
    if start.startswith(OLE_MAGIC):
        return _ole_kind(path)
    for magic, kind in FOREIGN.items():
        if start.startswith(magic):
            raise refusal("wrong_kind", kind=kind)
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(MARKUP):
        raise refusal("wrong_kind", kind=N_("网页或 XML"))
    return FileKind.CSV


def _ole_kind(path: Path) -> FileKind:
    """An old workbook, unless the container's directory names an encrypted package or no workbook at all."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find("EncryptedPackage".encode("utf-16-le")) >= 0:
            raise refusal("encrypted")
        if content.find("Workbook".encode("utf-16-le")) >= 0 or content.find("Book".encode("utf-16-le")) >= 0:
            return FileKind.XLS
    raise refusal("not_a_sheet")


def text_encoding(path: Path) -> str:
    """The encoding that decodes the whole file: UTF-8, UTF-16 with or without its mark, or GB18030."""
    with path.open("rb") as file:
        start = file.read(4096)
    utf16 = _utf16(start)
    for encoding in [utf16] if utf16 else ENCODINGS:
        if _decodes(path, encoding):
            return encoding
    raise refusal("not_a_sheet")


def _utf16(start: bytes) -> str | None:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # Digits and commas of UTF-16 text have a zero before or after them; other text has no zeros at all.
    if b"\0" not in start:
        return None
    return "utf-16-le" if start[1::2].count(0) >= start[::2].count(0) else "utf-16-be"


def _decodes(path: Path, encoding: str) -> bool:
    """Whether every byte is text in this encoding, and none of it a control character that no text has."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while chunk := file.read(CHUNK):
                if "\0" in decoder.decode(chunk):
                    return False
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True
