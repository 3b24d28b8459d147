"""What the list of a screening list shows of a row: the declared columns, its district, its status."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext

from app.domain.dispatch import UndispatchedReason
from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.screening import initial_status, status_named
from app.models import ScreeningEntry
from app.services import screening
from app.services.lists import ScreeningList
from app.views.declarations import ListColumn
from app.views.format import date_text, label_text
from app.views.page import Cell

CITY = frozenset({Role.CITY_ADMIN})
_TONES = {"QUARANTINED": "red", "CENTRALIZED": "red", "HOME": "red", "UNREACHABLE": "red", "WRONG_NUMBER": "gray"}


def status_cell(row: ScreeningEntry) -> Cell:
    """The row's status as a coloured label: what nobody has worked on is yellow."""
    status = status_named(row.kind, row.status)
    tone = "yellow" if status is initial_status(row.kind) else _TONES.get(status.name, "green")
    return Cell(label_text(status), tone=tone)


def district_cell(row: ScreeningEntry) -> Cell:
    """The district that has the row, or that and why it waits."""
    if row.is_dispatched:
        return Cell(screening.district_labels().get(row.area_code, row.area_code))
    reason = label_text(UndispatchedReason[row.undispatched_reason]) if row.undispatched_reason else ""
    waits = gettext("（%(note)s）", note=reason) if reason else ""
    return Cell(gettext("未下发") + waits, tone="red")


def _particular(key: str) -> Callable[[ScreeningEntry], str]:
    def value(row: ScreeningEntry) -> str:
        # Rows are drawn column by column: what one ciphertext holds is opened once.
        cached = row.__dict__.get("shown_particulars")
        if cached is None:
            cached = row.__dict__["shown_particulars"] = {p.key: p.shown for p in screening.particulars(row)}
        return str(cached.get(key, ""))

    return value


_OWN: dict[str, Callable[[ScreeningEntry], str]] = {
    "listed_on": lambda row: date_text(row.listed_on),
    "name": lambda row: row.name or "",
    "document_number": lambda row: row.masked_document,
    "phone": lambda row: row.masked_phone,
}


def columns(declared: ScreeningList) -> list[ListColumn]:
    shown = [
        ListColumn(
            key,
            declared.title_of(key),
            _OWN.get(key) or _particular(key),
            kind="mono" if key in ("document_number", "phone") else "text",
        )
        for key in declared.columns
    ]
    return [
        *shown,
        ListColumn("district", N_("区县"), district_cell, kind="status", roles=CITY),
        ListColumn("status", N_("状态"), status_cell, kind="status"),
        ListColumn("remark", N_("备注"), lambda row: row.remark or ""),
    ]
