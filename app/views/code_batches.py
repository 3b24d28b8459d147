"""「二维码批次」: codes made in advance, their posters as files, and to whom they were given (Z-S7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, abort, url_for
from flask_appbuilder import AppBuilder, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import Select, select
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from app.domain.codes import MOST_AT_ONCE, BatchProgress, PrintForm
from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.sectors import CodeState
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import CodeBatch, CodePrint
from app.services import code_pool, code_prints
from app.services.audit import Actor
from app.views.codes import MANAGERS, kind_choices
from app.views.declarations import Creation, Filter, ListColumn, RowAction, Screen
from app.views.downloads import stored_file
from app.views.format import label_text, moment_text
from app.views.identity import account
from app.views.page import Cell, Column, Field, Figure, Link, Row, Section
from app.views.progress import ProgressPage
from app.views.watched import WatchedView

_TONES = {BatchProgress.RUNNING: "blue", BatchProgress.FINISHED: "green", BatchProgress.FAILED: "red"}


class BatchForm(FlaskForm):
    """「生成」 of a batch."""

    kind = SelectField(lazy_gettext("行业类型"))
    size = IntegerField(
        lazy_gettext("数量"),
        [InputRequired(lazy_gettext("请填写数量"))],
        render_kw={"inputmode": "numeric", "max": MOST_AT_ONCE, "min": 1},
    )
    remark = StringField(lazy_gettext("备注"), [Length(max=200)])


class HandOutForm(FlaskForm):
    """「下发」: to whom, and which numbers of the batch."""

    to = StringField(lazy_gettext("领取人"), [InputRequired(lazy_gettext("请填写领取人")), Length(max=120)])
    first = IntegerField(lazy_gettext("起始编号"), [Optional()], description=lazy_gettext("不填则下发整批"))
    last = IntegerField(lazy_gettext("结束编号"), [Optional()])


def _new_form() -> BatchForm:
    form = BatchForm()
    form.kind.choices = list(kind_choices())
    return form


def _create(form: BatchForm, _actor: Actor) -> CodeBatch:
    kind, remark = VenueKind[form.kind.data], form.remark.data or ""
    return code_pool.generate(kind=kind, size=form.size.data, remark=remark, account=account())


def _hand_out(row: CodeBatch, form: HandOutForm, actor: Actor) -> None:
    code_pool.hand_out(row, to=form.to.data or "", first=form.first.data, last=form.last.data, actor=actor)


def _print(form: PrintForm, label: str) -> RowAction:
    def order(row: CodeBatch, _form: Any, _actor: Actor) -> None:
        code_prints.order(row, form, account=account())

    return RowAction(
        f"print_{form.name.lower()}",
        label,
        order,
        MANAGERS,
        done=N_("已开始生成文件，完成后可在本批次的页面下载"),
        visible=_is_finished,
        on_list=False,
    )


def _is_finished(row: CodeBatch) -> bool:
    return row.state is BatchProgress.FINISHED


def _state(row: CodeBatch | CodePrint) -> Cell:
    return Cell(label_text(row.state), tone=_TONES[row.state])


SCREEN = Screen(
    title=N_("二维码批次"),
    roles=MANAGERS,
    query=lambda: select(CodeBatch),
    subject=lambda row: f"{label_text(row.kind)} {row.id}",
    order=(CodeBatch.id,),
    columns=(
        ListColumn("id", N_("批次"), lambda row: str(row.id), kind="number"),
        ListColumn("kind", N_("行业类型"), lambda row: label_text(row.kind)),
        ListColumn("size", N_("数量"), lambda row: f"{row.size:,}", kind="number"),
        ListColumn("made", N_("已生成"), lambda row: f"{row.made:,}", kind="number"),
        ListColumn("state", N_("状态"), _state, kind="status"),
        ListColumn("remark", N_("备注"), lambda row: row.remark or ""),
        ListColumn("created_at", N_("创建时间"), lambda row: moment_text(row.created_at), kind="datetime"),
    ),
    filters=(
        Filter(
            "kind",
            N_("行业类型"),
            lambda query, value: query.where(CodeBatch.kind == VenueKind[value]),
            "select",
            kind_choices,
            roles=frozenset({Role.CITY_ADMIN}),
        ),
    ),
    creation=Creation(
        _new_form,
        _create,
        MANAGERS,
        label=N_("生成二维码"),
        done=N_("已开始生成，可在列表中查看进度"),
        lead=N_("每批最多10000个；生成后下载海报印制，下发给领取人，由领取人扫码激活后张贴使用。"),
    ),
    actions=(
        RowAction(
            "hand_out",
            N_("下发"),
            _hand_out,
            MANAGERS,
            done=N_("已下发"),
            form=lambda _row: HandOutForm(),
            visible=_is_finished,
        ),
        _print(PrintForm.ARCHIVE, N_("生成海报压缩包")),
        _print(PrintForm.SHEET, N_("生成打印拼版")),
    ),
    empty_title=N_("还没有二维码批次"),
    empty_hint=N_("点击「生成二维码」提前生成一批二维码。"),
    export_name="code_batches",
)


class CodeBatchView(WatchedView):
    """A batch's page tells how far it is, and holds its files."""

    route_base = "/code-batches"
    screen = SCREEN

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        return {**super().permitted_roles(), "can_download": MANAGERS}

    def progress_page(self, row: CodeBatch) -> ProgressPage:
        """Return the batch with its progress, its states and its files."""
        prints = _prints_of(row)
        done, total, is_finished = _progress(row, prints)
        return ProgressPage(
            title=f"{gettext(SCREEN.title)} · {SCREEN.subject(row)}",
            lead=row.remark or "",
            status=_state(row),
            done=done,
            total=total,
            is_finished=is_finished,
            progress_url=url_for("CodeBatchView.progress", key=row.id),
            refresh_url=url_for("CodeBatchView.show", key=row.id),
            figures=_figures(row),
            links=[self.action_link(action, row) for action in self.usable_actions(row)],
            sections=_sections(row),
            table=_table(prints) if prints else None,
            back=Link(gettext(SCREEN.title), url_for("CodeBatchView.list")),
        )

    @expose("/files/<int:key>")
    @has_access
    @permission_name("download")
    def download(self, key: int) -> Response:
        """Send a finished file piece by piece."""
        found = db.session.execute(select(CodePrint).where(CodePrint.id == key)).scalar_one_or_none()
        if found is None or found.file_id is None:
            abort(404)
        return stored_file(found.file_id, why="a file of a print that was found in the reader's scope")


