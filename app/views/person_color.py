"""A person's colour: to whom, why, since when, and who looked (X1). Opened with a purpose, on record."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from app import clock
from app.domain.colors import Color
from app.domain.roles import Role
from app.extensions import db
from app.models import Person, Residency
from app.services import evidence_desk, health_colors, look_ups
from app.services.health_colors import PersonColor
from app.views.format import label_text, moment_text
from app.views.forms import form_response
from app.views.health_cells import READERS, color_cell, kind_text, owner_text, reason_text, state_cell
from app.views.identity import account
from app.views.page import Cell, Column, DetailPage, EmptyState, Field, FormPage, Link, Row, Section

_SHORTEST_PURPOSE = 4


class PurposeForm(FlaskForm):
    purpose = TextAreaField(
        lazy_gettext("查看目的"),
        [
            InputRequired(lazy_gettext("请写明查看目的（至少 4 个字）")),
            Length(min=_SHORTEST_PURPOSE, max=200, message=lazy_gettext("请写明查看目的（至少 4 个字）")),
        ],
    )


def health_section(row: Residency) -> Section:
    """What a manager of the resident sees: the colour and one sentence (X1)."""
    moment = clock.now()
    found = health_colors.color_of(row.person.document_index, moment)
    if found.reasons:
        # The sentence tells a reason: the person sees which office read it (issue 2.3).
        look_ups.looked(row.person.document_index, account=account())
    fields = [
        Field(gettext("健康码"), color_cell(found.color)),  # type: ignore[arg-type]  # drawn as a label
        Field(gettext("颜色说明"), sentence(found), is_wide=True),
        Field(gettext("自动变色时间"), moment_text(found.changes_at)),
    ]
    ask = Link(gettext("查看颜色依据"), url_for("PersonColorView.show", key=row.id))
    return Section(gettext("健康码"), fields, reveal=ask if account().role in READERS else None)


def sentence(found: PersonColor) -> str:
    """Why the person is of that colour; green needs no reason."""
    worst = next((reason for reason in found.reasons if reason.color is found.color), None)
    return reason_text(worst) if worst and found.color is not Color.GREEN else ""


class PersonColorView(BaseView):
    """Asks for a purpose, then shows reasons, evidence, history and look-ups of one person in scope."""

    route_base = "/person-color"
    default_view = "show"

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        return {"can_show": READERS}

    @expose("/<int:key>", methods=["GET", "POST"])
    @has_access
    @permission_name("show")
    def show(self, key: int) -> Any:
        """Ask for the purpose; on a POST with one, show everything and leave a trace."""
        query = select(Residency).options(joinedload(Residency.person)).where(Residency.id == key)
        row = db.session.execute(query).scalars().first() or abort(404)
        form = PurposeForm()
        if request.method == "POST" and form.validate():
            look_ups.looked(row.person.document_index, account=account(), purpose=(form.purpose.data or "").strip())
            return render_template("admin/detail.html", page=_page(row))
        return form_response(_ask(row, form))


def _ask(row: Residency, form: PurposeForm) -> FormPage:
    back = url_for("ResidentView.show", key=row.id)
    return FormPage(
        title=gettext("查看颜色依据"),
        lead=f"{row.person.masked_name} {row.person.masked_document}",
        form=form,
        submit_label=gettext("查看"),
        cancel_url=back,
        notes=[gettext("查看会被记录：哪个单位、何时、因为什么；本人可以在健康码页面看到。")],
        back=Link(gettext("小区居民管理"), back),
    )


def _page(row: Residency) -> DetailPage:
    person = row.person
    found = health_colors.color_of(person.document_index, clock.now())
    return DetailPage(
        title=f"{person.masked_name} · {gettext('健康码')}",
        status=color_cell(found.color),
        sections=[_now(found), *_evidence(person), _looks(person)],
        table=_history(person),
        empty=EmptyState(gettext("颜色没有变化过")),
        back=Link(gettext("小区居民管理"), url_for("ResidentView.show", key=row.id)),
    )


def _now(found: PersonColor) -> Section:
    fields = [
        Field(gettext("规则版本"), found.rules_version or ""),
        Field(gettext("自动变色时间"), moment_text(found.changes_at)),
    ]
    for number, reason in enumerate(found.reasons, start=1):
        ends = moment_text(reason.ends_at) or gettext("不会自动结束")
        told = gettext(
            "%(color)s码：%(sentence)s 结束时间：%(ends)s",
            color=label_text(reason.color),
            sentence=reason_text(reason),
            ends=ends,
        )
        fields.append(Field(gettext("原因 %(number)s", number=number), told, is_wide=True))
    return Section(gettext("现在的颜色"), fields)


def _evidence(person: Person) -> list[Section]:
    """All evidence, each with its state, and whether it is this office's."""
    fields = [
        Field(
            f"{moment_text(row.began_at)} {kind_text(row)}",
            gettext(
                "%(state)s，来源：%(source)s，责任单位：%(owner)s",
                state=state_cell(row).text,
                source=label_text(row.source_kind),
                owner=owner_text(row),
            ),
            is_wide=True,
        )
        for row in evidence_desk.about(person.document_index)
    ]
    return [Section(gettext("依据"), fields)] if fields else []


def _looks(person: Person) -> Section:
    fields = [
        Field(moment_text(row.looked_at), row.office, is_wide=True) for row in look_ups.of_person(person.document_index)
    ]
    return Section(gettext("查看记录"), fields)


def _history(person: Person) -> tuple[list[Column], list[Row]]:
    columns = [
        Column("changed_at", gettext("变色时间"), "datetime"),
        Column("from", gettext("原来"), "status"),
        Column("to", gettext("变为"), "status"),
        Column("cause", gettext("原因")),
        Column("version", gettext("规则版本")),
    ]
    rows = [
        Row(
            str(change.id),
            [
                Cell(moment_text(change.changed_at)),
                color_cell(change.from_color),
                color_cell(change.to_color),
                Cell(label_text(change.cause)),
                Cell(change.rules_version),
            ],
        )
        for change in evidence_desk.changes_of(person.document_index)
    ]
    return columns, rows


def register(appbuilder: AppBuilder) -> None:
    """Add the view; it is reached from the resident's page."""
    appbuilder.add_view_no_menu(PersonColorView())
