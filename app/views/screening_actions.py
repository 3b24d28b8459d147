"""What is done to the rows of a list: an outcome, a receipt, a district, a correction; to one row or to many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.screening import ScreeningKind, initial_status, is_final, status_named
from app.domain.text import row_number
from app.models import ScreeningEntry
from app.services import person_card, screening, tray
from app.services.audit import Actor
from app.services.lists import LISTS, list_of
from app.services.screening_list import ScreeningList
from app.views.declarations import RowAction
from app.views.format import label_text, moment_text
from app.views.identity import account
from app.views.screening_columns import CITY, standing_text
from app.views.sheet_form import correct, correction_form

_DISPATCHERS = frozenset({Role.CITY_ADMIN, Role.DISTRICT_ADMIN})


class OutcomeForm(FlaskForm):
    """「编辑」: status and remark (checklist Z103)."""

    status = SelectField(lazy_gettext("状态"), [InputRequired(lazy_gettext("请选择排查结果"))])
    remark = TextAreaField(lazy_gettext("备注"), [Length(max=500)])
    version = HiddenField()


class DispatchForm(FlaskForm):
    """「下发」: the district that gets the row."""

    district = SelectField(lazy_gettext("区县"), [InputRequired(lazy_gettext("请选择区县"))])


class NamedDispatchForm(DispatchForm):
    """「下发」 of a row whose place nobody knows by that name: for all that name it, and for the files to come."""

    alike = BooleanField(default=True)
    remembers = BooleanField(lazy_gettext("记住这个名称，以后导入时自动下发到该区县"))


class ReassignForm(DispatchForm):
    """「转派」: another district, and what it ought to know."""

    remark = TextAreaField(lazy_gettext("备注"), [Length(max=500)])


def _outcome_form(declared: ScreeningList, row: ScreeningEntry) -> OutcomeForm:
    form = _empty_outcome_form(declared, row)
    if not form.is_submitted():
        is_choice = row.status in dict(form.status.choices)
        form.status.data, form.remark.data = row.status if is_choice else "", row.remark or ""
        form.version.data = str(row.version)
    return form


def _empty_outcome_form(declared: ScreeningList, _row: ScreeningEntry) -> OutcomeForm:
    form = OutcomeForm()
    form.status.label.text = gettext(declared.status_label)
    offered = declared.outcomes_for(account().role)
    form.status.choices = [("", gettext("请选择")), *((s.name, gettext(s.label)) for s in offered)]
    return form


def _record_outcome(row: ScreeningEntry, form: OutcomeForm, actor: Actor) -> None:
    screening.record_outcome(
        row,
        status=form.status.data,
        remark=form.remark.data or "",
        actor=actor,
        role=account().role,
        version=row_number(form.version.data or ""),
    )


def _outcome_notes(declared: ScreeningList, row: ScreeningEntry) -> Sequence[str]:
    """What helps to choose: how the person stands elsewhere, who called last, what the statuses mean."""
    notes = []
    if declared.shows_residency:
        notes.append(gettext("小区人员管理：%(standing)s", standing=standing_text(row)))
    notes += [_contact_text(other) for other in _others(row) if other.worked_at]
    return notes + _meanings(declared)


def _meanings(declared: ScreeningList) -> list[str]:
    """What the statuses mean that the role may choose (Z-T8)."""
    meanings = declared.explanations or {}
    return [
        gettext("%(status)s：%(meaning)s", status=gettext(s.label), meaning=gettext(meanings[s]))
        for s in declared.outcomes_for(account().role)
        if s in meanings
    ]


def _others(row: ScreeningEntry) -> list[ScreeningEntry]:
    return [other for other in person_card.rows_of_person(row, kinds_read()) if other.id != row.id]


def kinds_read() -> list[ScreeningKind]:
    """The kinds of rows that the signed-in account's role reads anywhere."""
    return [declared.row_kind for declared in LISTS if account().role in declared.readers]


def _contact_text(row: ScreeningEntry) -> str:
    names = screening.account_names([row.worked_by_id])
    return gettext(
        "此人在「%(list)s」中已于 %(when)s 由 %(who)s 排查：%(outcome)s",
        list=gettext(list_of(row.kind).title),
        when=moment_text(row.worked_at),
        who=names.get(row.worked_by_id or 0, gettext("系统")),
        outcome=label_text(status_named(row.kind, row.status)),
    )


def _district_choices() -> list[tuple[str, str]]:
    return [("", gettext("请选择")), *((c, gettext(n)) for c, n in screening.district_labels().items())]