def _prints_of(batch: CodeBatch) -> Sequence[CodePrint]:
    query: Select[Any] = select(CodePrint).where(CodePrint.batch_id == batch.id).order_by(CodePrint.id.desc())
    return db.session.execute(query.limit(50)).scalars().all()


def _progress(batch: CodeBatch, prints: Sequence[CodePrint]) -> tuple[int, int, bool]:
    """How much of the work in hand is done: of the codes, then of the files that are being made."""
    running = [each for each in prints if each.state is BatchProgress.RUNNING]
    if batch.state is BatchProgress.RUNNING or not running:
        return batch.made, batch.size, batch.state is not BatchProgress.RUNNING
    return sum(each.made for each in running), sum(each.size for each in running), False


def _figures(batch: CodeBatch) -> list[Figure]:
    counts = code_pool.states_of(batch)
    return [
        Figure(
            label_text(state),
            f"{counts.get(state, 0):,}",
            url=url_for("CodeView.list", batch=batch.id, state=state.name),
            key=state.name,
        )
        for state in CodeState
    ]


def _sections(batch: CodeBatch) -> list[Section]:
    facts = [
        Field(gettext("批次"), str(batch.id)),
        Field(gettext("行业类型"), label_text(batch.kind)),
        Field(gettext("数量"), f"{batch.size:,}"),
        Field(gettext("创建时间"), moment_text(batch.created_at)),
        Field(gettext("完成时间"), moment_text(batch.finished_at)),
    ]
    return [Section(gettext("批次信息"), facts)]


def _table(prints: Sequence[CodePrint]) -> tuple[Sequence[Column], Sequence[Row]]:
    columns = [
        Column("form", gettext("文件")),
        Column("numbers", gettext("编号")),
        Column("state", gettext("状态"), "status"),
        Column("made", gettext("进度"), "number"),
        Column("created_at", gettext("创建时间"), "datetime"),
    ]
    return columns, [_line(each) for each in prints]


def _line(each: CodePrint) -> Row:
    cells = [
        Cell(label_text(each.form)),
        Cell(f"{each.first_number}-{each.first_number + each.size - 1}"),
        _state(each),
        Cell(f"{each.made:,} / {each.size:,}"),
        Cell(moment_text(each.created_at)),
    ]
    url = url_for("CodeBatchView.download", key=each.id)
    links = [Link(gettext("下载"), url, icon="download")] if each.file_id else []
    return Row(key=str(each.id), cells=cells, links=links)


def register(appbuilder: AppBuilder) -> None:
    """Add the screen."""
    appbuilder.add_view(
        CodeBatchView(), "CodeBatchView", label=SCREEN.title, category="codes", category_label=N_("二维码管理")
    )
