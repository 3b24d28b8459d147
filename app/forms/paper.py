"""The form of Z-S2 as a clerk types it from paper: the same fields and checks, the origin written out (checklist Z75)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DateTimeLocalField, Field, StringField
from wtforms.validators import InputRequired

from app.domain.errors import DomainError
from app.domain.text import clean
from app.forms.fields import Needed, again
from app.forms.registration import RegistrationForm
from app.forms.typed_areas import district_code
from app.profiles import Profile

_LONGEST_ORIGIN = 60
_OF_A_RETURN = ("arrival_date", "transport", "origin_country", "quarantine_method")


class PaperForm(RegistrationForm):
    """What people without a phone wrote down; no list of areas has to be fetched while typing."""

    poster_pin = None
    origin_province = None
    origin_city = None
    origin_district = StringField(
        lazy_gettext("出发地"),
        filters=[lambda value: clean(value or "")],
        render_kw={"maxlength": _LONGEST_ORIGIN},
    )
    origin_country = again(RegistrationForm.origin_country)
    quarantine_method = again(RegistrationForm.quarantine_method)
    consent = BooleanField(
        lazy_gettext("本人已在纸质登记表上承诺遵守《承诺书》"),
        [Needed(lazy_gettext("请确认本人已在纸质登记表上签署《承诺书》"))],
    )

    def __init__(
        self, typed: MultiDict[str, str] | None, *, profile: Profile, today: date, language: str, **data: Any
    ) -> None:
        self._origin: str | None = None
        super().__init__(typed, profile=profile, today=today, language=language, **data)
        self.origin_district.render_kw = {
            **(self.origin_district.render_kw or {}),
            "placeholder": gettext("省、市、区县，如湖北省武汉市武昌区"),
        }
        for name in _OF_A_RETURN:
            # Required only of who came back (D10); the rule asks for them then.
            self[name].flags.starred = False
            self[name].description = gettext("外地或国外返回时填写")

    def _offer_areas(self, ask: str) -> None:
        """There are no lists to fill."""

    @property
    def origin_area_code(self) -> str | None:
        return self._origin

    def validate(self, extra_validators: Any = None) -> bool:
        """Return whether all is in order; the origin is looked up first, because the other rules ask for it."""
        self._origin, fault = self._looked_up()
        is_valid = super().validate(extra_validators)
        declared = self.declaration
        if fault and declared.has_return and not declared.is_from_abroad:
            self.origin_district.errors = [fault]
            return False
        return is_valid

    def _looked_up(self) -> tuple[str | None, str]:
        typed = (self.origin_district.data or "")[:_LONGEST_ORIGIN]
        try:
            return (district_code(typed) if typed else None), ""
        except DomainError as fault:
            return None, gettext(fault.message)


class PaperEntryForm(PaperForm):
    """A paper form of the gate: with the moment that stands on it."""

    recorded_at = DateTimeLocalField(
        lazy_gettext("登记时间"),
        [InputRequired(lazy_gettext("请填写登记时间"))],
        format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"],
        description=lazy_gettext("纸质登记表上的进出时间"),
    )

    def __iter__(self) -> Iterator[Field]:
        """The moment first: it stands at the head of the sheet."""
        return iter(sorted(super().__iter__(), key=lambda field: field.short_name != "recorded_at"))

    def moment(self, profile: Profile) -> datetime:
        """Return the moment on the paper, in the region's zone; only after validate() said yes."""
        written: datetime = self.recorded_at.data
        return written.replace(tzinfo=profile.zone)