def _dispatch_form(_row: ScreeningEntry) -> DispatchForm:
    form = DispatchForm()
    form.district.choices = _district_choices()
    return form


def _named_dispatch_form(row: ScreeningEntry) -> NamedDispatchForm:
    form = NamedDispatchForm()
    form.district.choices = _district_choices()
    form.alike.label.text = gettext("名称同为「%(name)s」的人员一起下发", name=tray.named_place(row) or "")
    return form


def _dispatch(row: ScreeningEntry, form: DispatchForm, actor: Actor) -> None:
    screening.dispatch(row, district_code=form.district.data, actor=actor)


def _dispatch_named(row: ScreeningEntry, form: NamedDispatchForm, actor: Actor) -> None:
    if form.remembers.data:
        tray.remember_place(row, district_code=form.district.data, account=account())
    if form.alike.data:
        tray.dispatch_alike(row, district_code=form.district.data, actor=actor)
    else:
        _dispatch(row, form, actor)


def _reassign_form(_row: ScreeningEntry) -> ReassignForm:
    form = ReassignForm()
    form.district.choices = _district_choices()
    return form


def _reassign(row: ScreeningEntry, form: ReassignForm, actor: Actor) -> None:
    screening.reassign(row, district_code=form.district.data, remark=form.remark.data or "", actor=actor)


def _receive(row: ScreeningEntry, _form: FlaskForm, actor: Actor) -> None:
    screening.receive(row, actor=actor)


def _is_new(row: ScreeningEntry) -> bool:
    return row.status == initial_status(row.kind).name


def _is_open(declared: ScreeningList, row: ScreeningEntry) -> bool:
    """Whether the account may record an outcome: not a final one's, not before a team has received the row."""
    role = account().role
    awaits = declared.receipt is not None and role in declared.receipt.roles and _is_new(row)
    return not awaits and not is_final(status_named(row.kind, row.status))


def actions(declared: ScreeningList) -> list[RowAction]:
    """The buttons of a list, for one row and for those that are ticked."""
    found = _receipt_actions(declared)
    if declared.creators:
        form = partial(correction_form, declared)
        label = N_("编辑") if declared.edit_label != N_("编辑") or not declared.editors else N_("修改信息")
        perform = partial(correct, declared)
        found.append(
            RowAction("correct", label, perform, declared.creators, N_("已保存"), form, submit_label=N_("保存"))
        )
    if declared.editors:
        found += _outcome_actions(declared)
    return found + _dispatch_actions(declared)


def _receipt_actions(declared: ScreeningList) -> list[RowAction]:
    receipt = declared.receipt
    if receipt is None:
        return []
    return [
        RowAction(
            "receive",
            receipt.label,
            _receive,
            receipt.roles,
            done=N_("已接收"),
            visible=_is_new,
            style="primary",
            in_bulk=True,
        )
    ]


def _outcome_actions(declared: ScreeningList) -> list[RowAction]:
    one = RowAction(
        "outcome",
        declared.edit_label,
        _record_outcome,
        declared.editors,
        done=N_("已保存"),
        form=partial(_outcome_form, declared),
        visible=partial(_is_open, declared),
        notes=partial(_outcome_notes, declared),
        submit_label=N_("保存"),
        style="primary",
    )
    many = RowAction(
        "outcomes",
        N_("批量修改状态"),
        _record_outcome,
        declared.editors,
        done=N_("已保存"),
        form=partial(_empty_outcome_form, declared),
        visible=lambda _row: False,  # for ticked rows alone; a single one has its own
        notes_on_many=partial(_meanings, declared),
        submit_label=N_("保存"),
        in_bulk=True,
    )
    return [one, many]


def _dispatch_actions(declared: ScreeningList) -> list[RowAction]:
    dispatch = RowAction(
        "dispatch",
        N_("下发"),
        _dispatch,
        CITY & declared.users,
        done=N_("已下发"),
        form=_dispatch_form,
        visible=lambda row: not row.is_dispatched and not tray.is_named_badly(row),
        in_bulk=True,
    )
    by_name = replace(
        dispatch,
        name="dispatch_named",
        perform=_dispatch_named,
        form=_named_dispatch_form,
        visible=tray.is_named_badly,
        in_bulk=False,
    )
    reassign = RowAction(
        "reassign",
        N_("转派"),
        _reassign,
        _DISPATCHERS & declared.readers,
        done=N_("已转派"),
        form=_reassign_form,
        visible=lambda row: row.is_dispatched,
        in_bulk=True,
        on_list=False,
    )
    return [dispatch, by_name, reassign] if declared.rows_of is None else []
