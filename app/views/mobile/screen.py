"""A declared screen on a phone: the same rows, search, actions and permissions, drawn as cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from flask import render_template, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext
from sqlalchemy import Select, select

from app.extensions import db
from app.views.declarations import ListColumn, RowAction
from app.views.identity import account
from app.views.listing import apply_filters, capped, capped_text, conditions_text, read_slice
from app.views.mobile.page import Card, CardList, CountedTab, SearchPage
from app.views.page import DetailPage, EmptyState, Link
from app.views.screen_view import ScreenView, as_cell
from app.views.sites import HOME

# More than this is 「999+」 on a tab as wide as a thumb, and no reason to count on.
_MOST_COUNTED = 999
_NAME = "name"


class MobileScreen(ScreenView):
    """Comes before a desk's view among the bases of a phone's view, which says how its rows fall into tabs."""

    include_route_methods: ClassVar = frozenset({"list", "find", "search", "show", "add", "act"})
    tab_key: ClassVar[str] = "tab"
    # The columns of a card; all of them where none are named.
    card: ClassVar[tuple[str, ...]] = ()
    # What stands as buttons below a record; the rest is under 「操作」.
    below: ClassVar[frozenset[str]] = frozenset()
    empty_hint: ClassVar[str] = ""

    def tabs(self) -> Sequence[tuple[str, str]]:
        """Return the tabs as (value, label), the one that matters most first; none for a list in one piece."""
        return ()

    def narrow(self, query: Select[Any], tab: str) -> Select[Any]:  # noqa: ARG002 - for lists with tabs
        """Return the rows of `query` that belong to a tab."""
        return query

    def submit_text(self, action: RowAction) -> str:
        """Return 「提交」 where a desk says 「确定」 below what was typed (manual, 小区后台管理移动端)."""
        is_typed = action.form is not None and action.submit_label == RowAction.submit_label
        return gettext("提交") if is_typed else super().submit_text(action)

    # -- the list -----------------------------------------------------------------------------------------------

    @expose("/")
    @has_access
    @permission_name("list")
    def list(self) -> str:
        """Draw the list, or the tab of it in which the search found somebody."""
        form, declared = self.search_form()
        found = apply_filters(self.base_query(), declared, form)
        conditions = conditions_text(form, declared)
        tabs = self.tabs()
        counts = self._counts(found, tabs)
        tab = self._current(counts)
        page = read_slice(self.narrow(found, tab), self.screen.order, request.args)
        columns = self._card_columns()
        listed = url_for(f"{self.endpoint}.list")
        return render_template(
            "mobile/list.html",
            page=CardList(
                title=gettext(self.screen.title),
                cards=[self._draw_card(row, columns) for row in page.rows],
                empty=self._empty(is_searched=bool(conditions)),
                home_url=url_for(HOME),
                find_url=url_for(f"{self.endpoint}.find", **self._kept()),
                add=self._add_link(),
                tabs=[self._counted_tab(value, label, counts[value], is_current=value == tab) for value, label in tabs],
                figures=self.figures(),
                conditions=conditions,
                reset_url=listed,
                first_url=self._tab_url(tab) if request.args.get("after") else None,
                more_url=self._tab_url(tab, after=page.following) if page.following else None,
                search_form=form,
            ),
        )

    def _counts(self, found: Select[Any], tabs: Sequence[tuple[str, str]]) -> dict[str, int]:
        if not tabs:
            return {}
        counted = [capped(self.narrow(found, value), _MOST_COUNTED) for value, _label in tabs]
        numbers = db.session.execute(select(*counted)).one()
        return {value: number for (value, _label), number in zip(tabs, numbers, strict=True)}

    def _current(self, counts: dict[str, int]) -> str:
        """Return the tab that was asked for, else the first with somebody in it, else the first."""
        asked = request.args.get(self.tab_key)
        if asked in counts:
            return asked
        return next((value for value, count in counts.items() if count), next(iter(counts), ""))

    def _counted_tab(self, value: str, label: str, count: int, *, is_current: bool) -> CountedTab:
        text = capped_text(count, _MOST_COUNTED)
        return CountedTab(label=gettext(label), count=text, url=self._tab_url(value), is_current=is_current)

    def _tab_url(self, tab: str, **cursor: Any) -> str:
        own: dict[str, Any] = {self.tab_key: tab} if self.tabs() else {}
        return url_for(f"{self.endpoint}.list", **self._kept(), **own, **cursor)

    def _kept(self) -> dict[str, Any]:
        """Return the search of the page in hand, whatever its tab."""
        return {key: values for key, values in self._search().items() if key != self.tab_key}

    def _card_columns(self) -> Sequence[ListColumn]:
        return [column for column in self.columns() if not self.card or column.key in self.card]

    def _draw_card(self, row: Any, columns: Sequence[ListColumn]) -> Card:
        cells = {column: as_cell(column.value(row)) for column in columns}
        shown = {column: cell for column, cell in cells.items() if cell.text}
        # Lists of telephone numbers know no name at first.
        named = next((column for column in shown if column.key == _NAME), next(iter(shown), None))
        return Card(
            title=shown[named].text if named else "",
            url=url_for(f"{self.endpoint}.show", key=row.id),
            tone=self.screen.row_tone(row),
            tags=[cell for column, cell in shown.items() if column.kind == "status"],
            lines=[
                (gettext(column.label), cell.text)
                for column, cell in shown.items()
                if column.kind != "status" and column is not named
            ],
        )

    def _add_link(self) -> Link | None:
        creation = self.screen.creation
        if creation is None or account().role not in creation.roles:
            return None
        return Link(gettext(creation.label), url_for(f"{self.endpoint}.add"))

    def _empty(self, *, is_searched: bool) -> EmptyState:
        if is_searched:
            return EmptyState(
                gettext("没有符合条件的记录"), gettext("可以修改搜索条件，或点击「重置搜索条件」显示全部数据。")
            )
        return EmptyState(gettext("这里还没有记录"), gettext(self.empty_hint) if self.empty_hint else "")

    # -- the search ---------------------------------------------------------------------------------------------

    @expose("/find")
    @has_access
    @permission_name("list")
    def find(self) -> str:
        """Show the conditions of the search; sending them leads to the list."""
        form, _declared = self.search_form()
        form.validate()
        listed = url_for(f"{self.endpoint}.list")
        return render_template(
            "mobile/find.html",
            page=SearchPage(
                title=gettext("搜索"),
                form=form,
                search_url=url_for(f"{self.endpoint}.search"),
                reset_url=listed,
                back=Link(gettext(self.screen.title), url_for(f"{self.endpoint}.list", **self._kept())),
            ),
        )

    # -- one row ------------------------------------------------------------------------------------------------

    @expose("/<int:key>")
    @has_access
    @permission_name("show")
    def show(self, key: int) -> str:
        """Draw one row, with the buttons that its status allows and 「操作」."""
        row = self.fetch(key)
        page: DetailPage = self.detail_page(row, request.args.get("tab", ""))
        back = Link(gettext(self.screen.title), self._list_before()[1])
        urls = {self.action_link(action, row).url for action in self.usable_actions(row) if action.name in self.below}
        return render_template(
            "mobile/detail.html",
            page=replace(page, links=[link for link in page.links if link.url not in urls], back=back),
            buttons=[link for link in page.links if link.url in urls],
        )
