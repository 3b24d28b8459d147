"""「详情」 of an entry: the form as it was filled in, masked (Z78)."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import select

from app.access import everything
from app.domain.labels import N_
from app.extensions import db
from app.models import Account, EntryRecord, EntrySource
from app.models.entry import entry_moment
from app.services.reveal import Revealed
from app.views.form_sections import person_section, return_section
from app.views.format import label_text, moment_text, yes_no
from app.views.page import Field, Section


def entry_sections(
    row: EntryRecord, outcome: str, *, subject: str = "entry", place: str = N_("所属小区")
) -> Sequence[Section]:
    """Return what is on record of an entry: when and where, who, and what the form says about a return.

    `subject` is the name under which the record can be shown in full, `place` what its venue is called.
    """
    return (
        _entry(row, outcome, place),
        person_section(row.person, row.registration, name=row.registration.name, subject=subject, key=row.id),
        return_section(row.registration),
    )


def _entry(row: EntryRecord, outcome: str, place: str) -> Section:
    fields = [
        Field(gettext("登记时间"), moment_text(row.recorded_at)),
        Field(gettext("登记来源"), label_text(row.source)),
        Field(gettext(place), row.venue.name),
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


def revealed(row: EntryRecord) -> list[Revealed]:
    """Return what 「查看完整」 shows of an entry."""
    return [
        Revealed(N_("姓名"), row.registration.name),
        Revealed(N_("证件号"), row.person.document_number),
        Revealed(N_("手机号"), row.person.phone),
        Revealed(N_("现住地址"), row.registration.address or ""),
    ]
