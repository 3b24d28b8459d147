"""The screening lists' screens, one for each declaration in services/lists.py (SPEC section 6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar

from flask import abort, url_for
from flask_appbuilder import AppBuilder
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import Select, func, select
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.domain.labels import N_
from app.domain.screening import initial_status, is_final, outcomes, status_named
from app.extensions import db
from app.models import ScreeningEntry
from app.services import screening
from app.services.audit import Actor
from app.services.lists import LISTS, ScreeningList
from app.services.reveal import Revealed
from app.views.declarations import RowAction, Screen
from app.views.first_page import add_screening
from app.views.identity import account
from app.views.listing import COUNT_CAP
from app.views.operation_log import ACTIONS, FIELDS
from app.views.page import DetailPage, EmptyState, Figure, Link
from app.views.reveal import add_subject
from app.views.screen_view import ScreenView
from app.views.screening_columns import CITY, columns
from app.views.screening_detail import detail_page
from app.views.screening_filters import SCREENED, by_dispatched, by_status, filters


class OutcomeForm(FlaskForm):
    """「编辑」: status and remark (checklist Z103)."""

    status = SelectField(lazy_gettext("状态"), [InputRequired(lazy_gettext("请选择排查结果"))])
    remark = TextAreaField(lazy_gettext("备注"), [Length(max=500)])
    version = HiddenField()


class DispatchForm(FlaskForm):
    """「下发」: the district that gets the row."""

    district = SelectField(lazy_gettext("区县"), [InputRequired(lazy_gettext("请选择区县"))])


def _outcome_form(declared: ScreeningList, row: ScreeningEntry) -> OutcomeForm:
    form = OutcomeForm()
    form.status.label.text = gettext(declared.status_label)
    form.status.choices = [("", gettext("请选择")), *((s.name, gettext(s.label)) for s in outcomes(row.kind))]
    if not form.is_submitted():
        is_new = row.status == initial_status(row.kind).name
        form.status.data, form.remark.data = "" if is_new else row.status, row.remark or ""
        form.version.data = str(row.version)
    return form


def _record_outcome(row: ScreeningEntry, form: OutcomeForm, actor: Actor) -> None:
    version = int(form.version.data) if (form.version.data or "").isdigit() else None
    remark = form.remark.data or ""
    screening.record_outcome(row, status=form.status.data, remark=remark, actor=actor, version=version)


def _dispatch_form(_row: ScreeningEntry) -> DispatchForm:
    form = DispatchForm()
    form.district.choices = [
        ("", gettext("请选择")),
        *((c, gettext(n)) for c, n in screening.district_labels().items()),
    ]
    return form


def _dispatch(row: ScreeningEntry, form: DispatchForm, actor: Actor) -> None:
    screening.dispatch(row, district_code=form.district.data, actor=actor)


def _is_open(row: ScreeningEntry) -> bool:
    return not is_final(status_named(row.kind, row.status))


def _query(declared: ScreeningList) -> Select[Any]:
    return select(ScreeningEntry).where(ScreeningEntry.kind == declared.kind)


def _figures(declared: ScreeningList, endpoint: str) -> Sequence[Figure]:
    """总数, 已反馈, 未反馈, 未下发: each opens the rows that it counts, and the last three make up the first (X13)."""
    query, first = _query(declared), initial_status(declared.kind).name
    is_city = account().role in CITY
    untouched = by_status(declared.kind, query, first)
    figures: list[tuple[str, Select[Any], dict[str, Any], str]] = [
        (N_("总数"), query, {}, ""),
        (declared.screened_label, by_status(declared.kind, query, SCREENED), {"status": SCREENED}, "green"),
        (declared.unscreened_label, by_dispatched(untouched, "yes"), {"status": first, "dispatched": "yes"}, "yellow"),
    ]
    if is_city:
        waiting = by_dispatched(untouched, "no")
        figures.append((N_("未下发"), waiting, {"status": first, "dispatched": "no"}, "red"))
    counts = db.session.execute(select(*(_count(query) for _label, query, _narrowed, _tone in figures))).one()
    return [
        Figure(gettext(label), _capped(count), tone, url_for(endpoint, **narrowed))
        for (label, _query, narrowed, tone), count in zip(figures, counts, strict=True)
    ]


def _count(query: Select[Any]) -> Any:
    inner = query.with_only_columns(ScreeningEntry.id).limit(COUNT_CAP + 1).subquery()
    return select(func.count()).select_from(inner).scalar_subquery()


def _capped(count: int) -> str:
    return f"{COUNT_CAP:,}+" if count > COUNT_CAP else f"{count:,}"


def _actions(declared: ScreeningList) -> list[RowAction]:
    return [
        RowAction(
            "outcome",
            declared.edit_label,
            _record_outcome,
            declared.editors,
            done=N_("已保存"),
            form=partial(_outcome_form, declared),
            visible=_is_open,
            submit_label=N_("保存"),
            style="primary",
        ),
        RowAction(
            "dispatch",
            N_("下发"),
            _dispatch,
            CITY,
            done=N_("已下发"),
            form=_dispatch_form,
            visible=lambda row: not row.is_dispatched,
            in_bulk=True,
        ),
    ]


class ScreeningView(ScreenView):
    """The screen of one list; its subclasses are made from the declarations."""

    declared: ClassVar[ScreeningList]

    def toolbar(self) -> Sequence[Link]:
        links = list(super().toolbar())
        upload = f"{view_name(self.declared)}ImportView"
        if self.appbuilder.sm.has_access("can_upload", upload):
            links = [
                Link(gettext(self.declared.import_label), url_for(f"{upload}.upload"), style="primary"),
                Link(gettext("下载模板"), url_for(f"{upload}.template")),
                Link(gettext("导入记录"), url_for("ImportBatchView.list", kind=self.declared.kind.name)),
                *links,
            ]
        return links

    def empty_state(self) -> EmptyState:
        hint = gettext("名单导入并下发后会出现在这里；有查询条件时可以点击「清除」查看全部。")
        return EmptyState(gettext("没有符合条件的人员"), hint)

    def detail_page(self, row: ScreeningEntry, tab: str) -> DetailPage:
        links = [self.action_link(action, row) for action in self.usable_actions(row)]
        return detail_page(self.declared, row, tab, endpoint=self.endpoint, links=links)


def view_name(declared: ScreeningList) -> str:
    """The first part of the names of a list's views: Telecom, Rail, Headquarters."""
    return declared.key.capitalize()


