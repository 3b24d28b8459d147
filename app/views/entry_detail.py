"""「详情」 of an entry: the form as it was filled in, masked (Z78)."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for
from flask_babel import gettext
from sqlalchemy import select

from app.access import everything
from app.domain.labels import N_
from app.extensions import db
from app.models import Account, EntryRecord, EntrySource, Registration
from app.models.entry import entry_moment
from app.services.reveal import Revealed
from app.views.format import date_text, label_text, moment_text, origin_text, yes_no
from app.views.page import Field, Link, Section


def entry_sections(row: EntryRecord, outcome: str) -> Sequence[Section]:
    """Return what is on record of an entry: when and where, who, and what the form says about a return."""
    return (_entry(row, outcome), _person(row), return_section(row.registration))


def _entry(row: EntryRecord, outcome: str) -> Section:
    fields = [
        Field(gettext("登记时间"), moment_text(row.recorded_at)),
        Field(gettext("登记来源"), label_text(row.source)),
        Field(gettext("所属小区"), row.venue.name),
        Field(gettext("通行结果"), outcome),
        Field(gettext("状态颜色"), label_text(row.color)),
        Field(gettext("重点地区返回"), yes_no(row.is_key_area)),
        Field(gettext("隔离期间外出"), yes_no(row.is_breach)),
    ]
    if row.source is EntrySource.MANUAL:
        # The id carries when the row came; the entry itself was when the paper says (Z75).
        fields += [
            Field(gettext("录入时间"), moment_text(entry_moment(row.id))),
            Field(gettext("录入人"), _recorder(row)),
        ]
    return Section(gettext("登记信息"), fields)


def _recorder(row: EntryRecord) -> str:
    with everything("the name of who typed in a record that was fetched in scope"):
        query = select(Account.first_name).where(Account.id == row.recorded_by_id)
        return db.session.execute(query).scalar() or ""


def _person(row: EntryRecord) -> Section:
    person, form = row.person, row.registration
    return Section(
        gettext("人员信息"),
        [
            Field(gettext("姓名"), form.name),
            Field(gettext("证件类型"), label_text(person.document_type)),
            Field(gettext("证件号"), person.masked_document, is_masked=True),
            Field(gettext("手机号"), person.masked_phone, is_masked=True),
            Field(gettext("现住地址"), form.masked_address, is_masked=True, is_wide=True),
            Field(gettext("车牌号"), form.plate or ""),
        ],
        reveal=Link(gettext("查看完整"), url_for("RevealView.ask", subject="entry", key=row.id), modal=True),
    )


def return_section(form: Registration) -> Section:
    """Return what a form says about a return (Z-S2)."""
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


def revealed(row: EntryRecord) -> list[Revealed]:
    """Return what 「查看完整」 shows of an entry."""
    return [
        Revealed(N_("姓名"), row.registration.name),
        Revealed(N_("证件号"), row.person.document_number),
        Revealed(N_("手机号"), row.person.phone),
        Revealed(N_("现住地址"), row.registration.address or ""),
    ]
