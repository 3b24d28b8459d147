"""What the list of a screening list shows of a row: the declared columns, its district, its status."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

from flask_babel import gettext

from app import clock
from app.domain.areas import AreaLevel
from app.domain.dispatch import UndispatchedReason
from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.screening import ScreeningKind, is_screened, status_named, unscreened
from app.models import ScreeningEntry, Venue
from app.services import areas, attention, screening, standing
from app.services.screening_list import Category, ScreeningList
from app.services.standing import Risk
from app.views.declarations import ListColumn
from app.views.format import cell_of, date_text, label_text, moment_text, today
from app.views.page import Cell, ColumnKind

CITY = frozenset({Role.CITY_ADMIN})
_TONES = {
    "QUARANTINED": "red",
    "CENTRALIZED": "red",
    "HOME": "red",
    "TESTED_POSITIVE": "red",
    "POSITIVE": "red",
    "FEVER_TO_HOSPITAL": "red",
    "UNREACHABLE": "red",
    "WRONG_NUMBER": "gray",
    "OFF_DUTY": "gray",
}
# Columns that are kept in the words of a form's choices.
_CHOICES = frozenset({"way", "transport"})
_DECODER = json.JSONDecoder()
_RISK_TONES = {Risk.HIGH: "red", Risk.MEDIUM: "yellow", Risk.LOW: "green"}


def status_cell(declared: ScreeningList, row: ScreeningEntry) -> Cell:
    """The row's status as a coloured label: what nobody has worked on is yellow.

    A two-part status says that it is done and how: 已核实, 已确认隔离 (checklist Z108).
    """
    return cell_of(("status", declared.key, row.status), lambda: _status_cell(declared, row.kind, row.status))


def _status_cell(declared: ScreeningList, kind: ScreeningKind, name: str) -> Cell:
    status = status_named(kind, name)
    text, is_done = label_text(status), is_screened(kind, status)
    if declared.is_two_part and is_done:
        text = gettext("%(done)s, %(outcome)s", done=gettext(declared.screened_label), outcome=text)
    waits = not is_done and declared.is_inquiry and status in unscreened(kind)
    return Cell(text, tone="yellow" if waits else _TONES.get(status.name, "green"))


def district_cell(row: ScreeningEntry) -> Cell:
    """The district that has the row, or that and why it waits."""
    code, reason = row.area_code, row.undispatched_reason
    if row.is_dispatched:
        return cell_of(("district", code), lambda: Cell(areas.name_at(code, AreaLevel.DISTRICT) or code))
    return cell_of(("undispatched", reason), lambda: _undispatched_cell(reason))


def _undispatched_cell(name: str | None) -> Cell:
    reason = label_text(UndispatchedReason[name]) if name else ""
    waits = gettext("（%(note)s）", note=reason) if reason else ""
    return Cell(gettext("未下发") + waits, tone="red")


def risk_cell(row: ScreeningEntry) -> Cell:
    """风险等级: red 高, yellow 中, green 低 (checklist Z118)."""
    risk = standing.risk_of(row, today())
    return Cell(label_text(risk), tone=_RISK_TONES[risk])


def attention_cell(row: ScreeningEntry) -> Cell:
    """Why the row needs attention, empty for most."""
    reason = attention.reason_of(row, clock.now())
    return Cell(label_text(reason), tone="red") if reason else Cell("")


def standing_text(row: ScreeningEntry) -> str:
    """How the person stands in compound management: 建设新苑小区 · 已确认隔离 (Z-T3)."""
    found = standing.standing_of(row, today())
    if found is None:
        return gettext("小区人员管理中没有此人")
    return f"{found.compound} · {label_text(found.status)}"


@lru_cache(maxsize=1)
def _read(particulars: str) -> dict[str, str]:
    """What one row keeps together, for its columns one after the other."""
    found: dict[str, str]
    found, _end = _DECODER.raw_decode(particulars)  # ours, without blanks around it: a third less than json.loads
    return found


def _particular(key: str, *, is_full: bool = False) -> Callable[[ScreeningEntry], str]:
    shown = gettext if key in _CHOICES else None if is_full else screening.MASKS.get(key)

    def as_kept(row: ScreeningEntry) -> str:
        return _read(row.particulars).get(key, "") if row.particulars else ""

    def value(row: ScreeningEntry) -> str:
        text = as_kept(row)
        return shown(text) if shown and text else text

    return value if shown else as_kept


_OWN: dict[str, Callable[[ScreeningEntry], str]] = {
    "listed_on": lambda row: date_text(row.listed_on),
    "name": lambda row: row.name or "",
    "document_number": lambda row: row.masked_document,
    "phone": lambda row: row.masked_phone,
    "created_at": lambda row: moment_text(row.created_at),
}

# Numbers are read digit by digit, and a day is not broken at its hyphens.
_KINDS: dict[str, ColumnKind] = {
    "document_number": "mono",
    "phone": "mono",
    "listed_on": "datetime",
    "created_at": "datetime",
}

_FULL: dict[str, Callable[[ScreeningEntry], str]] = {
    "document_number": lambda row: row.document_number or "",
    "phone": lambda row: row.phone or "",
}


def columns(declared: ScreeningList) -> list[ListColumn]:
    """The columns of a list, in the manual's order: the person, where the row is, its status."""
    shown = [
        ListColumn(
            key,
            declared.title_of(key),
            _OWN.get(key) or _particular(key),
            kind=_KINDS.get(key, "text"),
            full=_FULL.get(key) or (None if key in _OWN else _particular(key, is_full=True)),
        )
        for key in declared.columns
    ]
    return [*shown, *_place_columns(declared), *_status_columns(declared)]


def _place_columns(declared: ScreeningList) -> list[ListColumn]:
    found = []
    if (category := declared.category) and "way" not in declared.columns:
        found.append(ListColumn("category", category.label, partial(_category_cell, category)))
    if declared.by_area:
        found.append(
            ListColumn("street", N_("所属街道办事处"), lambda row: areas.name_at(row.area_code, AreaLevel.STREET))
        )
        found.append(ListColumn("compound", N_("所属小区"), lambda row: row.venue.name if row.venue else ""))
    return [*found, ListColumn("district", N_("区县"), district_cell, kind="status", roles=CITY)]


def _category_cell(category: Category, row: ScreeningEntry) -> Cell:
    return cell_of(("category", category.label, row.category), lambda: Cell(gettext(category.label_of(row.category))))


def export_reads(declared: ScreeningList) -> Sequence[Any]:
    """The attributes that the list's columns read; none where a column asks how the person stands elsewhere."""
    if declared.shows_risk:
        return ()
    own = [key for key in declared.columns if key in _OWN]
    names = [*own, "kind", "area_code", "undispatched_reason", "dispatched_at", "status", "remark"]
    if len(own) < len(declared.columns):
        names.append("particulars")
    if declared.category:
        names.append("category")
    if declared.has_attention:
        names += [name for name in ("created_at", "worked_at", "arrived_at") if name not in names]
    return [*(getattr(ScreeningEntry, name) for name in names), *([Venue.name] if declared.by_area else ())]


def _status_columns(declared: ScreeningList) -> list[ListColumn]:
    found = []
    if declared.shows_risk:
        found.append(ListColumn("risk", N_("风险等级"), risk_cell, kind="status"))
    found.append(ListColumn("status", declared.status_label, lambda row: status_cell(declared, row), kind="status"))
    if declared.has_attention:
        found.append(ListColumn("attention", N_("重点关注"), attention_cell, kind="status"))
    return [*found, ListColumn("remark", N_("备注"), lambda row: row.remark or "")]
