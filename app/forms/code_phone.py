"""The form 「更换手机号」 of a code page: both phones, and the codes that were sent to them."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import Form, StringField, ValidationError

from app.domain.documents import check_phone
from app.forms.registration import Needed, checked, text_field
from app.services.phone_changes import NewPhone

_LOOKS = {"inputmode": "tel", "maxlength": 11}
_CODE_LOOKS = {"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": 8}


class CodePhoneForm(Form):
    """Labels say which phone is meant; each has its own button for a code."""

    old_phone = text_field(lazy_gettext("原手机号"), Needed(), **_LOOKS)
    old_code = text_field(lazy_gettext("原手机号验证码"), Needed(), **_CODE_LOOKS)
    new_phone = text_field(lazy_gettext("新手机号"), Needed(), **_LOOKS)
    new_code = text_field(lazy_gettext("新手机号验证码"), Needed(), **_CODE_LOOKS)

    def __init__(self, typed: Any = None) -> None:
        self.phones: dict[str, str] = {}
        super().__init__(typed)

    def phone(self, name: str) -> str | None:
        """The phone of that field where it is one; else None, and the fault stands beside it."""
        is_sound = self[name].validate(self, [getattr(type(self), f"validate_{name}")])
        return self.phones[name] if is_sound else None

    def validate_old_phone(self, field: StringField) -> None:
        self.phones["old_phone"] = checked(lambda: check_phone(field.data))

    def validate_new_phone(self, field: StringField) -> None:
        self.phones["new_phone"] = checked(lambda: check_phone(field.data))

    def validate_old_code(self, field: StringField) -> None:
        self._require(field)

    def validate_new_code(self, field: StringField) -> None:
        self._require(field)

    @staticmethod
    def _require(field: StringField) -> None:
        if not field.data:
            raise ValidationError(gettext("请输入验证码"))

    @property
    def content(self) -> NewPhone:
        """What was typed; only after validate() said yes."""
        return NewPhone(
            old_phone=self.phones["old_phone"],
            old_code=self.old_code.data,
            new_phone=self.phones["new_phone"],
            new_code=self.new_code.data,
        )
