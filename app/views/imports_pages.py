"""What the pages of a batch show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from flask import url_for
from flask_babel import gettext

from app.domain.colors import Color
from app.domain.labels import N_
from app.extensions import appbuilder
from app.models import BatchState, ChangeCause, ImportBatch
from app.services import change_sets, doubt_answers
from app.services.imports_counts import Counts
from app.services.lists import list_of
from app.views.format import moment_text
from app.views.imports_findings import count_figures, district_table, notes_on, state_cell
from app.views.page import Cell, Column, Field, FormPage, Link, Row, Section
from app.views.progress import ProgressPage
from app.views.upload_page import Preview, UploadPage, Verdict
from app.views.watched import failure_notes

_VERDICTS = {
    "new": (N_("新增"), "green"),
    "undispatched": (N_("新增，未下发"), "yellow"),
    "already_there": (N_("已存在"), "gray"),
    "duplicate": (N_("重复"), "gray"),
    "rejected": (N_("退回"), "red"),
}
# What stands on one line, by how the sheet's column is checked.
_KINDS: dict[str, Literal["datetime", "mono"]] = {
    "date": "datetime",
    "datetime": "datetime",
    "phone": "mono",
    "id_card": "mono",
}


def preview_page(batch: ImportBatch) -> UploadPage:
    """What will happen if the batch is confirmed."""
    counts, declared = Counts.of(batch.counts), list_of(batch.kind)
    shown = [column for column in declared.sheet.columns if any(row["cells"].get(column.key) for row in batch.sample)]
    preview = Preview(
        figures=count_figures(batch),
        districts=district_table(counts),
        columns=[Column(each.key, gettext(each.title), _KINDS.get(each.check.kind, "text")) for each in shown],
        rows=[_verdict(row, [column.key for column in shown]) for row in batch.sample],
        file_name=batch.file_name,
        note=gettext("前 %(count)s 行", count=len(batch.sample)),
        can_confirm=counts.new > 0,
        confirm_url=url_for("ImportBatchView.decide", decision="confirm", key=batch.id),
        cancel_url=url_for("ImportBatchView.decide", decision="cancel", key=batch.id),
        rejected_url=url_for("ImportBatchView.rejected", key=batch.id) if batch.rejected_file_id else None,
        values_url=url_for("ImportBatchView.values_by_hand", key=batch.id) if batch.unknown_values else None,
    )
    title = f"{gettext(declared.title)} · {gettext('预览核对')}"
    return UploadPage(title, preview=preview, notes=notes_on(counts), status=state_cell(batch), back=_back())


def columns_page(batch: ImportBatch, form: Any) -> FormPage:
    """Which column of the file is which, with what the titles lack."""
    remembered = gettext("选择一次即可：以后上传相同表头的文件会自动对应。「无」表示文件中没有这一列。")
    return FormPage(
        title=f"{gettext(list_of(batch.kind).title)} · {gettext('选择列')}",
        lead=batch.file_name,
        form=form,
        submit_label=gettext("继续检查"),
        cancel_url=url_for("ImportBatchView.list"),
        notes=[*failure_notes(batch.failure), remembered],
        back=_back(),
    )


def _verdict(row: dict[str, Any], keys: Sequence[str]) -> Verdict:
    label, tone = _VERDICTS[row["verdict"]]
    cells = [Cell(row["cells"].get(key, "")) for key in keys]
    return Verdict(row["number"], Cell(gettext(label), tone=tone), cells, row["faults"])


def _sample(batch: ImportBatch) -> tuple[Sequence[Column], Sequence[Row]] | None:
    """Some of those whose colours would change, while a second person decides."""
    found = change_sets.of_cause(ChangeCause.IMPORT, batch.id) if batch.state is BatchState.AWAITING else None
    if found is None:
        return None
    columns = [Column("name", gettext("姓名")), Column("document", gettext("证件号"))]
    columns += [Column("from", gettext("现在"), "status"), Column("to", gettext("之后"), "status")]
    rows = [
        Row(
            str(number),
            [Cell(each["name"]), Cell(each["document"]), _color_cell(each["from"]), _color_cell(each["to"])],
        )
        for number, each in enumerate(found.sample)
    ]
    return columns, rows


def _color_cell(name: str) -> Cell:
    return Cell(gettext(Color[name].label), tone=Color[name].tone)


def progress_page(batch: ImportBatch) -> ProgressPage:
    """The batch's progress while it is worked on, its counts and what may be done once it has ended."""
    counts, declared = Counts.of(batch.counts), list_of(batch.kind)
    here = url_for("ImportBatchView.show", key=batch.id)
    sample = _sample(batch)
    table = sample or (None if batch.failure else district_table(counts))
    return ProgressPage(
        title=f"{gettext(declared.title)} · {gettext('导入')}",
        lead=batch.file_name,
        status=state_cell(batch),
        done=counts.done,
        total=max(counts.total, counts.done),
        is_finished=not batch.state.is_running,
        progress_url=url_for("ImportBatchView.progress", key=batch.id),
        refresh_url=here,
        figures=count_figures(batch),
        links=_links(batch),
        notes=_notes(batch),
        sections=_sections(batch),
        table=table,
        table_title=gettext("会变色的人员") if sample else gettext("下发区县"),
        back=_back(),
    )


def _links(batch: ImportBatch) -> list[Link]:
    links = []
    if batch.state.is_running or batch.state is BatchState.AWAITING:
        url = url_for("ImportBatchView.decide", decision="cancel", key=batch.id)
        links.append(Link(gettext("取消"), url, method="post", confirm=gettext("确定取消这次导入吗？")))
    if batch.rejected_file_id and batch.state is not BatchState.CHECKING:
        links.append(Link(gettext("下载退回行"), url_for("ImportBatchView.rejected", key=batch.id), icon="download"))
    if batch.state is BatchState.IMPORTED:
        links += _doubts(batch)
        url = url_for("ImportBatchView.decide", decision="undo", key=batch.id)
        question = gettext("撤回后，这一批导入的人员会全部从名单中移除。确定撤回吗？")
        links.append(Link(gettext("撤回"), url, style="danger", method="post", confirm=question))
    return links


def _doubts(batch: ImportBatch) -> list[Link]:
    """Rows of the batch that wait because they may be somebody who is there already."""
    count = doubt_answers.waiting_of(batch)
    if not count or not appbuilder.sm.has_access("can_list", "DoubtView"):
        return []
    label = gettext("疑似重复") + gettext("（%(note)s）", note=gettext("%(count)s 条", count=count))
    return [Link(label, url_for("DoubtView.list", batch=batch.id), style="primary")]


def _notes(batch: ImportBatch) -> Sequence[str]:
    """Why it failed, or what is known of its rows once the whole file was read."""
    is_read = batch.state not in (BatchState.CHECKING, BatchState.CANCELLED)
    return failure_notes(batch.failure) or (notes_on(Counts.of(batch.counts)) if is_read else [])


def _sections(batch: ImportBatch) -> list[Section]:
    facts = [
        Field(gettext("批次"), str(batch.id)),
        Field(gettext("文件"), batch.file_name),
        Field(gettext("上传时间"), moment_text(batch.created_at)),
        Field(gettext("完成时间"), moment_text(batch.finished_at)),
    ]
    return [Section(gettext("批次信息"), facts)]


def _back() -> Link:
    return Link(gettext("导入记录"), url_for("ImportBatchView.list"))
