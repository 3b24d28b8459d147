"""「新建」 and 「编辑」 of a list's row: the sheet's columns as fields, checked by the sheet's own checks (Z-T7, Z-T12)."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import DateField, DateTimeLocalField, Field, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.domain.documents import DocumentType
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.text import row_number
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import ScreeningEntry, Venue
from app.services import screening, screening_entries
from app.services.audit import Actor
from app.services.screening import MASKS
from app.services.screening_entries import Place
from app.services.screening_list import ScreeningList
from app.spreadsheets.columns import SheetColumn
from app.spreadsheets.parsing import parse_values
from app.views.format import today
from app.views.forms import show_fault
from app.views.identity import account, compound_in_hand

# Where a row belongs is known from who makes it, or chosen; a sheet has to name it.
_PLACES = frozenset({"target_district", "street", "community", "compound"})
_LONGEST = 300


class SheetForm(FlaskForm):
    """The fields of one list; its subclasses are made from the sheets. `values` holds what a sound form says."""

    declared: ScreeningList
    kept: dict[str, Any]
    values: dict[str, Any]

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether the row is sound, every fault beside its field."""
        if not super().validate(extra_validators):
            return False
        row = parse_values(self.declared.sheet, self._cells(), today=today())
        for fault in row.faults:
            # A fault of a column that is not asked here stands above the form.
            show_fault(self, DomainError(fault.message, code=fault.code, field=fault.column_key))
        self.values = row.values
        return not row.faults

    def _cells(self) -> dict[str, Any]:
        """What was typed over what is kept; an empty field of a masked value leaves that as it is."""
        typed = {c.key: self[c.key].data for c in self.declared.sheet.columns if c.key in self}
        is_kept = {key for key in typed if key in MASKS and not typed[key]}
        return {**self.kept, **{key: value for key, value in typed.items() if key not in is_kept}}


def creation_form(declared: ScreeningList) -> SheetForm:
    """The empty form of 「新建」."""
    form: SheetForm = _form_class(declared, _place_field())()
    form.kept = {}
    return form


def create(declared: ScreeningList, form: SheetForm, actor: Actor) -> None:
    """Make the row where its maker stands."""
    screening_entries.create(declared, form.values, place=_chosen_place(form), actor=actor)


def correction_form(declared: ScreeningList, row: ScreeningEntry) -> SheetForm:
    """The form of 「编辑」; numbers on record show masked and stay as they are while nothing is typed."""
    kept = screening_entries.values_of(row)
    shown = {key: value for key, value in _typed(declared, kept).items() if key not in MASKS}
    form: SheetForm = _form_class(declared, None)(data={**shown, "version": str(row.version)})
    form.kept = dict(kept)
    for key, mask in MASKS.items():
        if key in form and kept.get(key):
            form[key].render_kw = {"placeholder": mask(kept[key]), "autocomplete": "off"}
            form[key].description = gettext("留空表示不修改")
    return form


def correct(declared: ScreeningList, row: ScreeningEntry, form: SheetForm, actor: Actor) -> None:
    """Make the row say what the form says."""
    screening_entries.correct(
        row, declared, form.values, actor=actor, version=row_number(form["version"].data or "") or 0
    )


def _typed(declared: ScreeningList, kept: dict[str, str]) -> dict[str, Any]:
    """Kept texts as the fields take them: days and moments as such."""
    return {**kept, **{k: v for k, v in parse_values(declared.sheet, kept, today=today()).values.items() if v}}


def _form_class(declared: ScreeningList, place: Field | None) -> type[SheetForm]:
    fields: dict[str, Any] = {
        column.key: _field(column) for column in declared.sheet.columns if column.key not in _PLACES
    }
    remark = fields.pop("remark", None)
    members = {**fields, **({"place": place} if place else {}), **({"remark": remark} if remark else {})}
    return type("RowForm", (SheetForm,), {**members, "version": HiddenField(), "declared": declared})


def _field(column: SheetColumn) -> Any:
    label, optional = lazy_gettext(column.title), [Optional()]
    starred = {"starred": True} if column.is_required else {}
    validators = [InputRequired(lazy_gettext("请填写此项"))] if starred else optional
    if column.key == "document_type":
        return SelectField(label, choices=[(k.label, lazy_gettext(k.label)) for k in DocumentType])
    if column.check.choices:
        options = [("", lazy_gettext("请选择")), *((text, lazy_gettext(text)) for text in column.check.choices)]
        return SelectField(label, validators, choices=options)
    if column.check.kind == "date":
        return DateField(label, validators)
    if column.check.kind == "datetime":
        return DateTimeLocalField(label, validators, format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
    if column.key == "remark":
        return TextAreaField(label, [*optional, Length(max=500)])
    return StringField(label, [*validators, Length(max=_LONGEST)])


def _place_field() -> Any:
    """Where the row belongs, for those who have to say it: a city's district, a community's compound."""
    role = account().role
    if role is Role.CITY_ADMIN:
        options = [("", gettext("请选择")), *screening.district_labels().items()]
        return SelectField(gettext("区县"), [InputRequired(gettext("请选择区县"))], choices=options)
    if role is Role.COMMUNITY_ADMIN:
        query = select(Venue).where(Venue.kind.in_([k for k in VenueKind if k.binds]), Venue.closed_at.is_(None))
        found = db.session.execute(query.order_by(Venue.name)).scalars()
        return SelectField(
            gettext("所属小区"), choices=[("", gettext("请选择")), *((str(v.id), v.name) for v in found)]
        )
    return None


def _chosen_place(form: SheetForm) -> Place:
    role, area_code = account().role, account().area_code or ""
    if role is Role.COMPOUND_ADMIN:
        venue = compound_in_hand()
        return Place(venue.area_code, venue.id)
    chosen = form["place"].data if "place" in form else ""
    if role is Role.CITY_ADMIN:
        return Place(chosen)
    if not chosen:
        return Place(area_code)
    found = db.session.execute(select(Venue).where(Venue.id == int(chosen))).scalar_one_or_none()
    if found is None:
        raise DomainError(N_("请选择所属小区"), code="venue", field="place")
    return Place(found.area_code, found.id)
