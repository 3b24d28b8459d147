"""Batches whose rows may be about somebody who is in the list already."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import Account, EntryDoubt, ImportBatch, ScreeningEntry
from app.spreadsheets.columns import SheetSpec
from app.spreadsheets.declarations import RAIL, TELECOM
from tests.factories import id_card, phone
from tests.lists import import_list
from tests.spreadsheets.workbooks import table

SHEETS: dict[str, SheetSpec] = {"telecom": TELECOM, "rail": RAIL}
DAY = "2020-04-07"
KNOWN = {"name": "何晓明", "phone": phone(1)}
# The same phone and day, a like name, and a document that the first row lacks: another identity.
LIKE = {"name": "何晓鸣", "phone": phone(1), "document_number": id_card(7), "address": "河南省郑州市某路1号"}


def bring(folder: Path, account: Account, *people: dict[str, Any], key: str = "telecom") -> ImportBatch:
    """The imported batch of a sheet with these people, in 金水区 where they do not say."""
    spec = SHEETS[key]
    rows = [
        [{"listed_on": DAY, "station_district": "金水区", **each}.get(column.key, "") for column in spec.columns]
        for each in people
    ]
    path = table(folder / f"{key}.xlsx", *rows, header=[column.title for column in spec.columns])
    return import_list(key, path, account)


def doubts(**narrowed: Any) -> list[EntryDoubt]:
    """The doubts on record, the oldest first."""
    return list(db.session.execute(select(EntryDoubt).filter_by(**narrowed).order_by(EntryDoubt.id)).scalars())


def entries(**narrowed: Any) -> list[ScreeningEntry]:
    """The rows of the lists, the oldest first."""
    return list(db.session.execute(select(ScreeningEntry).filter_by(**narrowed).order_by(ScreeningEntry.id)).scalars())
