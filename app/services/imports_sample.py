"""The first rows of a file as its preview shows them: masked, with what becomes of each."""

from __future__ import annotations

from datetime import date
from typing import Any, TypedDict

from app.domain.masking import mask_address, mask_document, mask_phone
from app.services.lists import ScreeningList
from app.spreadsheets.columns import ParsedRow

SAMPLE_ROWS = 20
_MASKS = {
    "phone": mask_phone,
    "overseas_phone": mask_phone,
    "relative_phone": mask_phone,
    "document_number": mask_document,
    "address": mask_address,
}


class SampleRow(TypedDict):
    """A row of the preview: its number in the sheet, its fate, its cells by column, its faults."""

    number: int
    verdict: str
    cells: dict[str, str]
    faults: list[str]


def sample_row(declared: ScreeningList, row: ParsedRow, verdict: str) -> SampleRow:
    """The row as the preview shows it."""
    titles = {column.key: column.title for column in declared.sheet.columns}
    return {
        "number": row.number,
        "verdict": verdict,
        "cells": {key: _shown(key, value) for key, value in row.values.items()},
        "faults": [f"{titles[fault.column_key]}：{fault.message}" for fault in row.faults],
    }


def _shown(key: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return str(value)
    mask = _MASKS.get(key)
    return mask(str(value)) if mask else str(value)
