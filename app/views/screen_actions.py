"""What is done to a screen's rows: creation, an action on one row, the same on many; each asks before it cannot be undone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import abort, flash, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext
from flask_wtf import FlaskForm
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response as BaseResponse

from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db
from app.services.transaction import transaction
from app.views.declarations import RowAction
from app.views.forms import form_response, show_fault
from app.views.identity import account, actor
from app.views.page import FormPage, Link
from app.views.screen_source import ScreenSource
from app.views.sites import template
from app.views.ticked import ticked, ticked_word

_NONE_TICKED = N_("请先勾选要操作的记录。")
_ALL_CHANGED = N_("所选记录刚刚都被别人修改过或改派，没有改动，请核对后重新勾选。")
_MOST_NAMED = 10


class ScreenActions(ScreenSource):
    """The writing half of a screen."""

    def usable_actions(self, row: Any) -> Iterable[RowAction]:
        role = account().role
        return (action for action in self.screen.actions if role in action.roles and action.visible(row))

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def add(self) -> str | BaseResponse:
        """Show the form of 「新建」 and make the row."""
        creation = self.screen.creation or abort(404)
        form = creation.form()
        if request.method == "POST" and form.validate():
            try:
                creation.perform(form, actor())
            except DomainError as fault:
                db.session.rollback()
                show_fault(form, fault)
            else:
                flash(gettext(creation.done), "success")
                return self._done()
        back = url_for(f"{self.endpoint}.list")
        return self._form(
            FormPage(
                title=f"{gettext(self.screen.title)} · {gettext(creation.label)}",
                lead=gettext(creation.lead) if creation.lead else "",
                form=form,
                submit_label=gettext("提交"),
                cancel_url=back,
                back=Link(gettext(self.screen.title), back),
            )
        )

    @expose("/<int:key>/do/<name>", methods=["GET", "POST"])
    @has_access
    @permission_name("act")
    def act(self, key: int, name: str) -> str | BaseResponse:
        """Show the form or the question of an action, and perform it on a POST."""
        action = self._action(name)
        row = self.fetch(key)
        if not action.visible(row):
            flash(gettext("这条记录的状态已经变化，不能进行此操作，请刷新后再看。"), "warning")
            return self._done(key)
        if needs_question(action):
            return self._question(action, gettext(action.label), self._back_url(key), lead=self.question(action, row))
        form = action.form(row) if action.form else FlaskForm()
        if request.method == "POST" and form.validate():
            fault = self._perform(action, [row], form)
            if fault is None:
                flash(gettext(action.done), "success")
                return self._done(key)
            show_fault(form, fault)
        back = self._back_url(key)
        return self._form(
            FormPage(
                title=gettext(action.label),
                lead=self.question(action, row),
                form=form,
                submit_label=self.submit_text(action),
                cancel_url=back,
                danger=action.style == "danger",
                notes=action.notes(row),
                back=Link(gettext(self.screen.title), back),
            )
        )

    def submit_text(self, action: RowAction) -> str:
        """Return what the button of an action's form says."""
        return gettext(action.submit_label)

    def question(self, action: RowAction, row: Any) -> str:
        """Return what a dialog says: the row that it is about, and what is asked of it."""
        parts = (self.screen.subject(row), gettext(action.confirm) if action.confirm else "")
        return " · ".join(part for part in parts if part)

    def _question(
        self, action: RowAction, title: str, cancel_url: str, rows: Sequence[Any] = (), lead: str = ""
    ) -> str:
        """Ask before what cannot be undone, where no script has asked already."""
        return render_template(
            template("confirm"),
            page=FormPage(
                title=title,
                lead=lead or gettext(action.confirm),
                form=None,
                submit_label=gettext("确定"),
                cancel_url=cancel_url,
                danger=action.style == "danger",
                hidden=_rows_again(rows),
            ),
        )

    def _perform(self, action: RowAction, rows: Sequence[Any], form: Any) -> DomainError | None:
        """Perform the action on all `rows` or on none; return what refused it."""
        try:
            with transaction():
                for row in rows:
                    action.perform(row, form, actor())
        except DomainError as fault:
            return fault
        except StaleDataError:
            return DomainError(N_("这条记录刚刚被别人修改过，请重新打开后再操作。"), code="stale")
        return None

    @expose("/do/<name>", methods=["GET", "POST"])
    @has_access
    @permission_name("act")
    def act_on_many(self, name: str) -> str | BaseResponse:
        """Perform an action on the ticked rows, all or none; with a form, ask for it first.

        What somebody has changed or taken away since it was ticked is left out and told before anything is done.
        """
        action = self._action(name)
        if not action.in_bulk:
            abort(404)
        rows, left_out = self._ticked_rows()
        if not rows:
            flash(gettext(_ALL_CHANGED if left_out else _NONE_TICKED), "warning")
            return redirect(url_for(f"{self.endpoint}.list"))
        count = gettext("%(count)s 条", count=len(rows))
        title = gettext(action.label) + gettext("（%(note)s）", note=count)
        if needs_question(action):
            lead = left_out + gettext(action.confirm)
            return self._question(action, title, url_for(f"{self.endpoint}.list"), rows, lead=lead)
        # The list sends the keys; a form, where there is one, comes back with the second step.
        is_answered = action.form is None or request.form.get("step") == "2"
        form = action.form(rows[0]) if action.form else FlaskForm()
        if left_out:
            form.form_errors.append(left_out)
        elif request.method == "POST" and is_answered and form.validate():
            fault = self._perform(action, rows, form)
            if fault is None:
                flash(gettext(action.done), "success")
                return self._done()
            show_fault(form, fault)
        return self._form(
            FormPage(
                title=title,
                form=form,
                submit_label=self.submit_text(action),
                cancel_url=url_for(f"{self.endpoint}.list"),
                hidden=[("step", "2"), *_rows_again(rows)],
                notes=action.notes_on_many(),
            )
        )

    def _ticked_rows(self) -> tuple[Sequence[Any], str]:
        """Return the ticked rows as they were ticked, and what to say of those that no longer are; nothing for none."""
        chosen = ticked()
        found = self.fetch_many([each.key for each in chosen])
        seen = [(each, found[each.key]) for each in chosen if each.key in found]
        changed = [row for each, row in seen if each.is_outdated(row)]
        parts = [self._changed(changed) if changed else ""]
        if gone := len(chosen) - len(seen):
            parts.append(gettext("其中 %(count)s 条已不在您的列表中（已改派或删除），不会改动。", count=gone))
        left_out = "".join(part for part in parts if part)
        if left_out:
            left_out += gettext("确认后只处理其余记录。")
        return [row for each, row in seen if not each.is_outdated(row)], left_out

    def _changed(self, changed: Sequence[Any]) -> str:
        """Return which of the ticked rows somebody has changed since."""
        names = [name for row in changed[:_MOST_NAMED] if (name := self.screen.subject(row))]
        return gettext(
            "其中 %(count)s 条刚刚被别人修改过，不会改动%(names)s。",
            count=len(changed),
            names=gettext("（%(note)s）", note=gettext("、").join(names)) if names else "",
        )

    def _action(self, name: str) -> RowAction:
        for action in self.screen.actions:
            if action.name == name:
                return action if account().role in action.roles else abort(403)
        return abort(404)

    def _form(self, page: FormPage) -> str:
        return form_response(page)

    def _back_url(self, key: int) -> str:
        return url_for(f"{self.endpoint}.show", key=key) if self.screen.has_detail else url_for(f"{self.endpoint}.list")

    def _done(self, key: int | None = None) -> BaseResponse:
        """Return to the list with its search where the reader came from there, else to the record."""
        came_from_list, listed = self._list_before()
        return redirect(listed if key is None or came_from_list else self._back_url(key))

    def _list_before(self) -> tuple[bool, str]:
        """Return whether the reader came from the list, and where it is, with its search if so."""
        listed = url_for(f"{self.endpoint}.list")
        referrer = urlsplit(request.referrer or "")
        came_from_list = referrer.path == listed and referrer.netloc == request.host
        return came_from_list, f"{listed}?{referrer.query}" if came_from_list and referrer.query else listed


def _rows_again(rows: Sequence[Any]) -> list[tuple[str, str]]:
    """Return the rows as hidden fields of the next step."""
    return [("rowid", ticked_word(row)) for row in rows]


def needs_question(action: RowAction) -> bool:
    """Return whether this POST still has to be asked about: it came without a form and without a confirmed question."""
    asks = request.method == "POST" and action.form is None and bool(action.confirm)
    return asks and request.form.get("confirmed") != "1"
