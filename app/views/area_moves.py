"""「区划移动」: a street, community or compound under another parent: chosen, previewed in numbers, confirmed, watched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_appbuilder import AppBuilder, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import Select, select
from werkzeug.wrappers import Response as BaseResponse
from wtforms import SelectField
from wtforms.validators import InputRequired

from app.domain.areas import AreaLevel, area_level, parent_code
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.text import row_number
from app.extensions import db
from app.models import AreaMove, MoveState, Venue
from app.services import area_edits, area_move_run, area_moves, areas
from app.services.area_moves import Preview
from app.views.areas import EDITORS, parents_for
from app.views.declarations import ListColumn, Screen
from app.views.format import moment_text
from app.views.forms import error_text, form_response, show_fault
from app.views.identity import account
from app.views.page import Cell, Field, Figure, FormPage, Link
from app.views.progress import ProgressPage
from app.views.trail_words import SUBJECTS
from app.views.watched import WatchedView

_TABLES = {
    **SUBJECTS,
    "registration": N_("登记表"),
    "account_venue": N_("账号与小区"),
    "entry_hour_total": N_("小时统计"),
    "venue_entry_total": N_("场所统计"),
    "area_entry_total": N_("区划统计"),
    "former_area_code": N_("旧区划代码"),
}
_TONES = {MoveState.RUNNING: "blue", MoveState.FINISHED: "green", MoveState.FAILED: "red"}


@dataclass(frozen=True)
class _Asked(FormPage):
    """The question, with the numbers of what comes along."""

    facts: Sequence[Field] = ()


class MoveForm(FlaskForm):
    """Where to."""

    target = SelectField(lazy_gettext("移动到"), [InputRequired(lazy_gettext("请选择上级区划"))])


def _query() -> Select[Any]:
    return select(AreaMove)


def _state(row: AreaMove) -> Cell:
    return Cell(gettext(row.state.label), _TONES[row.state])


SCREEN = Screen(
    title=N_("区划移动"),
    roles=EDITORS,
    query=_query,
    order=(AreaMove.id,),
    columns=(
        ListColumn("name", N_("区划或小区"), lambda row: row.name),
        ListColumn("from", N_("原区划代码"), lambda row: row.from_code, kind="mono"),
        ListColumn("to", N_("新区划代码"), lambda row: row.to_code, kind="mono"),
        ListColumn("rows", N_("行数"), lambda row: f"{row.total:,}", kind="number"),
        ListColumn("state", N_("状态"), _state, kind="status"),
        ListColumn("created_at", N_("提交时间"), lambda row: moment_text(row.created_at), kind="datetime"),
    ),
    empty_title=N_("还没有移动过区划"),
    empty_hint=N_("在「区划管理」中打开街道、社区，点击「移动」。"),
    export_roles=frozenset(),
)


class AreaMoveView(WatchedView):
    """A move is asked for in two steps and watched on a page of its own."""

    route_base = "/area-moves"
    screen = SCREEN

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        return {**super().permitted_roles(), "can_move": EDITORS}

    @expose("/ask", methods=["GET", "POST"])
    @has_access
    @permission_name("move")
    def ask(self) -> str | BaseResponse:
        """Ask where to; show what would come along; order it once that was confirmed."""
        code, venue = _subject()
        form = MoveForm()
        form.target.choices = _targets(code, venue)
        fault = None
        if request.method == "POST" and form.validate():
            try:
                seen = _preview(code, venue, form.target.data)
                if request.form.get("confirmed") != "1":
                    return _question(seen)
                move = area_moves.order(seen, account=account())
            except DomainError as refused:
                db.session.rollback()
                fault = refused
            else:
                flash(gettext("已开始移动"), "success")
                return redirect(url_for("AreaMoveView.show", key=move.id))
        if fault is not None:
            show_fault(form, fault)
        return form_response(
            FormPage(
                title=gettext("移动区划"),
                lead=venue.name if venue is not None else areas.full_name(code),
                form=form,
                submit_label=gettext("下一步"),
                cancel_url=url_for("AreaView.list"),
                notes=[gettext("下级区划、小区、居民、进出记录、账号和统计一起移动。张贴的二维码不受影响。")],
            )
        )

    def progress_page(self, row: AreaMove) -> ProgressPage:
        """Return how far the move is."""
        return ProgressPage(
            title=f"{gettext(SCREEN.title)} · {row.name}",
            lead=f"{row.from_code} → {row.to_code}",
            status=_state(row),
            done=area_move_run.progress_of(row),
            total=row.total,
            is_finished=row.state is not MoveState.RUNNING,
            progress_url=url_for("AreaMoveView.progress", key=row.id),
            refresh_url=url_for("AreaMoveView.show", key=row.id),
            figures=_figures(row),
            notes=_notes(row),
            back=Link(gettext(SCREEN.title), url_for("AreaMoveView.list")),
        )


def _subject() -> tuple[str, Venue | None]:
    """Return the area that the address names, or its compound's, with the compound; 404 for neither."""
    if key := row_number(request.args.get("venue", "")):
        venue = db.session.execute(select(Venue).where(Venue.id == key)).scalar_one_or_none()
        return (venue.area_code, venue) if venue is not None else abort(404)
    try:
        return area_edits.find(request.args.get("area", "")).code, None
    except DomainError as fault:
        flash(error_text(fault), "warning")
        abort(404)


def _targets(code: str, venue: Venue | None) -> list[tuple[str, str]]:
    level: AreaLevel | None = area_level(code) if venue is not None else area_level(code).parent
    return parents_for([level] if level is not None else [])


def _preview(code: str, venue: Venue | None, target: str) -> Preview:
    return area_moves.preview_area(code, target) if venue is None else area_moves.preview_venue(venue, target)


def _question(seen: Preview) -> str:
    target = seen.to_code if seen.venue_id is not None else (parent_code(seen.to_code) or "")
    facts = [
        Field(gettext("移动到"), areas.full_name(target)),
        Field(gettext("新区划代码"), seen.to_code),
        *(Field(gettext(_TABLES.get(table, table)), f"{count:,}") for table, count in seen.counts),
    ]
    page = _Asked(
        title=gettext("移动区划"),
        lead=gettext("「%(name)s」将移动到「%(target)s」，确定？", name=seen.name, target=areas.full_name(target)),
        form=None,
        submit_label=gettext("确定移动"),
        cancel_url=url_for("AreaView.list"),
        danger=True,
        hidden=[("target", target)],
        facts=facts,
    )
    return render_template("admin/confirm.html", page=page)


def _figures(move: AreaMove) -> Sequence[Figure]:
    return [Figure(gettext("行数"), f"{area_move_run.progress_of(move):,}", key="rows")]


def _notes(move: AreaMove) -> Sequence[str]:
    if move.state is MoveState.FAILED:
        return [gettext("移动没有完成，什么也没有改变。请系统管理员在「系统状态」查看失败的任务后重新移动。")]
    return ()


def register(appbuilder: AppBuilder) -> None:
    """Add the screen."""
    appbuilder.add_view(
        AreaMoveView(), "AreaMoveView", label=SCREEN.title, category="accounts", category_label=N_("账号与权限")
    )
