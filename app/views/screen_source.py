"""Which rows a declared screen is about: for whom, searched by what, one by its number, all of them as an export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import abort, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from sqlalchemy import Select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from app.domain.roles import Role
from app.extensions import db
from app.views import private_search
from app.views.declarations import ListColumn, Screen
from app.views.export_routes import ExportRoutes
from app.views.exporting import Table
from app.views.identity import account, current_venue_id
from app.views.listing import apply_filters, conditions_text, search_form_class

_SEALED = "q"


class ScreenSource(ExportRoutes):
    """The rows behind a screen, narrowed by the search of the page in hand."""

    screen: ClassVar[Screen]

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

    def base_query(self) -> Select[Any]:
        """Return the rows of this screen; of the compound in hand, where the screen goes by compound."""
        query = self.screen.query()
        venue_id = current_venue_id()
        if self.screen.by_compound and venue_id is not None:
            query = query.where(query.column_descriptions[0]["entity"].venue_id == venue_id)
        return query

    def fetch(self, key: int) -> Any:
        """Return the row, or answer 404 where it does not exist for this account."""
        return self.fetch_many([key]).get(key) or abort(404)

    def fetch_many(self, keys: Sequence[int]) -> dict[int, Any]:
        """Return those of the rows that exist for this account, by their keys."""
        query = self.screen.query()
        model = query.column_descriptions[0]["entity"]
        return {row.id: row for row in db.session.execute(query.where(model.id.in_(keys))).scalars()}

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
        return redirect(url_for(f"{self.endpoint}.list", **open_words))  # type: ignore[arg-type]  # values are texts

    def columns(self) -> list[ListColumn]:
        return [column for column in self.screen.columns if column.roles is None or account().role in column.roles]

    def export_table(self) -> Table:
        form, declared = self.search_form()
        query = apply_filters(self.base_query(), declared, form)
        return Table(self.screen, query, [column for column in self.columns() if column.in_export])

    def export_conditions(self) -> str:
        form, declared = self.search_form()
        return conditions_text(form, declared)
