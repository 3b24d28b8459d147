"""人员卡片: every list that a person is on, with the last contact and its outcome (X9)."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for
from flask_babel import gettext

from app.models import ScreeningEntry
from app.services import person_card, screening
from app.services.lists import LISTS
from app.services.screening_list import ScreeningList
from app.views.format import moment_text
from app.views.identity import account
from app.views.page import Cell, Column, Row
from app.views.screening_columns import district_cell, status_cell
from app.views.screening_names import view_name
from app.views.sites import here


def person_table(row: ScreeningEntry) -> tuple[Sequence[Column], Sequence[Row]]:
    """The lists on which the person stands, as far as the account reads them; the last contact first."""
    lists = _readable_lists()
    found = person_card.rows_of_person(row, [declared.row_kind for declared in lists.values()])
    names = screening.account_names(each.worked_by_id for each in found)
    columns = [
        Column("list", gettext("名单")),
        Column("district", gettext("区县"), "status"),
        Column("status", gettext("状态"), "status"),
        Column("worked_at", gettext("最后排查时间"), "datetime"),
        Column("worked_by", gettext("排查人")),
        Column("remark", gettext("备注"), is_wide=True),
    ]
    return columns, [_row(each, lists[each.kind.name], names) for each in found]


def _readable_lists() -> dict[str, ScreeningList]:
    """The lists that the account's role opens, by the kind of their rows; the list itself before another view of it."""
    role = account().role
    mine = [declared for declared in LISTS if role in declared.readers]
    return {d.row_kind.name: d for d in sorted(mine, key=lambda declared: declared.rows_of is None)}


def _row(row: ScreeningEntry, declared: ScreeningList, names: dict[int, str]) -> Row:
    url = url_for(here(f"{view_name(declared)}ScreeningView.show"), key=row.id)
    who = names.get(row.worked_by_id or 0, gettext("系统")) if row.worked_at else ""
    return Row(
        key=str(row.id),
        url=url,
        cells=[
            Cell(gettext(declared.title)),
            district_cell(row),
            status_cell(declared, row),
            Cell(moment_text(row.worked_at)),
            Cell(who),
            Cell(row.remark or ""),
        ],
    )