def _view_class(declared: ScreeningList) -> type[ScreeningView]:
    name = f"{view_name(declared)}ScreeningView"
    screen = Screen(
        title=declared.title,
        lead=declared.lead,
        roles=declared.readers,
        query=partial(_query, declared),
        order=(ScreeningEntry.id,),
        columns=columns(declared),
        filters=filters(declared),
        subject=lambda row: row.name or row.masked_phone,
        figures=partial(_figures, declared, f"{name}.list"),
        actions=_actions(declared),
        export_name=declared.key,
    )
    members = {"screen": screen, "declared": declared, "route_base": f"/screening/{declared.key}"}
    return type(name, (ScreeningView,), {**members, "__module__": __name__})


def _reader(declared: ScreeningList) -> Callable[[Any], list[Revealed]]:
    def read(row: ScreeningEntry) -> list[Revealed]:
        if row.kind is not declared.kind:
            abort(404)
        return [Revealed(found.label, found.value) for found in screening.particulars(row) if found.is_masked]

    return read


def register(appbuilder: AppBuilder) -> None:
    """Add the screen of every list, what waits in it to the first page, and its rows to 「查看完整」."""
    ACTIONS.update({"record_outcome": N_("编辑"), "dispatch": N_("下发")})
    FIELDS.update({"outcome": N_("状态"), "has_remark": N_("备注"), "district": N_("区县")})
    for declared in LISTS:
        view = _view_class(declared)
        appbuilder.add_view(
            view(), view.__name__, label=declared.title, category="screening", category_label=N_("任务排查")
        )
        add_screening(declared.kind, f"{view.__name__}.list")
        add_subject(f"screening-{declared.key}", ScreeningEntry, _reader(declared), declared.readers)
