"""Forms of 「小区账号管理」 and 「账号管理」: what they offer is what lies in the scope of the account at work."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import request, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import or_, select
from wtforms import SelectField, SelectMultipleField, StringField, TextAreaField, widgets
from wtforms.validators import InputRequired, Length, Optional

from app.domain.masking import mask_phone
from app.domain.roles import Role
from app.domain.text import row_number
from app.domain.venues import VenueFamily
from app.extensions import db
from app.models import Account, Area, Venue
from app.services.accounts import compounds
from app.views.format import label_text
from app.views.identity import account

OFFERED = 20
_NAME = {"autocomplete": "off"}


class NewAccountForm(FlaskForm):
    """「新增」: the phone becomes the account."""

    phone_number = StringField(
        lazy_gettext("手机号"),
        [InputRequired(lazy_gettext("请填写11位数字手机号")), Length(max=20)],
        render_kw={"inputmode": "tel", "autocomplete": "off"},
        description=lazy_gettext("手机号即登录账号，初始密码将以短信发送到该手机。"),
    )
    name = StringField(
        lazy_gettext("姓名"), [InputRequired(lazy_gettext("请填写姓名")), Length(max=30)], render_kw=_NAME
    )


class CorrectionForm(FlaskForm):
    """「修改」: an empty phone stays as it is, so that nobody's number stands on the screen in full."""

    phone_number = StringField(
        lazy_gettext("手机号"), [Optional(), Length(max=20)], render_kw={"inputmode": "tel", "autocomplete": "off"}
    )
    name = StringField(
        lazy_gettext("姓名"), [InputRequired(lazy_gettext("请填写姓名")), Length(max=30)], render_kw=_NAME
    )


class CompoundChoice(FlaskForm):
    """A search for compounds and the boxes of those found and chosen; it stands behind the fields made before it."""

    find = StringField(
        lazy_gettext("查找小区"),
        [Optional(), Length(max=40)],
        render_kw={"autocomplete": "off", "data-options-for": "venue_ids", "type": "search"},
        description=lazy_gettext("输入小区名称后从下面勾选，可以选择多个小区。"),
    )
    venue_ids = SelectMultipleField(lazy_gettext("小区"), coerce=int, option_widget=widgets.CheckboxInput())


class NewCompoundAccountForm(NewAccountForm, CompoundChoice):
    pass


class CompoundCorrectionForm(CorrectionForm, CompoundChoice):
    pass


class AppointmentForm(NewAccountForm):
    """「新增」 of 「账号管理」: a role of the level below, and where."""

    role = SelectField(lazy_gettext("角色"))
    area_code = SelectField(lazy_gettext("管辖区域"), [InputRequired(lazy_gettext("请选择管辖区域"))])
    venue_kind = SelectField(
        lazy_gettext("行业"), [Optional()], description=lazy_gettext("仅行业管理员需要选择。"), default=""
    )


class ReasonForm(FlaskForm):
    reason = TextAreaField(lazy_gettext("原因"), [InputRequired(lazy_gettext("请填写原因")), Length(max=200)])


def new_compound_account_form() -> NewCompoundAccountForm:
    form = NewCompoundAccountForm()
    _offer_compounds(form)
    return form


def correction_form(row: Account) -> Any:
    """Return the form of 「修改」 with what may be known of the account."""
    form = CompoundCorrectionForm() if row.role is Role.COMPOUND_ADMIN else CorrectionForm()
    form.phone_number.description = gettext("当前手机号 %(phone)s，留空则不修改。", phone=mask_phone(row.username))
    held = [link.venue_id for link in row.venue_links]
    if not form.is_submitted():
        form.name.data = row.first_name
        if "venue_ids" in form:
            form.venue_ids.data = held
    if "venue_ids" in form:
        _offer_compounds(form, held)
    return form


def _offer_compounds(form: Any, held: Iterable[int] = ()) -> None:
    """Offer what was ticked, what is held, and what the search finds; nothing outside the scope is among them."""
    typed = (row_number(value) for value in request.form.getlist("venue_ids"))
    ticked = {number for number in typed if number is not None} | set(held)
    found = find_compounds(request.form.get("find", ""))
    missing = ticked - {venue.id for venue in found}
    chosen = db.session.execute(compounds().where(Venue.id.in_(missing))).scalars().all() if missing else []
    form.venue_ids.choices = [(venue.id, venue.name) for venue in [*chosen, *found]]
    form.find.render_kw = {**form.find.render_kw, "data-options": url_for("CompoundAccountView.options")}


def find_compounds(text: str) -> list[Venue]:
    """Return the first compounds in scope whose name has `text` in it."""
    query = compounds().where(Venue.name.contains(text.strip(), autoescape=True)).order_by(Venue.name, Venue.id)
    return list(db.session.execute(query.limit(OFFERED)).scalars())


def appointment_form() -> AppointmentForm:
    """Return the form with the roles that the account at work appoints, and the areas where they can stand."""
    form = AppointmentForm()
    person = account()
    appoints = person.role.appoints - {Role.COMPOUND_ADMIN} if person.role else frozenset()
    form.role.choices = [(role.name, label_text(role)) for role in Role if role in appoints]
    # Chosen and not guessed: the first of the list is the appointer's own area, where most roles cannot stand.
    form.area_code.choices = [("", gettext("请选择")), *_areas(str(person.area_code))]
    kinds = [(kind.name, label_text(kind)) for kind in VenueFamily.SECTOR.kinds]
    form.venue_kind.choices = [("", gettext("请选择")), *kinds]
    if Role.SECTOR_ADMIN not in appoints:
        del form.venue_kind
    return form


def _areas(code: str) -> list[tuple[str, str]]:
    rows = db.session.execute(
        select(Area.code, Area.name).where(or_(Area.code == code, Area.parent_code == code)).order_by(Area.code)
    ).all()
    return [(row.code, row.name) for row in rows]
