"""The controls of the public forms and what checks them (Z-S10): every fault is a sentence beside its field."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import DateField, Form, RadioField, SelectField, StringField, ValidationError
from wtforms.validators import StopValidation

from app.domain.errors import DomainError
from app.domain.labels import Labelled
from app.domain.text import clean
from app.forms import places

YES, NO = "yes", "no"
# The lists of 出发地, each of which offers what lies in the one before.
ORIGIN = ("origin_province", "origin_city", "origin_district")


class Needed:
    """A field that must be filled; the star of its label comes from here. An empty one is told so once, and no more."""

    field_flags = {"starred": True}  # noqa: RUF012 - WTForms reads it from the class

    def __init__(self, message: Any = None) -> None:
        self.message = message

    def __call__(self, _form: Form, field: Any) -> None:
        if self.message is not None and not field.data:
            raise StopValidation(self.message)


class DayField(DateField):
    """A day, refused in the reader's language where it cannot be read."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([clean(value) for value in valuelist if clean(value)])
        except ValueError:
            raise ValueError(gettext("日期格式不正确")) from None


def text_field(label: Any, *validators: Any, **attributes: Any) -> StringField:
    """A line of text, cleaned as it arrives."""
    return StringField(label, validators, filters=[lambda value: clean(value or "")], render_kw=attributes)


def choice_field(label: Any, *validators: Any) -> SelectField:
    """A list whose choices the form fills in and checks."""
    return SelectField(label, validators, choices=[], validate_choice=False)


ANSWER_YES, ANSWER_NO = (YES, lazy_gettext("是")), (NO, lazy_gettext("否"))


def yes_no_field(label: Any, message: Any, *answers: tuple[str, Any]) -> RadioField:
    """A question that must be answered; 是 comes first unless `answers` say otherwise."""
    choices = list(answers) or [ANSWER_YES, ANSWER_NO]
    return RadioField(label, [Needed(message)], choices=choices, validate_choice=False)


def offer_areas(*lists: SelectField, ask: str) -> None:
    """Fill lists of areas, each with the children of the one before; a choice that no longer fits goes.

    `ask` is what the first of them says before anything is chosen.
    """
    parent: str | None = ""
    for field in lists:
        offered = places.areas_below(parent) if parent is not None else ()
        field.choices = [("", ask), *offered]
        if field.data not in {code for code, _ in offered}:
            field.data = ""
        parent, ask = field.data or None, gettext("请选择")


def chosen_area(city: SelectField, district: SelectField) -> str | None:
    """Return the district; the city where it has none."""
    if district.data:
        return str(district.data)
    return str(city.data) if city.data and not places.areas_below(city.data) else None


def checked(rule: Callable[[], str]) -> str:
    """Return what the rule returns; its refusal becomes the field's, in the reader's language."""
    try:
        return rule()
    except DomainError as fault:
        raise ValidationError(gettext(fault.message, **fault.params)) from None


def labels(members: Iterable[Labelled]) -> list[tuple[str, str]]:
    """Return names and labels as choices, in the language in force."""
    return [(member.name, gettext(member.label)) for member in members]


def member(kind: type[Any], name: str | None) -> Any:
    """Return the member of that name; None for any other text."""
    return kind.__members__.get(name or "")
