"""Columns matched by hand once and remembered, for each list and each source, which is known by its header."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app import clock
from app.access import everything
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db
from app.models import Account, ColumnMapping
from app.models.encryption import key_ring
from app.services import audit
from app.services.audit import Actor
from app.services.transaction import transactional
from app.spreadsheets.columns import SheetSpec
from app.spreadsheets.header import Learned, normal_title


@dataclass(frozen=True)
class Told:
    """A mapping as it is kept: the header's titles, and under which of them each key stands."""

    header: Sequence[str]
    columns: Mapping[str, str]


def told(row: ColumnMapping) -> Told:
    """What somebody said about this header."""
    return Told(**json.loads(row.told))


def signature(header: Sequence[str]) -> bytes:
    """By which a header is known again, however its titles are padded."""
    return key_ring().blind_index("sheet header", "\x1f".join(normal_title(title) for title in header))


def learned(*, list_key: str, area_code: str, header: Sequence[str]) -> Learned | None:
    """What was said about this header in this area; None where nobody has seen it yet."""
    with everything("the importer's own area is named"):
        row = _find(list_key, area_code, header)
    if row is None:
        return None
    return Learned({normal_title(title): key for key, title in told(row).columns.items()})


def _find(list_key: str, area_code: str, header: Sequence[str]) -> ColumnMapping | None:
    query = select(ColumnMapping).where(
        ColumnMapping.list_key == list_key,
        ColumnMapping.area_code == area_code,
        ColumnMapping.signature == signature(header),
    )
    return db.session.execute(query).scalar_one_or_none()


def check(spec: SheetSpec, header: Sequence[str], positions: Mapping[str, int]) -> None:
    """Pass for columns that are there, each named once, with all that the list needs. Errors: columns."""
    if any(not 0 <= at < len(header) or not normal_title(header[at]) for at in positions.values()):
        raise DomainError(N_("所选的列不存在，请重新选择"), code="columns")
    if len(set(positions.values())) < len(positions):
        raise DomainError(N_("同一列不能指定两次"), code="columns")
    missing = [column.title for column in spec.columns if column.is_required and column.key not in positions]
    if missing:
        raise DomainError(N_("请指定这些列：%(columns)s"), code="columns", columns="、".join(missing))
    for needed in spec.row_checks:
        if not set(needed.keys) & set(positions):
            titles = "、".join(spec.column(key).title for key in needed.keys)
            raise DomainError(N_("这些列至少要指定一列：%(columns)s"), code="columns", columns=titles)


@transactional
def remember(
    list_key: str, header: Sequence[str], positions: Mapping[str, int], *, area_code: str, account: Account
) -> ColumnMapping:
    """The mapping holds for every later file of this header; a mapping of before is replaced."""
    moment, columns, who = clock.now(), {key: header[at] for key, at in positions.items()}, account.id
    row = _find(list_key, area_code, header)
    if row is None:
        row = ColumnMapping(list_key=list_key, area_code=area_code, signature=signature(header), created_at=moment)
    row.told = json.dumps({"header": list(header), "columns": columns}, ensure_ascii=False)
    row.created_by_id, row.updated_at = who, moment
    db.session.add(row)
    db.session.flush()
    changes = {"list": list_key, "columns": sorted(columns)}
    audit.record(Actor.of(account), "remember_columns", subject=row, area_code=area_code, changes=changes)
    return row


@transactional
def forget(row: ColumnMapping, *, actor: Actor) -> None:
    """The next file of this header is asked about again."""
    audit.record(actor, "forget_columns", subject=row, area_code=row.area_code, changes={"list": row.list_key})
    db.session.delete(row)
