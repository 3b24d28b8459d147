"""The form 「为家人申领」 (F-P4): labels and hints are the guide's; the questions about health are the region's."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, RadioField, SelectField, ValidationError

from app.domain.documents import DocumentType
from app.domain.relatives import Relation
from app.forms.fields import NO, Needed, again, choice_field, labels, member, name_field, text_field, yes_no_field
from app.forms.person import LONGEST_NAME, ProvenPhoneForm
from app.profiles.model import RelativesPolicy
from app.services.relatives import RelativeApplication

_ANSWER = "answer_"


class RelativeForm(ProvenPhoneForm):
    """The relative, the phone that answers, and the pledge; `form_for` adds the questions before it."""

    relation = choice_field(lazy_gettext("他/她与您的关系"), Needed())
    name = name_field(
        lazy_gettext("他/她的姓名"),
        Needed(),
        autocomplete="off",
        maxlength=LONGEST_NAME,
        placeholder=lazy_gettext("请输入真实的姓名"),
    )
    document_type = RadioField(lazy_gettext("他/她的证件类型"), [Needed()], choices=[], validate_choice=False)
    document_number = text_field(
        lazy_gettext("他/她的证件号码"),
        Needed(),
        autocomplete="off",
        maxlength=40,
        placeholder=lazy_gettext("请输入真实的证件号码"),
    )
    phone_number = text_field(
        lazy_gettext("他/她的手机号码"),
        Needed(),
        autocomplete="off",
        inputmode="tel",
        maxlength=30,
        placeholder=lazy_gettext("请输入真实的电话号码"),
    )
    sms_code = text_field(
        lazy_gettext("验证码"),
        Needed(),
        autocomplete="one-time-code",
        inputmode="numeric",
        maxlength=8,
        placeholder=lazy_gettext("请输入验证码"),
    )
    consent = BooleanField(lazy_gettext("本人郑重承诺"), [Needed(lazy_gettext("请阅读承诺并勾选"))])

    def __init__(
        self, typed: MultiDict[str, str] | None, *, policy: RelativesPolicy, today: date, language: str
    ) -> None:
        super().__init__(typed, today=today, document_type=DocumentType.ID_CARD.name)
        self._policy = policy
        self.relation.choices = [("", gettext("请选择")), *labels(rule.relation for rule in policy.relations)]
        for question in policy.questions:
            self[_ANSWER + question.key].label.text = question.text.in_(language)

    @property
    def questions(self) -> list[RadioField]:
        """The questions about health, in the region's order."""
        return [self[_ANSWER + question.key] for question in self._policy.questions]

    def application(self, *, form_number: int) -> RelativeApplication:
        """The form's content, normalised; only after validate() said yes."""
        return RelativeApplication(
            form_number=form_number,
            pledge_version=self._policy.pledge.version,
            sms_code=self.sms_code.data,
            relation=Relation[self.relation.data],
            name=self.name.data,
            document_type=DocumentType[self.document_type.data],
            document_number=self.checked_document_number,
            phone=self.checked_phone,
            # Whatever is answered and is not 否 counts as 是.
            answers={field.short_name.removeprefix(_ANSWER): field.data != NO for field in self.questions},
        )

    def validate_relation(self, field: SelectField) -> None:
        if member(Relation, field.data) not in {rule.relation for rule in self._policy.relations}:
            raise ValidationError(gettext("请选择他/她与您的关系"))


@cache
def form_for(policy: RelativesPolicy) -> type[RelativeForm]:
    """Return the form with the region's questions: WTForms reads the fields of a form from its class."""
    fields: dict[str, Any] = {
        _ANSWER + question.key: yes_no_field("", lazy_gettext("请选择")) for question in policy.questions
    }
    return type("RegionsRelativeForm", (RelativeForm,), {**fields, "consent": again(RelativeForm.consent)})
