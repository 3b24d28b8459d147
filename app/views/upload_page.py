"""The page that takes a file: its form, and after the check what would become of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.views.page import Cell, Column, Figure, Link
from app.views.progress import Table


@dataclass(frozen=True)
class Verdict:
    """A row of the preview."""

    number: int | str
    verdict: Cell
    cells: Sequence[Cell]
    faults: Sequence[str]


@dataclass(frozen=True)
class Preview:
    """What a confirmation would do, and where it is given."""

    figures: Sequence[Figure]
    districts: Table | None
    columns: Sequence[Column]
    rows: Sequence[Verdict]
    file_name: str
    note: str
    can_confirm: bool
    confirm_url: str
    cancel_url: str
    rejected_url: str | None
    values_url: str | None = None


@dataclass(frozen=True)
class UploadPage:
    """「导入」: the form, and after the check the preview."""

    title: str
    form: Any = None
    preview: Preview | None = None
    lead: str = ""
    toolbar: Sequence[Link] = ()
    notes: Sequence[str] = ()
    submit_label: str = ""
    cancel_url: str = ""
    status: Cell | None = None
    back: Link | None = None
