"""The base view that draws a declared screen: its list with search, links and export, and one row in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext
from sqlalchemy import Select

from app.views.declarations import ListColumn, RowAction, Screen
from app.views.export_routes import CURSORS, export_links, may_export_in_full
from app.views.identity import account
from app.views.listing import apply_filters, capped_count, count_text, read_slice
from app.views.page import Cell, Column, DetailPage, EmptyState, Figure, Link, ListPage, PageNav, Row
from app.views.screen_actions import ScreenActions
from app.views.sites import template
from app.views.ticked import ticked_word


class ScreenView(ScreenActions):
    """Subclasses name their `screen`; what a screen cannot declare is a method overridden there."""

    default_view = "list"

    @expose("/")
    @has_access
    @permission_name("list")
    def list(self) -> str:
        """Draw the list."""
        form, declared = self.search_form()
        whole = self.base_query()
        query = apply_filters(whole, declared, form)
        page = read_slice(query, self.screen.order, request.args)
        is_searched = query is not whole
        count = self.count(query, is_searched=is_searched)
        columns = self.columns()
        return render_template(
            "admin/list.html",
            page=ListPage(
                title=gettext(self.screen.title),
                lead=gettext(self.screen.lead) if self.screen.lead else "",
                columns=[Column(c.key, gettext(c.label), c.kind) for c in columns],
                rows=[self.draw_row(row, columns) for row in page.rows],
                nav=PageNav(
                    count_text(count),
                    first_url=self._here() if page.previous else None,
                    previous_url=self._here(before=page.previous) if page.previous else None,
                    next_url=self._here(after=page.following) if page.following else None,
                ),
                empty=_nothing_found(self.screen) if self._search() else self.empty_state(),
                figures=self.figures(),
                more_figures=self.searched_figures(query, is_searched=is_searched),
                live_note=self.live_note(),
                toolbar=self.toolbar(),
                bulk=self.bulk_links(),
                search_form=form if declared else None,
                search_url=url_for(f"{self.endpoint}.search"),
                clear_label=gettext(self.screen.clear_label),
            ),
        )

    def count(self, query: Select[Any], *, is_searched: bool) -> int:
        """Return how many rows `query` has; any number beyond the mark of a count says that there are more."""
        return self.screen.count() if self.screen.count and not is_searched else capped_count(query)

    def figures(self) -> Sequence[Figure]:
        """Return the numbers on top."""
        return self.screen.figures()

    def searched_figures(self, query: Select[Any], *, is_searched: bool) -> Sequence[Figure]:  # noqa: ARG002 - for screens with such sums
        """Return numbers that follow the search; they stand below it."""
        return ()

    def live_note(self) -> str:
        """Return how fresh the figures on top are, where that is not at once."""
        return ""

    def _here(self, **cursor: Any) -> str:
        return url_for(f"{self.endpoint}.list", **self._search(), **cursor)

    @staticmethod
    def _search() -> dict[str, Any]:
        """Return the search of the page in hand, for links that keep it."""
        return {key: values for key, values in request.args.to_dict(flat=False).items() if key not in CURSORS}

    def draw_row(self, row: Any, columns: Sequence[ListColumn]) -> Row:
        """Return one line of the list with the links that this row and this account allow."""
        return Row(
            key=str(row.id),
            cells=[as_cell(column.value(row)) for column in columns],
            tone=self.screen.row_tone(row),
            links=self.row_links(row),
            url=url_for(f"{self.endpoint}.show", key=row.id) if self.screen.has_detail else None,
            pick=ticked_word(row),
        )

    def row_links(self, row: Any) -> Sequence[Link]:
        links = [self.action_link(action, row) for action in self.usable_actions(row) if action.on_list]
        if self.screen.has_detail:
            links.append(Link(gettext("详情"), url_for(f"{self.endpoint}.show", key=row.id), style="quiet"))
        return links

    def action_link(self, action: RowAction, row: Any) -> Link:
        url = url_for(f"{self.endpoint}.act", name=action.name, key=row.id)
        if action.form is None:
            asked = self.question(action, row) if action.confirm else None
            return Link(gettext(action.label), url, style=action.style, method="post", confirm=asked)
        return Link(gettext(action.label), url, style=action.style, modal=True)

    def bulk_links(self) -> Sequence[Link]:
        role = account().role
        return [
            Link(
                gettext(action.label),
                url_for(f"{self.endpoint}.act_on_many", name=action.name),
                style=action.style,
                method="get" if action.form else "post",
                confirm=gettext(action.confirm) if action.confirm else None,
            )
            for action in self.screen.actions
            if action.in_bulk and role in action.roles
        ]

    def toolbar(self) -> Sequence[Link]:
        links = []
        role = account().role
        if self.screen.creation and role in self.screen.creation.roles:
            links.append(Link(gettext(self.screen.creation.label), url_for(f"{self.endpoint}.add"), style="primary"))
        if self.permitted_roles()["can_export"] and role in self.permitted_roles()["can_export"]:
            links += export_links(f"{self.endpoint}.export", self._search())
            if may_export_in_full(self.screen):
                url = url_for(f"{self.endpoint}.export_in_full", **self._search())
                links.append(Link(gettext("完整导出"), url, style="quiet"))
        return links

    def empty_state(self) -> EmptyState:
        return EmptyState(gettext(self.screen.empty_title), gettext(self.screen.empty_hint))

    @expose("/<int:key>")
    @has_access
    @permission_name("show")
    def show(self, key: int) -> str:
        """Draw one row in full (masked) with what may be done to it."""
        row = self.fetch(key)
        return render_template(template("detail"), page=self.detail_page(row, request.args.get("tab", "")))

    def detail_page(self, row: Any, tab: str) -> DetailPage:
        raise NotImplementedError(f"{type(self).__name__} has a detail page to draw")


def _nothing_found(screen: Screen) -> EmptyState:
    """Return what a search without rows says: a list that is not empty must not be called so."""
    hint = gettext("可以修改查询条件，或点击「%(clear)s」查看全部。", clear=gettext(screen.clear_label))
    return EmptyState(gettext("没有符合条件的记录"), hint)


def as_cell(value: Cell | str) -> Cell:
    return value if isinstance(value, Cell) else Cell(value)
