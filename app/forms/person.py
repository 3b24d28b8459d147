"""Who a form is about: name, document and phone, checked at the server, every fault beside its field (Z-S10)."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import Form, RadioField, StringField, ValidationError

from app.domain.documents import DocumentType, check_document, check_phone
from app.forms.fields import Needed, checked, labels, member, name_field, text_field

SHORTEST_NAME, LONGEST_NAME = 2, 64


class PersonForm(Form):
    """The four fields that every form has of its person; labels and hints are the manual's (Z15)."""

    name = name_field(
        lazy_gettext("姓名"),
        Needed(),
        autocomplete="name",
        maxlength=LONGEST_NAME,
        placeholder=lazy_gettext("请填写您的姓名"),
    )
    document_type = RadioField(lazy_gettext("证件类型"), [Needed()], choices=[], validate_choice=False)
    document_number = text_field(
        lazy_gettext("证件号"),
        Needed(),
        autocomplete="off",
        maxlength=40,
        placeholder=lazy_gettext("请填写证件号码"),
    )
    phone_number = text_field(
        lazy_gettext("手机号"),
        Needed(),
        autocomplete="tel",
        inputmode="tel",
        maxlength=30,
        placeholder=lazy_gettext("请填写11位数字手机号"),
    )

    def __init__(self, typed: MultiDict[str, str] | None, *, today: date, **data: Any) -> None:
        super().__init__(typed, **data)
        self.today = today
        self.checked_document_number = self.checked_phone = ""
        self.document_type.choices = labels(DocumentType)

    def validate_name(self, field: StringField) -> None:
        if not field.data:
            raise ValidationError(gettext("请填写姓名"))
        if not SHORTEST_NAME <= len(field.data) <= LONGEST_NAME:
            raise ValidationError(gettext("姓名应为2到64个字"))

    def validate_document_type(self, field: RadioField) -> None:
        if member(DocumentType, field.data) is None:
            raise ValidationError(gettext("请选择证件类型"))

    def validate_document_number(self, field: StringField) -> None:
        kind = member(DocumentType, self.document_type.data)
        if not field.data:
            raise ValidationError(gettext("请填写证件号"))
        if kind is not None:
            self.checked_document_number = checked(lambda: check_document(kind, field.data, today=self.today))

    def validate_phone_number(self, field: StringField) -> None:
        self.checked_phone = checked(lambda: check_phone(field.data))


class ProvenPhoneForm(PersonForm):
    """A person whose phone answers by a code in a text message (Z-H1); the field for it is the form's own."""

    def validate_phone(self) -> bool:
        """Return whether the phone is one to which a code can be sent; a fault stands beside it."""
        return bool(self.phone_number.validate(self, [type(self).validate_phone_number]))

    def validate_sms_code(self, field: StringField) -> None:
        if not field.data:
            raise ValidationError(gettext("请输入验证码"))
