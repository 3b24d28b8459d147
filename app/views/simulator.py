"""What the simulators share: a form that asks, a page that answers, and nothing that is written (X12)."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import render_template, request
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext

from app.domain.errors import DomainError
from app.domain.roles import Role
from app.services.simulation import Preview
from app.views.change_sets import sample_table
from app.views.forms import form_response, show_fault
from app.views.health_cells import change_text
from app.views.page import DetailPage, EmptyState, Field, FormPage, Link, Section


class Simulator(BaseView):
    """Subclasses say whom they serve, what they ask and what they answer."""

    default_view = "list"
    roles: ClassVar[frozenset[Role]]

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        return {"menu_access": cls.roles, "can_list": cls.roles}

    def form(self) -> Any:
        raise NotImplementedError

    def question(self, form: Any) -> FormPage:
        raise NotImplementedError

    def answer(self, form: Any) -> DetailPage:
        """Return the answer to a form without faults. A DomainError stands beside its field."""
        raise NotImplementedError

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("list")
    def list(self) -> str:
        """Ask; answer on a POST."""
        form = self.form()
        if request.method == "POST" and form.validate():
            try:
                return render_template("admin/detail.html", page=self.answer(form))
            except DomainError as fault:
                show_fault(form, fault)
        return form_response(self.question(form))


def preview_page(title: str, preview: Preview, *sections: Section, back: Link) -> DetailPage:
    """How many would change from which colour to which, and a masked sample."""
    counts = [Field(change_text(name), f"{count:,}") for name, count in sorted(preview.counts.items())]
    fields = [Field(gettext("变色人数"), f"{preview.changed:,}"), *counts]
    return DetailPage(
        title=title,
        sections=[Section(gettext("人数"), fields), *sections],
        table=sample_table(preview.sample),
        empty=EmptyState(gettext("没有人会变色")),
        back=back,
    )
