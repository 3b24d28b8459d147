"""The resident's form of the compound family (Z-S2): every check at the server, every fault beside its field (Z-S10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from flask_babel import force_locale, gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, RadioField, StringField, ValidationError

from app.domain.codes import PIN_DIGITS
from app.domain.documents import DocumentType, check_plate
from app.domain.errors import DomainError
from app.domain.returns import QuarantineMethod, ReturnDeclaration, Transport, declaration_errors
from app.forms import places
from app.forms.fields import (
    ANSWER_NO,
    ANSWER_YES,
    NO,
    YES,
    DayField,
    Needed,
    checked,
    choice_field,
    chosen_area,
    labels,
    member,
    offer_areas,
    text_field,
    yes_no_field,
)
from app.forms.person import PersonForm
from app.forms.places import Choice
from app.profiles import Profile
from app.services.filled_form import FilledForm

SHORTEST_ADDRESS, LONGEST_ADDRESS = 4, 120
# Where a rule names a field otherwise than the form.
_FIELD_OF = {"origin_area_code": "origin_district"}


@dataclass(frozen=True)
class _Offers:
    """The choices of the lists that never change, and what stands where nothing is chosen yet, in one language."""

    arrival: str
    origin: str
    transports: list[Choice]
    methods: list[Choice]
    countries: list[Choice]


@cache
def _offers(profile: Profile, language: str) -> _Offers:
    with force_locale(language):
        return _Offers(
            arrival=gettext("请选择来郑日期"),
            origin=gettext("请选择出发地"),
            transports=[("", gettext("请选择交通方式")), *labels(profile.transports)],
            methods=[("", gettext("请选择隔离方式")), *labels(profile.quarantine_methods)],
            countries=[("", gettext("请选择返回国家")), *places.countries(language)],
        )


class RegistrationForm(PersonForm):
    """Labels, hints and the order of answers are the manual's (Z15 to Z19)."""

    address = text_field(
        lazy_gettext("现住地址"),
        Needed(),
        autocomplete="street-address",
        maxlength=LONGEST_ADDRESS,
        placeholder=lazy_gettext("请输入详细地址：如xx小区xx号楼xx单元xx室"),
    )
    plate_number = text_field(
        lazy_gettext("车牌号"), autocomplete="off", maxlength=12, placeholder=lazy_gettext("请输入车牌号")
    )
    is_returnee = yes_no_field(lazy_gettext("是否外地返回"), lazy_gettext("请选择是否外地返回"), ANSWER_YES, ANSWER_NO)
    arrival_date = DayField(lazy_gettext("来郑日期"), [Needed()])
    transport = choice_field(lazy_gettext("交通方式"), Needed())
    is_from_abroad = yes_no_field(lazy_gettext("是否国外返回"), None, ANSWER_NO, ANSWER_YES)
    origin_province = choice_field(lazy_gettext("省"))
    origin_city = choice_field(lazy_gettext("市"))
    origin_district = choice_field(lazy_gettext("区县"))
    origin_country = choice_field(lazy_gettext("返回国家"), Needed())
    quarantine_method = choice_field(lazy_gettext("隔离方式"), Needed())
    poster_pin = text_field(
        lazy_gettext("海报上的验证码"),
        inputmode="numeric",
        autocomplete="off",
        maxlength=PIN_DIGITS,
        placeholder=lazy_gettext("请填写现场海报上的数字"),
    )
    consent = BooleanField(
        lazy_gettext("我已阅读并承诺遵守《承诺书》"), [Needed(lazy_gettext("请阅读《承诺书》并勾选"))]
    )

    def __init__(
        self,
        typed: MultiDict[str, str] | None,
        *,
        profile: Profile,
        today: date,
        language: str,
        has_pin: bool = False,
        **data: Any,
    ) -> None:
        super().__init__(typed, today=today, **data)
        self._plate: str | None = None
        if not has_pin and "poster_pin" in self:
            del self.poster_pin
        offered = _offers(profile, language)
        # Only a browser without a picker of days shows the placeholder.
        self.arrival_date.render_kw = {"max": today.isoformat(), "placeholder": offered.arrival}
        self._offer(offered)

    def _offer(self, offered: _Offers) -> None:
        """Fill the lists that this form has."""
        self.origin_country.choices = offered.countries
        if "transport" in self:
            self.transport.choices = offered.transports
        if "quarantine_method" in self:
            self.quarantine_method.choices = offered.methods
        self._offer_areas(offered.origin)

    def _offer_areas(self, ask: str) -> None:
        offer_areas(self.origin_province, self.origin_city, self.origin_district, ask=ask)

    @property
    def origin_area_code(self) -> str | None:
        return chosen_area(self.origin_city, self.origin_district)

    @property
    def declaration(self) -> ReturnDeclaration:
        """What the form says about a return; without one, whatever else was once typed there counts for nothing."""
        is_from_abroad = self.is_from_abroad.data == YES
        is_returnee = self.is_returnee.data == YES
        if not (is_returnee or is_from_abroad):
            return ReturnDeclaration()
        return ReturnDeclaration(
            is_returnee=is_returnee,
            arrival_date=self.arrival_date.data,
            transport=member(Transport, self._answer("transport")),
            is_from_abroad=is_from_abroad,
            origin_area_code=None if is_from_abroad else self.origin_area_code,
            origin_country=self._country() if is_from_abroad else None,
            quarantine_method=member(QuarantineMethod, self._answer("quarantine_method")),
        )

    def _answer(self, name: str) -> Any:
        """What stands in a field that not every form has."""
        return self[name].data if name in self else None

    def _country(self) -> str | None:
        code = self.origin_country.data
        return code if code and any(code == known for known, _ in self.origin_country.choices or ()) else None

    @property
    def filled(self) -> FilledForm:
        """The form's content, normalised; only after validate() said yes."""
        return FilledForm(
            name=self.name.data,
            document_type=DocumentType[self.document_type.data],
            document_number=self.checked_document_number,
            phone=self.checked_phone,
            address=self._answer("address"),
            plate=self._plate,
            declaration=self.declaration,
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """Return whether all is in order; every fault stands beside its field, not the first only."""
        is_valid = super().validate(extra_validators)
        declaration = self.declaration
        faults = [fault for fault in declaration_errors(declaration, self.today) if self._is_new(fault)]
        for fault in faults:
            self._beside(fault)
        return is_valid and not faults

    def _is_new(self, fault: DomainError) -> bool:
        """Whether it is asked for and has no fault yet: a date that cannot be read is not also missing."""
        name = _name_of(fault)
        return name in self and not self[name].errors

    def _beside(self, fault: DomainError) -> None:
        field = self[_name_of(fault)]
        is_half_chosen = field.short_name == "origin_district" and bool(self._answer("origin_province"))
        text = gettext("出发地请选到区县") if is_half_chosen else gettext(fault.message, **fault.params)
        field.errors = [*field.errors, text]

    def validate_plate_number(self, field: StringField) -> None:
        self._plate = checked(lambda: check_plate(field.data)) if field.data else None

    def validate_address(self, field: StringField) -> None:
        if not field.data:
            raise ValidationError(gettext("请填写现住地址"))
        if not SHORTEST_ADDRESS <= len(field.data) <= LONGEST_ADDRESS:
            raise ValidationError(gettext("请输入详细地址：如xx小区xx号楼xx单元xx室"))

    def validate_is_returnee(self, field: RadioField) -> None:
        if field.data and field.data not in (YES, NO):
            raise ValidationError(gettext("请选择是否外地返回"))

    def validate_is_from_abroad(self, field: RadioField) -> None:
        if self.is_returnee.data == YES and field.data not in (YES, NO):
            raise ValidationError(gettext("请选择是否国外返回"))


def _name_of(fault: DomainError) -> str:
    return _FIELD_OF.get(fault.field or "", fault.field or "")
