"""「系统状态」: whether every part of the installation is well, and what to do where it is not; for the system administrator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from flask import flash, redirect, render_template, request, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app import clock
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.running import Light, worst
from app.extensions import db
from app.services import failed_jobs
from app.services.audit import Actor
from app.services.failed_jobs import FailedJob
from app.views.format import moment_text
from app.views.forms import error_text
from app.views.identity import actor
from app.views.page import Cell, Column, EmptyState, FormPage, Link, Row
from app.views.running_names import name_of
from app.views.system_parts import PARTS, Part

READERS = frozenset({Role.SYSTEM_ADMIN})
TITLE = N_("系统状态")
_MAIN_PARTS = ("Flask", "Flask-AppBuilder", "SQLAlchemy", "rq", "redis", "granian", "psycopg")
_Act = Callable[..., None]


@dataclass(frozen=True)
class Block:
    """A part of the page: a table under a title."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]


@dataclass(frozen=True)
class SystemPage:
    """All parts, and the worst of their lights."""

    title: str
    lead: str
    status: Cell
    blocks: Sequence[Block]
    failed: Block
    nothing_failed: EmptyState


class SystemView(BaseView):
    """One page; failed jobs are tried again or dropped from it."""

    route_base = "/system"
    default_view = "list"

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        return {"menu_access": READERS, "can_list": READERS, "can_act": READERS}

    @expose("/")
    @has_access
    @permission_name("list")
    def list(self) -> str:
        """Show what is well and what is not, as of now."""
        found = [(title, part()) for title, part in PARTS]
        light = worst([each.judged.light for _title, parts in found for each in parts])
        page = SystemPage(
            title=gettext(TITLE),
            lead=gettext("截至 %(moment)s", moment=moment_text(clock.now())),
            status=Cell(gettext(light.label), light.tone),
            blocks=[_block(gettext(title), parts) for title, parts in found] + [_versions()],
            failed=_failed(),
            nothing_failed=EmptyState(gettext("没有失败的任务")),
        )
        return render_template("admin/system.html", page=page)

    @expose("/jobs/<queue>/<name>/retry", methods=["POST"])
    @has_access
    @permission_name("act")
    def retry(self, queue: str, name: str) -> BaseResponse:
        """Put a failed job into its queue again."""
        return _done(failed_jobs.retry, queue, name, gettext("任务已重新排队"))

    @expose("/jobs/<queue>/<name>/drop", methods=["POST"])
    @has_access
    @permission_name("act")
    def drop(self, queue: str, name: str) -> str | BaseResponse:
        """Remove a failed job for good, once that was asked."""
        if request.form.get("confirmed") != "1":
            page = FormPage(
                title=gettext("移除"),
                lead=gettext(_DROP),
                form=None,
                submit_label=gettext("确定"),
                cancel_url=url_for("SystemView.list"),
                danger=True,
            )
            return render_template("admin/confirm.html", page=page)
        return _done(failed_jobs.drop, queue, name, gettext("任务已移除"))


_DROP = N_("移除后这个任务不再执行。确定移除？")


def _done(act: _Act, queue: str, name: str, done: str) -> BaseResponse:
    who: Actor = actor()
    try:
        act(queue, name, actor=who)
    except DomainError as fault:
        db.session.rollback()
        flash(error_text(fault), "warning")
    else:
        flash(done, "success")
    return redirect(url_for("SystemView.list"))


def _block(title: str, parts: Sequence[Part]) -> Block:
    columns = [
        Column("name", gettext("项目")),
        Column("light", gettext("状态"), "status"),
        Column("facts", gettext("情况"), is_wide=True),
        Column("advice", gettext("处理办法"), is_wide=True),
    ]
    rows = [
        Row(
            key=part.name,
            cells=[
                Cell(part.name),
                Cell(gettext(part.judged.light.label), part.judged.light.tone),
                Cell(part.facts),
                Cell(gettext(part.judged.advice) if part.judged.advice else ""),
            ],
        )
        for part in parts
    ]
    return Block(title, columns, rows)


def _versions() -> Block:
    columns = [Column("name", gettext("项目")), Column("version", gettext("版本"), "mono")]
    rows = [Row(key=name, cells=[Cell(name), Cell(version(name))]) for name in _MAIN_PARTS]
    return Block(gettext("主要组件版本"), columns, rows)


def _failed() -> Block:
    columns = [
        Column("work", gettext("任务"), "mono"),
        Column("queue", gettext("队列")),
        Column("about", gettext("对象编号"), "mono"),
        Column("fault", gettext("错误类型"), "mono"),
        Column("ended_at", gettext("失败时间"), "datetime"),
    ]
    return Block(gettext("失败的任务"), columns, [_failed_row(job) for job in failed_jobs.latest()])


def _failed_row(job: FailedJob) -> Row:
    return Row(
        key=job.id,
        cells=[
            Cell(job.work),
            Cell(name_of(job.queue)),
            Cell(job.about),
            Cell(job.fault),
            Cell(moment_text(job.ended_at) if job.ended_at else ""),
        ],
        tone=Light.ATTENTION.tone,
        links=[
            Link(gettext("重试"), url_for("SystemView.retry", queue=job.queue, name=job.id), method="post"),
            Link(
                gettext("移除"),
                url_for("SystemView.drop", queue=job.queue, name=job.id),
                style="danger",
                method="post",
                confirm=gettext(_DROP),
            ),
        ],
    )


def register(appbuilder: AppBuilder) -> None:
    """Add the page."""
    appbuilder.add_view(SystemView(), "SystemView", label=TITLE, category="accounts", category_label=N_("账号与权限"))
