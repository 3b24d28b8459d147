"""What a check has found, in figures, tables and words."""

from __future__ import annotations

from collections import Counter

from flask import current_app
from flask_babel import gettext

from app.domain.areas import AreaLevel, code_at
from app.domain.colors import Color
from app.domain.dispatch import UndispatchedReason
from app.domain.labels import N_
from app.models import BatchState, ImportBatch
from app.profiles import load_profile
from app.services.imports_counts import Counts
from app.services.lists import list_of
from app.services.screening import district_labels
from app.views.format import label_text
from app.views.page import Cell, Column, Figure, Row
from app.views.progress import Table

_TONES = {
    BatchState.AWAITING_COLUMNS: "yellow",
    BatchState.CHECKED: "yellow",
    BatchState.AWAITING: "yellow",
    BatchState.IMPORTED: "green",
    BatchState.FAILED: "red",
    BatchState.CANCELLED: "gray",
    BatchState.UNDONE: "gray",
}
_REASONS = {
    "phone": N_("手机号不正确"),
    "id_checksum": N_("身份证号校验不通过"),
    "id_length": N_("身份证号位数不对"),
    "id_birth": N_("身份证号中的出生日期不正确"),
    "id_float": N_("证件号被存成数字"),
    "document": N_("证件号不正确"),
    "date": N_("日期不正确"),
    "no_phone_no_id": N_("手机号和证件号都为空"),
    "required": N_("必填项为空"),
    "too_long": N_("内容过长"),
    "choice": N_("选项不正确"),
}


def state_cell(batch: ImportBatch) -> Cell:
    """The batch's state as a coloured label."""
    return Cell(label_text(batch.state), tone=_TONES.get(batch.state, "blue"))


def count_figures(batch: ImportBatch) -> list[Figure]:
    """Every row of the file in one of these numbers; 未下发 is part of 新增, 筛除 is there for lists that filter."""
    counts = Counts.of(batch.counts)
    numbers = [
        ("rows", N_("总行数"), counts.rows, ""),
        ("new", N_("新增"), counts.new, "green"),
        ("undispatched", N_("未下发"), counts.undispatched_rows, "yellow"),
        ("already_there", N_("已存在"), counts.already_there, ""),
        ("duplicates", N_("重复"), counts.duplicates, ""),
        ("rejected", N_("退回"), counts.rejected_rows, "red"),
    ]
    if list_of(batch.kind).enters is not None:
        numbers.append(("filtered_out", N_("筛除"), counts.filtered_out, ""))
    return [
        Figure(gettext(label), f"{number:,}", tone if number else "", key=key) for key, label, number, tone in numbers
    ]


def district_table(counts: Counts) -> Table | None:
    """Which district gets how many rows, in the order of the area tree; None where none does."""
    dispatched = _by_district(counts.dispatched)
    rows = [
        Row(key=code, cells=[Cell(name), Cell(f"{dispatched[code]:,}")])
        for code, name in district_labels().items()
        if dispatched.get(code)
    ]
    columns = [Column("district", gettext("区县")), Column("rows", gettext("人数"), "number")]
    return (columns, rows) if rows else None


def notes_on(counts: Counts) -> list[str]:
    """What to know of the rows of a file that was read to its end."""
    found = []
    if counts.recolored:
        found.append(_recoloring(counts.recolored))
    if not counts.new:
        found.append(gettext("没有可以新增的行。"))
    if counts.rejected:
        found.append(gettext("退回原因：%(reasons)s", reasons=_listed(_REASONS, counts.rejected)))
    if counts.undispatched:
        reasons = {reason.name: reason.label for reason in UndispatchedReason}
        text = _listed(reasons, counts.undispatched)
        found.append(gettext("未下发：%(reasons)s。导入后由市管理员在名单中选择区县下发。", reasons=text))
    return found


def _by_district(dispatched: dict[str, int]) -> Counter[str]:
    """Where rows went, streets with their districts."""
    found: Counter[str] = Counter()
    for code, count in dispatched.items():
        found[code_at(code, AreaLevel.DISTRICT) or code] += count
    return found


def _recoloring(counts: dict[str, int]) -> str:
    """How many change colour, and whether a second person has to agree (X4)."""
    limit, persons = load_profile(current_app.config["REGION"]).health.mass_change_limit, sum(counts.values())
    pairs = {pair: "→".join(gettext(Color[name].label) for name in pair.split(">")) for pair in counts}
    values = {"count": persons, "pairs": _listed(pairs, counts), "limit": limit}
    if persons > limit:
        return gettext(
            "将有 %(count)s 人变色（%(pairs)s），超过 %(limit)s 人，须由另一名同级或上级管理员批准后才会导入。",
            **values,
        )
    return gettext("将有 %(count)s 人变色（%(pairs)s）。", **values)


def _listed(labels: dict[str, str], numbers: dict[str, int]) -> str:
    return gettext("、").join(f"{gettext(labels.get(key, key))} {number:,}" for key, number in numbers.items())
