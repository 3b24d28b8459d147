"""The form 「郑好码」 (Z-H1): labels and order are the manual's; the fields that the resident's form has are the same."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import SelectField, StringField, ValidationError

from app.domain.declared_health import HealthCondition, ResidenceType
from app.domain.documents import DocumentType, check_plate
from app.domain.returns import Transport
from app.forms import places
from app.forms.fields import (
    YES,
    Needed,
    again,
    checked,
    choice_field,
    chosen_area,
    labels,
    member,
    offer_areas,
    text_field,
    yes_no_field,
)
from app.forms.person import ProvenPhoneForm
from app.forms.registration import LONGEST_ADDRESS, SHORTEST_ADDRESS, RegistrationForm
from app.profiles import Profile
from app.services.code_applications import Application

_LONGEST_CONNECTION = 20


class CodeApplicationForm(ProvenPhoneForm, RegistrationForm):
    """「郑好码」; the city of the address is fixed, its districts are the region's."""

    name = again(RegistrationForm.name)
    document_type = again(RegistrationForm.document_type)
    document_number = again(RegistrationForm.document_number)
    phone_number = again(RegistrationForm.phone_number)
    sms_code = text_field(
        lazy_gettext("短信验证码"), Needed(), autocomplete="one-time-code", inputmode="numeric", maxlength=8
    )
    residence_type = choice_field(lazy_gettext("居住类型"), Needed())
    residence_district = choice_field(lazy_gettext("区域"), Needed())
    residence_address = text_field(
        lazy_gettext("详细地址"),
        Needed(),
        autocomplete="street-address",
        maxlength=LONGEST_ADDRESS,
        placeholder=lazy_gettext("请输入详细地址"),
    )
    registered_province = choice_field(lazy_gettext("户籍省"))
    registered_city = choice_field(lazy_gettext("户籍市"))
    registered_district = choice_field(lazy_gettext("户籍区县"))
    condition = choice_field(lazy_gettext("当前健康状况"), Needed())
    has_contact = yes_no_field(
        lazy_gettext("近14天接触人员是否接触过新冠病人疑似病人"),
        lazy_gettext("请选择近14天接触人员是否接触过新冠病人疑似病人"),
    )
    is_returnee = again(RegistrationForm.is_returnee)
    arrival_date = again(RegistrationForm.arrival_date)
    transport = again(RegistrationForm.transport)
    connection_number = text_field(
        lazy_gettext("车牌号/航班号/火车车次"),
        autocomplete="off",
        maxlength=_LONGEST_CONNECTION,
        placeholder=lazy_gettext("请输入车牌号/航班号/火车车次"),
    )
    is_from_abroad = again(RegistrationForm.is_from_abroad)
    origin_province = again(RegistrationForm.origin_province)
    origin_city = again(RegistrationForm.origin_city)
    origin_district = again(RegistrationForm.origin_district)
    origin_country = again(RegistrationForm.origin_country)
    consent = again(RegistrationForm.consent)
    # The manual's form does not ask for these.
    address = plate_number = quarantine_method = None

    def __init__(
        self, typed: MultiDict[str, str] | None, *, profile: Profile, today: date, language: str, **data: Any
    ) -> None:
        self._profile = profile
        self._connection: str | None = None
        super().__init__(typed, profile=profile, today=today, language=language, **data)
        self.residence_type.choices = [("", gettext("请选择居住类型")), *labels(ResidenceType)]
        self.condition.choices = [("", gettext("请选择当前健康状况")), *labels(HealthCondition)]
        self.residence_district.choices = [("", gettext("请选择区域")), *places.areas_below(profile.area_code)]
        registered = (self.registered_province, self.registered_city, self.registered_district)
        offer_areas(*registered, ask=gettext("请选择户籍所在地"))

    def city_name(self, language: str) -> str:
        """Province and city of every address here, which are not asked; of a province its name alone."""
        names = (self._profile.province_name.in_(language), self._profile.region_name.in_(language))
        return " ".join(dict.fromkeys(names))

    @property
    def registered_area_code(self) -> str | None:
        """户籍所在地: the district; the city where it has none."""
        return chosen_area(self.registered_city, self.registered_district)

    def application(self, *, form_number: int) -> Application:
        """The form's content, normalised; only after validate() said yes."""
        return Application(
            form_number=form_number,
            pledge_version=self._profile.pledge.version,
            sms_code=self.sms_code.data,
            name=self.name.data,
            document_type=DocumentType[self.document_type.data],
            document_number=self.checked_document_number,
            phone=self.checked_phone,
            residence_type=ResidenceType[self.residence_type.data],
            area_code=self.residence_district.data,
            address=self.residence_address.data,
            registered_area_code=str(self.registered_area_code),
            condition=HealthCondition[self.condition.data],
            has_contact=self.has_contact.data == YES,
            connection_number=self._connection if self.declaration.has_return else None,
            declaration=self.declaration,
        )

    def validate_residence_type(self, field: SelectField) -> None:
        if member(ResidenceType, field.data) is None:
            raise ValidationError(gettext("请选择居住类型"))

    def validate_condition(self, field: SelectField) -> None:
        if member(HealthCondition, field.data) is None:
            raise ValidationError(gettext("请选择当前健康状况"))

    def validate_residence_district(self, field: SelectField) -> None:
        if field.data not in {code for code, _ in places.areas_below(self._profile.area_code)}:
            raise ValidationError(gettext("请选择区域"))

    def validate_residence_address(self, field: StringField) -> None:
        if not SHORTEST_ADDRESS <= len(field.data or "") <= LONGEST_ADDRESS:
            raise ValidationError(gettext("请输入详细地址，至少4个字"))

    def validate_registered_province(self, _field: SelectField) -> None:
        if self.registered_area_code is None:
            raise ValidationError(gettext("请选择户籍所在地"))

    def validate_connection_number(self, field: StringField) -> None:
        """A plate is checked as one; numbers of flights and trains are taken as they are."""
        if field.data and self.declaration.has_return and self.transport.data == Transport.SELF_DRIVE.name:
            self._connection = checked(lambda: check_plate(field.data))
        else:
            self._connection = field.data.upper() if field.data else None
