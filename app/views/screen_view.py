"""The base view that draws a declared screen: list, search, export, detail, creation and actions on rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit

from flask import abort, flash, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext
from flask_wtf import FlaskForm
from sqlalchemy import Select
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.roles import Role
from app.extensions import db
from app.services.transaction import transaction
from app.views import private_search
from app.views.declarations import ListColumn, RowAction, Screen
from app.views.export_routes import ExportRoutes, may_export_in_full
from app.views.exporting import Table
from app.views.forms import form_response, show_fault
from app.views.identity import account, actor, current_venue_id
from app.views.listing import (
    apply_filters,
    capped_count,
    conditions_text,
    count_text,
    read_slice,
    search_form_class,
)
from app.views.page import Cell, Column, DetailPage, EmptyState, Figure, FormPage, Link, ListPage, PageNav, Row
from app.views.sites import template

BULK_CAP = 500
_CURSORS = ("after", "before")
_SEALED = "q"


class ScreenView(ExportRoutes):
    """Subclasses name their `screen`; what a screen cannot declare is a method overridden there."""

    screen: ClassVar[Screen]
    default_view = "list"

    # -- who may ------------------------------------------------------------------------------------------------

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        """Return who may use which of this screen's permissions; the security manager asks here."""
        screen = cls.screen
        return {
            "menu_access": screen.roles,
            "can_list": screen.roles,
            "can_show": screen.roles if screen.has_detail else frozenset(),
            "can_export": screen.roles if screen.export_roles is None else screen.export_roles,
            "can_add": screen.creation.roles if screen.creation else frozenset(),
            "can_act": frozenset().union(*(action.roles for action in screen.actions))
            if screen.actions
            else frozenset(),
        }

    # -- reading ------------------------------------------------------------------------------------------------

    def base_query(self) -> Select[Any]:
        """Return the rows of this screen; of the compound in hand, where the screen goes by compound."""
        query = self.screen.query()
        venue_id = current_venue_id()
        if self.screen.by_compound and venue_id is not None:
            query = query.where(query.column_descriptions[0]["entity"].venue_id == venue_id)
        return query

    def fetch(self, key: int) -> Any:
        """Return the row, or answer 404 where it does not exist for this account."""
        model = self.screen.query().column_descriptions[0]["entity"]
        row = db.session.execute(self.screen.query().where(model.id == key)).scalars().first()
        return row if row is not None else abort(404)

    def search_form(self) -> Any:
        declared = [f for f in self.screen.filters if f.roles is None or account().role in f.roles]
        return search_form_class(declared)(self._searched()), declared

    @staticmethod
    def _searched() -> MultiDict[str, str]:
        """Return the search of this page: what stands in the address, and what it holds sealed."""
        values = MultiDict(request.args)
        if word := values.pop(_SEALED, None):
            values.update(private_search.unseal(word, account_id=account().id))
        return values

    @expose("/search", methods=["POST"])
    @has_access
    @permission_name("list")
    def search(self) -> BaseResponse:
        """Lead to the list that was searched for; what was typed goes along sealed, never readable in the address."""
        _form, declared = self.search_form()
        typed = {f.key: request.form.get(f.key, "").strip() for f in declared}
        open_words = {f.key: typed[f.key] for f in declared if f.kind != "text" and typed[f.key]}
        private = {f.key: typed[f.key] for f in declared if f.kind == "text" and typed[f.key]}
        if private:
            open_words[_SEALED] = private_search.seal(private, account_id=account().id)
        return redirect(url_for(f"{self.endpoint}.list", **open_words))  # type: ignore[arg-type]

    def columns(self) -> list[ListColumn]:
        return [column for column in self.screen.columns if column.roles is None or account().role in column.roles]

    @expose("/")
    @has_access
    @permission_name("list")
    def list(self) -> str:
        """Draw the list."""
        form, declared = self.search_form()
        whole = self.base_query()
        query = apply_filters(whole, declared, form)
        page = read_slice(query, self.screen.order, request.args)
        count = self.screen.count() if self.screen.count and query is whole else capped_count(query)
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
                empty=self.empty_state(),
                figures=self.figures(),
                more_figures=self.searched_figures(query, is_searched=query is not whole),
                live_note=self.live_note(),
                toolbar=self.toolbar(),
                bulk=self.bulk_links(),
                search_form=form if declared else None,
                search_url=url_for(f"{self.endpoint}.search"),
            ),
        )

    def figures(self) -> Sequence[Figure]:
        """Return the numbers on top."""
        return self.screen.figures()

    def searched_figures(self, query: Select[Any], *, is_searched: bool) -> Sequence[Figure]:  # noqa: ARG002
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
        return {key: values for key, values in request.args.to_dict(flat=False).items() if key not in _CURSORS}

    def draw_row(self, row: Any, columns: Sequence[ListColumn]) -> Row:
        """Return one line of the list with the links that this row and this account allow."""
        return Row(
            key=str(row.id),
            cells=[as_cell(column.value(row)) for column in columns],
            tone=self.screen.row_tone(row),
            links=self.row_links(row),
            url=url_for(f"{self.endpoint}.show", key=row.id) if self.screen.has_detail else None,
        )

    def row_links(self, row: Any) -> Sequence[Link]:
        links = [self.action_link(action, row) for action in self.usable_actions(row) if action.on_list]
        if self.screen.has_detail:
            links.append(Link(gettext("详情"), url_for(f"{self.endpoint}.show", key=row.id), style="quiet"))
        return links

    def usable_actions(self, row: Any) -> Iterable[RowAction]:
        role = account().role
        return (action for action in self.screen.actions if role in action.roles and action.visible(row))

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
            links.append(Link(gettext("导出"), url_for(f"{self.endpoint}.export", **self._search())))
            if may_export_in_full(self.screen):
                url = url_for(f"{self.endpoint}.export_in_full", **self._search())
                links.append(Link(gettext("完整导出"), url, style="quiet"))
        return links

    def empty_state(self) -> EmptyState:
        return EmptyState(gettext(self.screen.empty_title), gettext(self.screen.empty_hint))

    # -- one row ------------------------------------------------------------------------------------------------

    @expose("/<int:key>")
    @has_access
    @permission_name("show")
    def show(self, key: int) -> str:
        """Draw one row in full (masked) with what may be done to it."""
        row = self.fetch(key)
        return render_template(template("detail"), page=self.detail_page(row, request.args.get("tab", "")))

    def detail_page(self, row: Any, tab: str) -> DetailPage:
        raise NotImplementedError(f"{type(self).__name__} has a detail page to draw")

    # -- writing ------------------------------------------------------------------------------------------------

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def add(self) -> str | BaseResponse:
        """Show the form of 「新建」 and make the row."""
        creation = self.screen.creation or abort(404)
        form = creation.form()
        if request.method == "POST" and form.validate():
            try:
                creation.perform(form, actor())
            except DomainError as fault:
                db.session.rollback()
                show_fault(form, fault)
            else:
                flash(gettext(creation.done), "success")
                return self._done()
        back = url_for(f"{self.endpoint}.list")
        return self._form(
            FormPage(
                title=f"{gettext(self.screen.title)} · {gettext(creation.label)}",
                lead=gettext(creation.lead) if creation.lead else "",
                form=form,
                submit_label=gettext("提交"),
                cancel_url=back,
                back=Link(gettext(self.screen.title), back),
            )
        )

    @expose("/<int:key>/do/<name>", methods=["GET", "POST"])
    @has_access
    @permission_name("act")
    def act(self, key: int, name: str) -> str | BaseResponse:
        """Show the form or the question of an action, and perform it on a POST."""
        action = self._action(name)
        row = self.fetch(key)
        if not action.visible(row):
            flash(gettext("这条记录的状态已经变化，不能进行此操作，请刷新后再看。"), "warning")
            return self._done(key)
        if needs_question(action):
            return self._question(action, gettext(action.label), self._back_url(key), lead=self.question(action, row))
        form = action.form(row) if action.form else FlaskForm()
        if request.method == "POST" and form.validate():
            fault = self._perform(action, [row], form)
            if fault is None:
                flash(gettext(action.done), "success")
                return self._done(key)
            show_fault(form, fault)
        back = self._back_url(key)
        return self._form(
            FormPage(
                title=gettext(action.label),
                lead=self.question(action, row),
                form=form,
                submit_label=gettext(action.submit_label),
                cancel_url=back,
                danger=action.style == "danger",
                notes=action.notes(row),
                back=Link(gettext(self.screen.title), back),
            )
        )

    def question(self, action: RowAction, row: Any) -> str:
        """Return what a dialog says: the row that it is about, and what is asked of it."""
        parts = (self.screen.subject(row), gettext(action.confirm) if action.confirm else "")
        return " · ".join(part for part in parts if part)

    def _question(
        self, action: RowAction, title: str, cancel_url: str, keys: Sequence[int] = (), lead: str = ""
    ) -> str:
        """Ask before what cannot be undone, where no script has asked already."""
        return render_template(
            template("confirm"),
            page=FormPage(
                title=title,
                lead=lead or gettext(action.confirm),
                form=None,
                submit_label=gettext("确定"),
                cancel_url=cancel_url,
                danger=action.style == "danger",
                hidden=[("rowid", str(key)) for key in keys],
            ),
        )

    def _perform(self, action: RowAction, rows: Sequence[Any], form: Any) -> DomainError | None:
        """Perform the action on all `rows` or on none; return what refused it."""
        try:
            with transaction():
                for row in rows:
                    action.perform(row, form, actor())
        except DomainError as fault:
            return fault
        except StaleDataError:
            return DomainError(N_("这条记录刚刚被别人修改过，请重新打开后再操作。"), code="stale")
        return None

    @expose("/do/<name>", methods=["GET", "POST"])
    @has_access
    @permission_name("act")
    def act_on_many(self, name: str) -> str | BaseResponse:
        """Perform an action on the ticked rows, all or none; with a form, ask for it first."""
        action = self._action(name)
        if not action.in_bulk:
            abort(404)
        keys = [int(key) for key in request.values.getlist("rowid") if key.isdigit()][:BULK_CAP]
        rows = [self.fetch(key) for key in keys]
        if not rows:
            flash(gettext("请先勾选要操作的记录。"), "warning")
            return redirect(url_for(f"{self.endpoint}.list"))
        count = gettext("%(count)s 条", count=len(rows))
        title = gettext(action.label) + gettext("（%(note)s）", note=count)
        if needs_question(action):
            return self._question(action, title, url_for(f"{self.endpoint}.list"), keys)
        # The list sends the keys; a form, where there is one, comes back with the second step.
        is_answered = action.form is None or request.form.get("step") == "2"
        form = action.form(rows[0]) if action.form else FlaskForm()
        if request.method == "POST" and is_answered and form.validate():
            fault = self._perform(action, rows, form)
            if fault is None:
                flash(gettext(action.done), "success")
                return self._done()
            show_fault(form, fault)
        return self._form(
            FormPage(
                title=title,
                form=form,
                submit_label=gettext(action.submit_label),
                cancel_url=url_for(f"{self.endpoint}.list"),
                hidden=[("step", "2"), *(("rowid", str(key)) for key in keys)],
            )
        )

    def _action(self, name: str) -> RowAction:
        for action in self.screen.actions:
            if action.name == name:
                return action if account().role in action.roles else abort(403)
        return abort(404)

    def _form(self, page: FormPage) -> str:
        return form_response(page)

    def _back_url(self, key: int) -> str:
        return url_for(f"{self.endpoint}.show", key=key) if self.screen.has_detail else url_for(f"{self.endpoint}.list")

    def _done(self, key: int | None = None) -> BaseResponse:
        """Return to the list with its search where the reader came from there, else to the record."""
        came_from_list, listed = self._list_before()
        return redirect(listed if key is None or came_from_list else self._back_url(key))

    def _list_before(self) -> tuple[bool, str]:
        """Return whether the reader came from the list, and where it is, with its search if so."""
        listed = url_for(f"{self.endpoint}.list")
        referrer = urlsplit(request.referrer or "")
        came_from_list = referrer.path == listed and referrer.netloc == request.host
        return came_from_list, f"{listed}?{referrer.query}" if came_from_list and referrer.query else listed

    # -- export -------------------------------------------------------------------------------------------------

    def export_table(self) -> Table:
        form, declared = self.search_form()
        query = apply_filters(self.base_query(), declared, form)
        return Table(self.screen, query, [column for column in self.columns() if column.in_export])

    def export_conditions(self) -> str:
        form, declared = self.search_form()
        return conditions_text(form, declared)


def needs_question(action: RowAction) -> bool:
    """Return whether this POST still has to be asked about: it came without a form and without a confirmed question."""
    asks = request.method == "POST" and action.form is None and bool(action.confirm)
    return asks and request.form.get("confirmed") != "1"


def as_cell(value: Cell | str) -> Cell:
    return value if isinstance(value, Cell) else Cell(value)
