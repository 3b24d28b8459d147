"""Rows that were ticked in a list, each with its version as the list showed it: `12-3`, or `12` where rows have none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request

from app.domain.text import row_number

BULK_CAP = 500
_BEFORE_VERSION = "-"


@dataclass(frozen=True)
class Ticked:
    """The number of a row, and the version that its reader saw; None where the page said none."""

    key: int
    version: int | None

    def is_outdated(self, row: Any) -> bool:
        """Whether somebody has changed the row since it was ticked."""
        return self.version is not None and self.version != getattr(row, "version", self.version)


def ticked_word(row: Any) -> str:
    """Return what the tick of a row sends."""
    version = getattr(row, "version", None)
    return str(row.id) if version is None else f"{row.id}{_BEFORE_VERSION}{version}"


def ticked() -> Sequence[Ticked]:
    """Return what was ticked; what names no row is left out."""
    found = []
    for word in request.values.getlist("rowid")[:BULK_CAP]:
        key, has_version, version = word.partition(_BEFORE_VERSION)
        row, seen = row_number(key), row_number(version)
        if row is not None and (seen is not None or not has_version):
            found.append(Ticked(row, seen))
    return found
