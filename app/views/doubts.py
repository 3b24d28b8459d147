"""「疑似重复」: rows that may be about somebody who is in the list already, beside that row (Z-T13)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import AppBuilder, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as BaseResponse

from app.domain.areas import AreaLevel
from app.domain.doubts import DoubtAnswer, DoubtState
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.screening import ScreeningKind, status_named
from app.domain.text import row_number
from app.extensions import db
from app.models import EntryDoubt, ScreeningEntry
from app.services import areas, doubt_answers
from app.services.audit import Actor
from app.services.lists import LISTS, list_of
from app.views.audit_trail import SUBJECTS
from app.views.declarations import Filter, ListColumn, RowAction, Screen
from app.views.first_page import WAITING, Waiting
from app.views.format import label_text, moment_text
from app.views.forms import error_text
from app.views.identity import account, actor
from app.views.operation_log import ACTIONS, FIELDS
from app.views.page import Cell, Link
from app.views.screen_view import ScreenView

DECIDERS = frozenset({Role.CITY_ADMIN, Role.DISTRICT_ADMIN})
_TONES = {DoubtState.WAITING: "yellow", DoubtState.DISTINCT: "green"}
_QUESTIONS = {
    DoubtAnswer.LINK: N_("确认是同一个人：不再新增，原记录缺少的信息由新的一行补上。确定关联吗？"),
    DoubtAnswer.NEW: N_("确认不是同一个人：作为新的人员下发，以后不再询问这两个人。确定新建吗？"),
    DoubtAnswer.SKIP: N_("这一行不进入名单，下次导入时会再次询问。确定跳过吗？"),
}
_DONE = {DoubtAnswer.LINK: N_("已关联"), DoubtAnswer.NEW: N_("已新建"), DoubtAnswer.SKIP: N_("已跳过")}
_ALL_DONE = N_("已处理 %(count)s 条")
_ALL = {DoubtAnswer.LINK: N_("本批全部关联"), DoubtAnswer.NEW: N_("本批全部新建"), DoubtAnswer.SKIP: N_("本批全部跳过")}


def _kinds() -> list[ScreeningKind]:
    """The lists that one decides about: a district those that it reads, the city all."""
    role = account().role
    return [each.kind for each in LISTS if each.importers and (role is Role.CITY_ADMIN or role in each.users)]


def _query() -> Select[Any]:
    own = EntryDoubt.kind.in_(_kinds())
    return select(EntryDoubt).where(own).options(joinedload(EntryDoubt.entry), joinedload(EntryDoubt.other))


def _waiting() -> Select[Any]:
    own = EntryDoubt.kind.in_(_kinds())
    return select(EntryDoubt.id).where(own, EntryDoubt.state == DoubtState.WAITING)


def _of(which: str, tell: Callable[[ScreeningEntry], str]) -> Callable[[EntryDoubt], str]:
    """What a column tells of the new row or of the other; nothing of a row that is not there any more."""

    def value(row: EntryDoubt) -> str:
        entry: ScreeningEntry | None = getattr(row, which)
        return tell(entry) if entry is not None else ""

    return value


def _standing(entry: ScreeningEntry) -> str:
    """Where the other row is, and how far it has been worked on."""
    status = label_text(status_named(entry.kind, entry.status))
    return f"{areas.name_at(entry.area_code, AreaLevel.DISTRICT) or gettext('未下发')} · {status}"


def _with_answered(query: Select[Any], is_wanted: bool) -> Select[Any]:
    return query if is_wanted else query.where(EntryDoubt.state == DoubtState.WAITING)


def _answer(given: DoubtAnswer, row: EntryDoubt, _form: Any, who: Actor) -> None:
    doubt_answers.answer(row, given, actor=who)


def _action(given: DoubtAnswer) -> RowAction:
    return RowAction(
        given.name.lower(),
        given.label,
        partial(_answer, given),
        DECIDERS,
        done=_DONE[given],
        visible=lambda row: row.state is DoubtState.WAITING,
        confirm=_QUESTIONS[given],
        style="danger" if given is DoubtAnswer.SKIP else "default",
        in_bulk=True,
    )


def _subject(row: EntryDoubt) -> str:
    names = [entry.name or "" for entry in (row.entry, row.other) if entry is not None]
    return " / ".join(names)


SCREEN = Screen(
    title=N_("疑似重复"),
    roles=DECIDERS,
    query=_query,
    order=(EntryDoubt.id,),
    columns=(
        ListColumn("kind", N_("名单"), lambda row: gettext(list_of(row.kind).title)),
        ListColumn("batch", N_("批次"), lambda row: str(row.batch_id), kind="number"),
        ListColumn("basis", N_("疑似原因"), lambda row: label_text(row.basis)),
        ListColumn("name", N_("新导入姓名"), _of("entry", lambda entry: entry.name or "")),
        ListColumn("document", N_("新导入证件号"), _of("entry", lambda entry: entry.masked_document), kind="mono"),
        ListColumn("phone", N_("新导入手机号"), _of("entry", lambda entry: entry.masked_phone), kind="mono"),
        ListColumn("other_name", N_("已有姓名"), _of("other", lambda entry: entry.name or "")),
        ListColumn("other_document", N_("已有证件号"), _of("other", lambda entry: entry.masked_document), kind="mono"),
        ListColumn("other_phone", N_("已有手机号"), _of("other", lambda entry: entry.masked_phone), kind="mono"),
        ListColumn("standing", N_("已有记录"), _of("other", _standing)),
        ListColumn(
            "state",
            N_("状态"),
            lambda row: Cell(label_text(row.state), tone=_TONES.get(row.state, "gray")),
            kind="status",
        ),
        ListColumn("created_at", N_("导入时间"), lambda row: moment_text(row.created_at), kind="datetime"),
    ),
    filters=(
        Filter(
            "kind",
            N_("名单"),
            lambda query, value: query.where(EntryDoubt.kind == ScreeningKind[value]),
            "select",
            lambda: [(kind.name, list_of(kind).title) for kind in _kinds()],
        ),
        Filter("batch", N_("批次"), lambda query, value: query.where(EntryDoubt.batch_id == value), "number"),
        Filter("answered", N_("显示已处理的"), _with_answered, "checkbox"),
    ),
    subject=_subject,
    actions=tuple(_action(given) for given in DoubtAnswer),
    lead=N_("同一名单、同一天中，可能是同一个人的两条记录。核对之前，新的一行不下发；请先看清两边的信息。"),
    empty_title=N_("没有待核对的记录"),
    empty_hint=N_("导入的人员与名单中已有的人员可能是同一个人时，会在这里等待核对。"),
    export_name="doubts",
    has_detail=False,
)


class DoubtView(ScreenView):
    """The queue; of one batch, it is settled at one stroke."""

    route_base = "/doubts"
    screen = SCREEN

    def toolbar(self) -> Sequence[Link]:
        links = list(super().toolbar())
        batch = row_number(request.args.get("batch", ""))
        if batch is None:
            return links
        return [*(self._all_of(batch, given) for given in DoubtAnswer), *links]

    def _all_of(self, batch_id: int, given: DoubtAnswer) -> Link:
        url = url_for("DoubtView.answer_all", key=batch_id, given=given.name.lower())
        question = gettext("这一批中您能看到的待核对记录都按此处理。") + gettext(_QUESTIONS[given])
        return Link(gettext(_ALL[given]), url, method="post", confirm=question)

    @expose("/batch/<int:key>/<any(link, new, skip):given>", methods=["POST"])
    @has_access
    @permission_name("act")
    def answer_all(self, key: int, given: str) -> BaseResponse:
        """Settle all that waits of one batch alike."""
        try:
            count = doubt_answers.answer_all(key, DoubtAnswer[given.upper()], actor=actor())
        except DomainError as fault:
            db.session.rollback()
            flash(error_text(fault), "warning")
        else:
            flash(gettext(_ALL_DONE, count=count), "success")
        return redirect(url_for("DoubtView.list", batch=key))


def register(appbuilder: AppBuilder) -> None:
    """Add the screen, and what waits to the first page."""
    ACTIONS.update({"answer_doubt": N_("核对疑似重复"), "answer_doubts": N_("整批核对疑似重复")})
    FIELDS["answer"] = N_("处理结果")
    SUBJECTS["entry_doubt"] = SCREEN.title
    appbuilder.add_view(
        DoubtView(), "DoubtView", label=SCREEN.title, category="screening", category_label=N_("任务排查")
    )
    WAITING.append(Waiting(SCREEN.title, DECIDERS, _waiting, "DoubtView.list", {}))
