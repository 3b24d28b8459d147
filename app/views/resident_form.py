"""「编辑」 of a resident: the person's particulars, checked like on the scan page (Z-R7, Z-S10)."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import get_locale, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from app.domain.documents import DocumentType, check_document, check_phone, check_plate
from app.domain.errors import DomainError
from app.domain.text import clean, person_name
from app.forms.paper import PaperForm
from app.forms.registration import LONGEST_ADDRESS, SHORTEST_ADDRESS
from app.models import Residency
from app.services import by_hand, residents
from app.services.audit import Actor
from app.views.format import profile, today
from app.views.forms import error_text
from app.views.identity import compound_in_hand


class PersonForm(FlaskForm):
    """Who it is, where they live and what they drive, with the manual's labels."""

    name = StringField(
        lazy_gettext("姓名"),
        [InputRequired(lazy_gettext("请填写姓名")), Length(min=2, max=64)],
        filters=[lambda v: person_name(v or "")],
    )
    document_type = RadioField(
        lazy_gettext("证件类型"),
        choices=[(kind.name, lazy_gettext(kind.label)) for kind in DocumentType],
        default=DocumentType.ID_CARD.name,
    )
    document_number = StringField(
        lazy_gettext("证件号"), [Optional()], description=lazy_gettext("留空表示不修改；在册号码以星号遮盖显示在框中")
    )
    phone = StringField(lazy_gettext("手机号"), [Optional()], description=lazy_gettext("留空表示不修改"))
    address = StringField(
        lazy_gettext("现住地址"),
        [
            Optional(),
            Length(
                min=SHORTEST_ADDRESS,
                max=LONGEST_ADDRESS,
                message=lazy_gettext("请输入详细地址：如xx小区xx号楼xx单元xx室"),
            ),
        ],
        filters=[lambda v: clean(v or "")],
        description=lazy_gettext("留空表示不修改"),
    )
    plate_number = StringField(lazy_gettext("车牌号"), [Optional()])

    def validate_document_number(self, field: Any) -> None:
        field.data = _checked(lambda: check_document(DocumentType[self.document_type.data], field.data, today=today()))

    def validate_phone(self, field: Any) -> None:
        field.data = _checked(lambda: check_phone(field.data))

    def validate_plate_number(self, field: Any) -> None:
        field.data = _checked(lambda: check_plate(field.data))


def _checked(check: Any) -> str:
    try:
        return str(check())
    except DomainError as fault:
        raise ValidationError(error_text(fault)) from fault


class ResidentForm(PaperForm):
    """「新建」: what the manager knows of somebody who isolates at home; nobody signs anything for it (Z71)."""

    consent = None


def empty_form() -> ResidentForm:
    """Return the form of 「新建」 for the compound in hand."""
    return ResidentForm(
        request.form if request.method == "POST" else None,
        profile=profile(),
        today=today(),
        language=get_locale().language,
        document_type=DocumentType.ID_CARD.name,
    )


def create(form: ResidentForm, actor: Actor) -> None:
    by_hand.add_resident(form.filled, venue=compound_in_hand(), actor=actor)


def filled_form(row: Residency) -> PersonForm:
    """Return the form of 「编辑」; numbers on record show masked and stay as they are while nothing is typed."""
    person, signed = row.person, row.registration
    known = {"name": person.name, "document_type": person.document_type.name, "plate_number": signed.plate}
    form = PersonForm(data=known)
    form.document_number.render_kw = {"placeholder": person.masked_document, "autocomplete": "off"}
    form.phone.render_kw = {"placeholder": person.masked_phone, "autocomplete": "off"}
    form.address.render_kw = {"placeholder": signed.masked_address, "autocomplete": "off"}
    return form


def correct(row: Residency, form: PersonForm, actor: Actor) -> None:
    details = residents.PersonDetails(
        name=form.name.data,
        document_type=DocumentType[form.document_type.data],
        document_number=form.document_number.data or row.person.document_number,
        phone=form.phone.data or row.person.phone,
        address=form.address.data or row.registration.address,
        plate=form.plate_number.data or None,
    )
    residents.correct_person(row, details, actor)
