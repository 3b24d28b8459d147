"""A filled-in form as a record shows it: the person, masked, and what it says about a return (Z-S2)."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext

from app.models import Person, Registration
from app.views.format import date_text, label_text, origin_text, yes_no
from app.views.page import Field, Link, Section
from app.views.sites import here


def person_section(person: Person, form: Registration, *, name: str, subject: str, key: int) -> Section:
    """Return who it is about under `name`; 「查看完整」 asks for a reason to show `subject` number `key` in full."""
    return Section(
        gettext("人员信息"),
        [
            Field(gettext("姓名"), name),
            Field(gettext("证件类型"), label_text(person.document_type)),
            Field(gettext("证件号"), person.masked_document, is_masked=True),
            Field(gettext("手机号"), person.masked_phone, is_masked=True),
            Field(gettext("现住地址"), form.masked_address, is_masked=True, is_wide=True),
            Field(gettext("车牌号"), form.plate or ""),
        ],
        reveal=Link(gettext("查看完整"), url_for(here("RevealView.ask"), subject=subject, key=key), modal=True),
    )


def return_section(form: Registration) -> Section:
    """Return what a form says about a return."""
    return Section(
        gettext("返回信息"),
        [
            Field(gettext("是否外地返回"), yes_no(form.is_returnee)),
            Field(gettext("来郑日期"), date_text(form.arrival_date)),
            Field(gettext("交通方式"), label_text(form.transport)),
            Field(gettext("是否国外返回"), yes_no(form.is_from_abroad)),
            Field(gettext("出发地"), origin_text(form)),
            Field(gettext("隔离方式"), label_text(form.quarantine_method)),
        ],
    )
