"""「查看完整」: asks for a reason, then shows the fields in full."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, render_template, request
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from app.domain.documents import is_phone_number
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.roles import Role
from app.extensions import db
from app.models import Residency
from app.services.reveal import Revealed, reveal
from app.views.forms import form_response, show_fault
from app.views.identity import account, actor
from app.views.page import DetailPage, Field, FormPage, Link, Section
from app.views.sign_in import safe_next
from app.views.sites import template

# The page from which somebody asked; the answer leads back there.
_BACK = "back"
Reader = Callable[[Any], list[Revealed]]


class RevealForm(FlaskForm):
    reason = TextAreaField(lazy_gettext("查看原因"), [InputRequired(lazy_gettext("请写明查看原因")), Length(max=200)])


def _residency(row: Residency) -> list[Revealed]:
    return [
        Revealed(N_("姓名"), row.person.name),
        Revealed(N_("证件号"), row.person.document_number),
        Revealed(N_("手机号"), row.person.phone),
        Revealed(N_("现住地址"), row.registration.address or ""),
    ]


_MANAGERS = frozenset(
    {Role.CITY_ADMIN, Role.DISTRICT_ADMIN, Role.STREET_ADMIN, Role.COMMUNITY_ADMIN, Role.COMPOUND_ADMIN}
)
# What can be shown in full: the model (row scope narrows it), what is shown, and to whom.
_SUBJECTS: dict[str, tuple[type, Reader, frozenset[Role]]] = {"residency": (Residency, _residency, _MANAGERS)}


def add_subject(name: str, model: type, reader: Reader, roles: frozenset[Role]) -> None:
    """Let `name` be shown in full; screens of other modules add theirs when they register."""
    _SUBJECTS[name] = (model, reader, roles)


class RevealView(BaseView):
    route_base = "/reveal"
    default_view = "ask"

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        return {"can_ask": frozenset().union(*(roles for _model, _reader, roles in _SUBJECTS.values()))}

    @expose("/<subject>/<int:key>", methods=["GET", "POST"])
    @has_access
    @permission_name("ask")
    def ask(self, subject: str, key: int) -> str:
        """Ask for the reason; on a POST with one, show the fields."""
        model, reader, roles = _SUBJECTS.get(subject) or abort(404)
        if account().role not in roles:
            abort(403)
        row = db.session.execute(select(model).where(model.id == key)).scalar_one_or_none() or abort(404)  # type: ignore[attr-defined]  # each has an id
        form = RevealForm()
        if request.method == "POST" and form.validate():
            try:
                fields = reveal(actor(), row, fields=reader(row), reason=form.reason.data or "")
            except DomainError as fault:
                show_fault(form, fault)
            else:
                return self._show(fields, back=safe_next(request.form.get(_BACK, "")))
        back = request.form.get(_BACK) or request.referrer or ""
        page = FormPage(
            title=gettext("查看完整信息"),
            form=form,
            submit_label=gettext("查看"),
            cancel_url=safe_next(back),
            hidden=((_BACK, back),),
            notes=[gettext("查看会被记录：谁、何时、因为什么。")],
        )
        return form_response(page)

    def _show(self, fields: list[Revealed], *, back: str) -> str:
        page = DetailPage(
            title=gettext("完整信息"),
            back=Link(gettext("返回"), back),
            sections=[Section("", [_shown(field) for field in fields])],
        )
        # In the dialog that asked: a whole page there would be asked for anew, and the question with it.
        is_fragment = request.headers.get("X-Requested-With") == "fetch"
        return render_template(
            "admin/_detail_body.html" if is_fragment else template("detail"), page=page, is_fragment=is_fragment
        )


def _shown(field: Revealed) -> Field:
    """Return the field as the page shows it; a phone number is there to be called."""
    url = f"tel:{field.value}" if is_phone_number(field.value) else ""
    return Field(gettext(field.label), field.value, is_wide=True, url=url)


def register(appbuilder: AppBuilder) -> None:
    """Add the view; it stands in no menu."""
    appbuilder.add_view_no_menu(RevealView())
