"""「申诉处理」: appeals for whoever owns the evidence, with photos, a deadline and an answer (X2, issue 2.3)."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, url_for
from flask_appbuilder import AppBuilder, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from app import clock
from app.domain.labels import N_
from app.models import Appeal, AppealState
from app.services import appeals, files, look_ups
from app.services.audit import Actor
from app.services.screening import account_names
from app.views.declarations import Filter, ListColumn, RowAction, Screen
from app.views.first_page import WAITING, Waiting
from app.views.format import label_text, moment_text
from app.views.health_cells import (
    MENU,
    MENU_LABEL,
    OFFICERS,
    READERS,
    evidence_fields,
    kind_text,
    may_decide,
    near_deadline,
    owner_text,
    time_left,
)
from app.views.identity import account
from app.views.operation_log import ACTIONS
from app.views.page import Cell, Column, DetailPage, EmptyState, Field, Link, Row, Section
from app.views.screen_view import ScreenView

_TONES = {AppealState.OPEN: "yellow", AppealState.GRANTED: "green", AppealState.DENIED: "gray"}


class AnswerForm(FlaskForm):
    """The answer that the person reads."""

    answer = TextAreaField(
        lazy_gettext("答复"),
        [InputRequired(lazy_gettext("请填写答复")), Length(max=1000)],
        description=lazy_gettext("申诉人会在健康码页面看到这段答复。"),
    )


def _grant(row: Appeal, form: AnswerForm, _actor: Actor) -> None:
    appeals.grant(row.id, answer=form.answer.data or "", account=account())


def _deny(row: Appeal, form: AnswerForm, _actor: Actor) -> None:
    appeals.deny(row.id, answer=form.answer.data or "", account=account())


def _is_open(row: Appeal) -> bool:
    return row.state is AppealState.OPEN and may_decide(None, row.area_code, row.owner_role)


def _state(row: Appeal) -> Cell:
    return Cell(label_text(row.state), tone=_TONES[row.state])


def _left(row: Appeal) -> Cell:
    return time_left(row.due_at) if row.state is AppealState.OPEN else Cell("")


def _tone(row: Appeal) -> str:
    if row.state is not AppealState.OPEN:
        return ""
    return "red" if row.is_overdue(clock.now()) else "yellow" if row.due_at <= near_deadline() else ""


def _by_state(query: Select[Any], value: str) -> Select[Any]:
    return query.where(Appeal.state == AppealState[value])


def _by_deadline(query: Select[Any], value: bool) -> Select[Any]:
    return query.where(Appeal.state == AppealState.OPEN, Appeal.due_at <= near_deadline()) if value else query


def _subject(row: Appeal) -> str:
    return f"{row.evidence.masked_name} · {kind_text(row.evidence)}"


SCREEN = Screen(
    title=N_("申诉处理"),
    lead=N_("申诉由提出依据的单位在时限内答复；申诉成立后依据立即结束，颜色随之更新。"),
    roles=READERS,
    query=lambda: select(Appeal).options(joinedload(Appeal.evidence, innerjoin=True)),
    order=(Appeal.id,),
    columns=(
        ListColumn("name", N_("申诉人"), lambda row: row.evidence.masked_name),
        ListColumn("kind", N_("依据类型"), lambda row: kind_text(row.evidence)),
        ListColumn("reason", N_("申诉理由"), lambda row: _short(row.reason), in_export=False),
        ListColumn("state", N_("状态"), _state, kind="status"),
        ListColumn("left", N_("答复时限"), _left, kind="status"),
        ListColumn("owner", N_("责任单位"), owner_text),
        ListColumn("created_at", N_("申诉时间"), lambda row: moment_text(row.created_at), kind="datetime"),
    ),
    filters=(
        Filter("state", N_("状态"), _by_state, "select", lambda: [(each.name, each.label) for each in AppealState]),
        Filter("near", N_("只看临近或超过时限的"), _by_deadline, "checkbox"),
    ),
    row_tone=_tone,
    subject=_subject,
    actions=(
        RowAction(
            "grant",
            N_("申诉成立"),
            _grant,
            OFFICERS,
            done=N_("已答复，依据已结束，颜色已更新"),
            form=lambda _row: AnswerForm(),
            visible=_is_open,
            style="primary",
            confirm=N_("申诉成立后，这条依据立即结束。"),
        ),
        RowAction(
            "deny",
            N_("申诉不成立"),
            _deny,
            OFFICERS,
            done=N_("已答复"),
            form=lambda _row: AnswerForm(),
            visible=_is_open,
        ),
    ),
    empty_title=N_("没有申诉"),
    empty_hint=N_("居民在健康码页面提出的申诉会出现在这里。"),
    export_name="appeals",
)
_SHOWN = 40


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


class AppealView(ScreenView):
    """An appeal with its photos and the evidence that it is about."""

    route_base = "/appeals"
    screen = SCREEN

    def detail_page(self, row: Appeal, tab: str) -> DetailPage:  # noqa: ARG002 - one page has no tabs
        # Reasons are looked at: the person sees by which office (issue 2.3).
        look_ups.looked(row.document_index, account=account())
        return DetailPage(
            title=_subject(row),
            status=_state(row),
            sections=[
                Section(gettext("申诉内容"), _facts(row)),
                Section(gettext("申诉针对的依据"), evidence_fields(row.evidence)),
            ],
            table=_photos(row),
            empty=EmptyState(gettext("没有上传照片")),
            links=[self.action_link(action, row) for action in self.usable_actions(row)],
            back=Link(gettext(SCREEN.title), url_for("AppealView.list")),
        )

    @expose("/<int:key>/photos/<int:position>")
    @has_access
    @permission_name("show")
    def photo(self, key: int, position: int) -> Response:
        """Return a photo of the appeal."""
        found = [photo for photo in self.fetch(key).photos if photo.position == position] or abort(404)
        content = b"".join(files.pieces(found[0].file_id))
        kind = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
        return Response(content, mimetype=kind, headers={"Content-Disposition": "inline"})


def _facts(row: Appeal) -> list[Field]:
    names = account_names((row.decided_by_id,))
    return [
        Field(gettext("申诉理由"), row.reason, is_wide=True),
        Field(gettext("申诉时间"), moment_text(row.created_at)),
        Field(gettext("答复时限"), moment_text(row.due_at)),
        Field(gettext("责任单位"), owner_text(row)),
        Field(gettext("答复人"), names.get(row.decided_by_id or 0, "")),
        Field(gettext("答复时间"), moment_text(row.decided_at)),
        Field(gettext("答复"), row.answer or "", is_wide=True),
    ]


def _photos(row: Appeal) -> tuple[list[Column], list[Row]]:
    columns = [Column("photo", gettext("照片"))]
    rows = [
        Row(
            str(photo.position),
            [
                Cell(
                    gettext("照片 %(number)s", number=photo.position + 1),
                    url=url_for("AppealView.photo", key=row.id, position=photo.position),
                )
            ],
        )
        for photo in row.photos
    ]
    return columns, rows


def _waiting() -> Select[Any]:
    return select(Appeal.id).where(Appeal.state == AppealState.OPEN)


def _near() -> Select[Any]:
    return select(Appeal.id).where(Appeal.state == AppealState.OPEN, Appeal.due_at <= near_deadline())


def register(appbuilder: AppBuilder) -> None:
    """Add the screen, and what waits to the first page."""
    ACTIONS.update({"open_appeal": N_("提出申诉"), "granted_appeal": N_("申诉成立"), "denied_appeal": N_("申诉不成立")})
    appbuilder.add_view(AppealView(), "AppealView", label=SCREEN.title, category=MENU, category_label=MENU_LABEL)
    WAITING.append(Waiting(N_("待处理的申诉"), OFFICERS, _waiting, "AppealView.list", {"state": "OPEN"}))
    WAITING.append(Waiting(N_("申诉临近或超过时限"), OFFICERS, _near, "AppealView.list", {"near": "y"}, tone="red"))
