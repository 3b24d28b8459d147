"""The base of pages that count: figures on top, a table below, a search by day, an export of what is shown."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from flask import Response, render_template, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext

from app import clock
from app.services import exports
from app.services.exports import Asked
from app.services.screening_statistics import Search
from app.spreadsheets.writer import Format, TableColumn, write_table
from app.views.downloads import sent_file
from app.views.export_routes import asked_format, export_links
from app.views.format import moment_text
from app.views.identity import account, actor
from app.views.page import Cell, Column, EmptyState, Figure, ListPage, PageNav, Row
from app.views.screen_view import ScreenView


@dataclass(frozen=True)
class Counted:
    """What such a page counted: the sums, and the lines that make them up."""

    figures: Sequence[Figure]
    columns: Sequence[Column]
    lines: Sequence[Sequence[Cell]]
    # The line of the sums, which the page shows above and the workbook as its first line.
    sums: Sequence[str]


class StatisticsView(ScreenView):
    """Subclasses say what is counted for a search; list and export show the same."""

    def counted(self, search: Search) -> Counted:
        raise NotImplementedError(f"{type(self).__name__} counts something")

    def _search_in_hand(self) -> tuple[Any, Search, dict[str, str]]:
        """The search form, what it asks for, and the words that links to the rows carry on."""
        form, declared = self.search_form()
        form.validate()
        asked = {f.key: form[f.key].data for f in declared if form[f.key].data and not form[f.key].errors}
        words = {key: str(value) for key, value in asked.items()}
        return form, Search(**asked), words

    @expose("/")
    @has_access
    @permission_name("list")
    def list(self) -> str:
        """Draw the sums and their lines."""
        form, search, words = self._search_in_hand()
        counted = self.counted(search)
        page = ListPage(
            title=gettext(self.screen.title),
            lead=gettext(self.screen.lead) if self.screen.lead else "",
            columns=counted.columns,
            rows=[Row(key=str(at), cells=cells) for at, cells in enumerate(counted.lines)],
            nav=PageNav(gettext("共 %(count)s 条", count=len(counted.lines))),
            empty=EmptyState(gettext("没有符合条件的记录")),
            figures=counted.figures,
            toolbar=export_links(f"{self.endpoint}.export", words),
            search_form=form,
            search_url=url_for(f"{self.endpoint}.search"),
        )
        return render_template("admin/list.html", page=page)

    @expose("/export")
    @has_access
    @permission_name("export")
    def export(self) -> Response:
        """Return the sums and their lines as an Excel or CSV file."""
        _form, search, _words = self._search_in_hand()
        counted, moment = self.counted(search), clock.now()
        target, fmt = tempfile.TemporaryFile(), asked_format()  # noqa: SIM115 - the response closes it
        watermark = gettext("%(who)s 于 %(when)s 导出", who=actor().label, when=moment_text(moment))
        write_counted(cast(BinaryIO, target), counted, watermark=watermark, fmt=fmt)
        asked = Asked(screen=type(self).__name__, title=self.screen.title, subject=self.screen.export_name, fmt=fmt)
        exports.sent(asked, len(counted.lines), account=account())
        target.seek(0)
        return sent_file(cast(BinaryIO, target), f"{gettext(self.screen.title)}-{moment_text(moment)[:10]}.{fmt}")


def write_counted(target: BinaryIO, counted: Counted, *, watermark: str, fmt: Format) -> None:
    """The sums and their lines stand in the target."""
    rows = [counted.sums, *([cell.text for cell in line] for line in counted.lines)]
    write_table(
        target, columns=[TableColumn(c.label) for c in counted.columns], rows=rows, watermark=watermark, fmt=fmt
    )
