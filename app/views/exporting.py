"""「导出」: any list as an Excel or CSV file: at once, or by a job where it is long; masked unless a reason was given (Z-R8)."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from flask import Flask, Response, current_app, g, session
from flask_babel import gettext
from sqlalchemy import Select, func, select

from app import clock
from app.access import everything, scope_of, using_scope
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db
from app.models import Account
from app.services import exports
from app.services.exports import Asked, Tell, Written
from app.spreadsheets.writer import TableColumn, write_table
from app.views.declarations import ListColumn, Screen
from app.views.downloads import sent_file
from app.views.format import many_rows, moment_text
from app.views.identity import account, actor
from app.views.listing import read_all
from app.views.page import Cell
from app.views.plain_rows import read_plain

_LOOKED_EVERY, _TOLD_SECONDS = 500, 1.0


@dataclass(frozen=True)
class Table:
    """What an export writes: the rows of a query in the columns of a screen."""

    screen: Screen
    query: Select[Any]
    columns: Sequence[ListColumn]


def is_long(table: Table) -> bool:
    """Whether the table has more rows than are sent while somebody waits; no more of them are counted."""
    return _count(table, exports.AT_ONCE_ROWS + 1) > exports.AT_ONCE_ROWS


def _count(table: Table, most: int | None = None) -> int:
    model = table.query.column_descriptions[0]["entity"]
    inner = table.query.options().order_by(None).with_only_columns(model.id).limit(most)
    return db.session.execute(select(func.count()).select_from(inner.subquery())).scalar_one()


def export_response(table: Table, asked: Asked) -> Response:
    """Return every row of the table as a workbook, on record as taken. Error: export_reason."""
    exports.check_reason(asked)
    target = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it when it has been sent
    written = write_export(table, asked, cast(BinaryIO, target), lambda _rows: None)
    exports.sent(asked, written.rows, account=account())
    target.seek(0)
    return sent_file(cast(BinaryIO, target), written.name)


def write_export(table: Table, asked: Asked, target: BinaryIO, tell: Any) -> Written:
    """Every row of the table stands in the target; `tell` hears how many so far."""
    moment = clock.now()
    watermark = gettext("%(who)s 于 %(when)s 导出", who=actor().label, when=moment_text(moment))
    if asked.is_full:
        watermark += gettext("；未脱敏，原因：%(reason)s", reason=asked.reason.strip())
    reads, order, count = table.screen.export_reads, table.screen.order, 0
    found = read_plain(table.query, reads=reads, order=order) if reads else read_all(table.query, order)
    texts_of, told = row_texts(table.columns, is_full=asked.is_full), time.monotonic()

    def lines() -> Iterator[list[str]]:
        nonlocal count, told
        for row in found:
            count += 1
            # By the clock: each telling is a commit, and a million rows would be a thousand of them.
            if count % _LOOKED_EVERY == 0 and time.monotonic() - told > _TOLD_SECONDS:
                tell(count)
                told = time.monotonic()
            yield texts_of(row)

    titles = [TableColumn(gettext(column.label)) for column in table.columns]
    with many_rows():
        write_table(target, columns=titles, rows=lines(), watermark=watermark, fmt=asked.fmt)
    return Written(f"{gettext(table.screen.title)}-{moment_text(moment)[:10]}.{asked.fmt}", count)


def row_texts(columns: Sequence[ListColumn], *, is_full: bool = False) -> Callable[[Any], list[str]]:
    """Return what makes of a row its cells as an export writes them; in full, columns that are masked else are not."""
    readers = [column.full if is_full and column.full else column.value for column in columns]

    def texts_of(row: Any) -> list[str]:
        return [value.text if isinstance(value := read(row), Cell) else value for read in readers]

    return texts_of


def write_for_job(asked: Asked, account_id: int, target: BinaryIO, tell: Tell) -> Written:
    """The export as the request would have written it that asked for it: same search, language, compound and scope.

    Error: export_refused, where the account may not export this any more.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # behind Flask's proxy
    # A context of its own: what stands in the job's own (scope, session of the database) stays as it is.
    with app.app_context(), app.test_request_context("/", query_string=dict(asked.words)):
        with everything("who asked for it is looked up before the scope is theirs"):
            asker = db.session.get_one(Account, account_id)
        g._login_user = asker
        session["locale"], session["venue_id"] = asked.locale, asked.venue_id
        with using_scope(scope_of(asker)):
            table = _table(app, asked, asker)
            total = _count(table)
            tell(0, total)
            return write_export(table, asked, target, lambda rows: tell(rows, total))


def _table(app: Flask, asked: Asked, asker: Account) -> Table:
    views = app.extensions["appbuilder"].baseviews
    found = next((view for view in views if type(view).__name__ == asked.screen), None)
    if found is None or not asker.is_active or asker.role not in found.permitted_roles()["can_export"]:
        raise DomainError(N_("您的账号不能再导出这个页面"), code="export_refused")
    table: Table = found.export_table()
    return table


exports.written_by(write_for_job)
