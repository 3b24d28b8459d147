"""Kinds of column check: each turns a cell into its normalised value or says what is wrong with it (Z-T13)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from app.domain.documents import DocumentType, check_document, check_phone
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.text import person_name
from app.spreadsheets.cells import cell_text
from app.spreadsheets.dates import read_date, read_datetime

LOST_DIGITS_FROM = 10**15  # a spreadsheet keeps 15 digits of a number, an ID number has 18
Read = Callable[[Any, Mapping[str, Any], date], Any]


@dataclass(frozen=True)
class Check:
    """`read(cell, values so far, today)` is the value, or DomainError; `is_repeating`: equal cells are read once."""

    kind: str
    hint: str
    read: Read
    is_repeating: bool = False
    choices: tuple[str, ...] = ()


def text(max_length: int = 200) -> Check:
    """Any text up to a length; a formula stays the text it is."""

    def read(cell: Any, _values: Mapping[str, Any], _today: date) -> str:
        value = cell_text(cell)
        if len(value) > max_length:
            raise DomainError(N_("不能超过%(max)s个字"), code="too_long", max=max_length)
        return value

    return Check("text", N_("文字"), read, is_repeating=True)


def name(max_length: int = 60) -> Check:
    """A person's name: without the blanks that operators pad short ones with, so that it is the same on every list."""
    whole = text(max_length)

    def read(cell: Any, values: Mapping[str, Any], today: date) -> str:
        value: str = whole.read(cell, values, today)
        return person_name(value) if " " in value else value

    return replace(whole, read=read)


def phone() -> Check:
    """A mobile number however it was typed: as a number, in full width, with blanks."""

    def read(cell: Any, _values: Mapping[str, Any], _today: date) -> str:
        return check_phone(cell if type(cell) is str else cell_text(cell))

    return Check("phone", N_("11位手机号码"), read)


def document(type_key: str | None = None) -> Check:
    """A document number; which kind of document stands in the column `type_key`, or is told by the number's look."""

    def read(cell: Any, values: Mapping[str, Any], today: date) -> str:
        if _has_lost_digits(cell):
            raise DomainError(N_("证件号被表格存成了数字，后几位已丢失，请改为文本格式后重填"), code="id_float")
        number = cell if type(cell) is str else cell_text(cell)
        return check_document(_document_type(values, type_key, number), number, today=today)

    return Check("id_card", N_("证件号码，请保持文本格式"), read)


def _has_lost_digits(cell: Any) -> bool:
    if type(cell) is str:
        mantissa, exponent, power = cell.strip().upper().partition("E+")
        return bool(exponent) and power.isdigit() and mantissa.replace(".", "", 1).isdigit()
    return isinstance(cell, (int, float)) and cell >= LOST_DIGITS_FROM


def _document_type(values: Mapping[str, Any], type_key: str | None, number: str) -> DocumentType:
    if type_key is not None:
        named = values.get(type_key)
        return DocumentType.ID_CARD if named is None else document_type_of(named)
    # A sheet without a type column: passports and permits begin with a letter, identity numbers never do.
    return DocumentType.OTHER if cell_text(number)[:1].isalpha() else DocumentType.ID_CARD


def document_type_of(name: str) -> DocumentType:
    """The kind of document a sheet's word stands for: 居民身份证 is an ID card, 护照 and all others are not."""
    return DocumentType.ID_CARD if "身份证" in name and "台湾" not in name else DocumentType.OTHER


def day() -> Check:
    """A calendar day, in any of the ways operators write one."""

    def read(cell: Any, _values: Mapping[str, Any], _today: date) -> date:
        return read_date(cell)

    return Check("date", N_("日期，如 2020-04-07"), read, is_repeating=True)


def moment() -> Check:
    """A local date and time without a zone; the caller knows the region's."""

    def read(cell: Any, _values: Mapping[str, Any], _today: date) -> datetime:
        return read_datetime(cell)

    return Check("datetime", N_("日期和时间，如 2020/04/07 06:12"), read, is_repeating=True)


def choice(*options: str, synonyms: Mapping[str, str] | None = None) -> Check:
    """One of the options, or a synonym of one."""
    known = {option: option for option in options} | dict(synonyms or {})

    def read(cell: Any, _values: Mapping[str, Any], _today: date) -> str:
        found = known.get(cell_text(cell))
        if found is None:
            raise DomainError(N_("只能填写：%(options)s"), code="choice", options="、".join(options))
        return found

    return Check("choice", "、".join(options), read, is_repeating=True, choices=options)
