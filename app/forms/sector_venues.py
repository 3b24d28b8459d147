"""The fields of a sector's venue, from its kind's declaration: for its activation and for whoever edits it (Z-S7, Z-V3)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import Field, Form, SelectField, StringField, ValidationError

from app.domain.errors import DomainError
from app.domain.sectors import SECTORS, Particular, SectorField, VenueSubtype, check_particular
from app.domain.text import clean
from app.domain.venues import VenueKind
from app.forms.fields import Needed
from app.services import area_tree

_HINTS = {
    Particular.LINE: lazy_gettext("如1路"),
    Particular.PLATE: lazy_gettext("请输入车牌号"),
    Particular.CONTACT_PHONE: lazy_gettext("请填写11位数字手机号"),
    Particular.SOCIAL_CREDIT_CODE: lazy_gettext("18位数字或大写字母"),
}
_INPUTS = {
    Particular.CONTACT_PHONE: {"inputmode": "tel", "autocomplete": "tel"},
    Particular.CONTACT_NAME: {"autocomplete": "name"},
}
_CHOSEN = (Particular.DISTRICT, Particular.SUBTYPE)


class SectorVenueForm(Form):
    """Subclasses have the fields of one kind; `area_prefix` is the area in which the venue may lie."""

    kind: VenueKind

    def __init__(self, typed: Any = None, *, area_prefix: str, **data: Any) -> None:
        super().__init__(typed, **data)
        ask = ("", gettext("请选择"))
        if Particular.DISTRICT.value in self:
            found = area_tree.current().districts
            inside = [(one.code, one.name) for one in found if _meets(one.code, area_prefix)]
            self[Particular.DISTRICT.value].choices = [ask, *inside]
        if Particular.SUBTYPE.value in self:
            self[Particular.SUBTYPE.value].choices = [ask, *((one.name, gettext(one.label)) for one in VenueSubtype)]

    @property
    def values(self) -> Mapping[Particular, str]:
        """What is stored, by particular; only after validate() said yes."""
        return {
            field.particular: self[field.particular.value].data
            if field.particular in _CHOSEN
            else check_particular(field, self[field.particular.value].data or "")
            for field in SECTORS[self.kind].fields
        }

    def value(self, particular: Particular) -> str:
        """What is stored of one field that is sound."""
        declared = next(field for field in SECTORS[self.kind].fields if field.particular is particular)
        return check_particular(declared, self[particular.value].data or "")


def _meets(code: str, prefix: str) -> bool:
    return code.startswith(prefix) or prefix.startswith(code)


class _Sound:
    """The rule of the domain, its refusal beside the field."""

    field_flags = {"starred": True}  # noqa: RUF012 - WTForms reads it from the class

    def __init__(self, declared: SectorField) -> None:
        self._declared = declared

    def __call__(self, _form: Form, field: Any) -> None:
        try:
            check_particular(self._declared, field.data or "")
        except DomainError as fault:
            params = {key: gettext(value) if key == "label" else value for key, value in fault.params.items()}
            raise ValidationError(gettext(fault.message, **params)) from None


class _Offered:
    """One of the choices, or a refusal."""

    def __call__(self, _form: Form, field: Any) -> None:
        if not field.data or field.data not in {code for code, _name in field.choices}:
            raise ValidationError(gettext("请选择%(label)s", label=field.label.text))


@cache
def form_class(kind: VenueKind) -> type[SectorVenueForm]:
    """Return the form of `kind`, its fields in the order of the declaration."""
    fields = {declared.particular.value: _field(declared) for declared in SECTORS[kind].fields}
    return type(f"{kind.name.title()}Form", (SectorVenueForm,), {"kind": kind, **fields})


def _field(declared: SectorField) -> Field:
    key, label = declared.particular, lazy_gettext(declared.label)
    if key in _CHOSEN:
        return SelectField(label, [Needed(), _Offered()], choices=[], validate_choice=False)
    given = {"placeholder": _HINTS.get(key, ""), "autocomplete": "off", "maxlength": 120, **_INPUTS.get(key, {})}
    return StringField(label, [_Sound(declared)], filters=[lambda value: clean(value or "")], render_kw=given)
