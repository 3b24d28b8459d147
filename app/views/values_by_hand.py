"""The page on which somebody says what the texts mean that nobody knew in a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.validators import Optional

from app.models import ImportBatch
from app.services.imports_values import Question
from app.services.lists import list_of
from app.services.value_mappings import Meaning
from app.views.page import FormPage, Link


def values_form(questions: Sequence[Question]) -> Any:
    """One drop-down for each text, named by its place among them: a text itself may be anything."""
    fields = {f"text_{at}": _field(question) for at, question in enumerate(questions)}
    return type("ValuesForm", (FlaskForm,), fields)()


def _field(question: Question) -> SelectField:
    rows = gettext("（%(note)s）", note=gettext("%(count)s 条", count=question.rows))
    label = f"{gettext(question.title)}：{question.text}{rows}"
    choices = [("", gettext("不对应")), *((target, gettext(target)) for target in question.targets)]
    return SelectField(label, [Optional()], choices=choices)


def chosen_meanings(questions: Sequence[Question], form: Any) -> list[Meaning]:
    """What was chosen, without the texts that were left alone."""
    chosen = [(question, form[f"text_{at}"].data) for at, question in enumerate(questions)]
    return [Meaning(question.field, question.text, target) for question, target in chosen if target]


def values_page(batch: ImportBatch, form: Any) -> FormPage:
    """The texts of the batch's file that nobody knew."""
    back = url_for("ImportBatchView.show", key=batch.id)
    return FormPage(
        title=f"{gettext(list_of(batch.kind).title)} · {gettext('取值对应')}",
        lead=batch.file_name,
        form=form,
        submit_label=gettext("记住并重新检查"),
        cancel_url=back,
        notes=[gettext("选择一次即可：以后导入这个名单时，相同的内容会自动对应。可在「列对应关系」中查看和删除。")],
        back=Link(gettext("预览核对"), back),
    )
