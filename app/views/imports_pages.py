"""What the pages of a batch show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext

from app.domain.areas import AreaLevel, code_at
from app.domain.colors import Color
from app.domain.dispatch import UndispatchedReason
from app.domain.labels import N_
from app.extensions import appbuilder
from app.models import BatchState, ChangeCause, ImportBatch
from app.profiles import load_profile
from app.services import change_sets, doubt_answers
from app.services.imports_counts import Counts
from app.services.lists import list_of
from app.services.screening import district_labels
from app.views.format import label_text, moment_text
from app.views.page import Cell, Column, Field, Figure, FormPage, Link, Row, Section
from app.views.progress import ProgressPage, Table

_TONES = {
    BatchState.AWAITING_COLUMNS: "yellow",
    BatchState.CHECKED: "yellow",
    BatchState.AWAITING: "yellow",
    BatchState.IMPORTED: "green",
    BatchState.FAILED: "red",
    BatchState.CANCELLED: "gray",
    BatchState.UNDONE: "gray",
}
_VERDICTS = {
    "new": (N_("新增"), "green"),
    "undispatched": (N_("新增，未下发"), "yellow"),
    "already_there": (N_("已存在"), "gray"),
    "duplicate": (N_("重复"), "gray"),
    "rejected": (N_("退回"), "red"),
}
_REASONS = {
    "phone": N_("手机号不正确"),
    "id_checksum": N_("身份证号校验不通过"),
    "id_length": N_("身份证号位数不对"),
    "id_birth": N_("身份证号中的出生日期不正确"),
    "id_float": N_("证件号被存成数字"),
    "document": N_("证件号不正确"),
    "date": N_("日期不正确"),
    "no_phone_no_id": N_("手机号和证件号都为空"),
    "required": N_("必填项为空"),
    "too_long": N_("内容过长"),
    "choice": N_("选项不正确"),
}


@dataclass(frozen=True)
class Verdict:
    """A row of the preview."""

    number: int | str
    verdict: Cell
    cells: Sequence[Cell]
    faults: Sequence[str]


@dataclass(frozen=True)
class Preview:
    figures: Sequence[Figure]
    districts: Table | None
    columns: Sequence[Column]
    rows: Sequence[Verdict]
    file_name: str
    note: str
    can_confirm: bool
    confirm_url: str
    cancel_url: str
    rejected_url: str | None
    values_url: str | None = None


@dataclass(frozen=True)
class UploadPage:
    """「导入」: the form, and after the check the preview."""

    title: str
    form: Any = None
    preview: Preview | None = None
    lead: str = ""
    toolbar: Sequence[Link] = ()
    notes: Sequence[str] = ()
    submit_label: str = ""
    cancel_url: str = ""
    status: Cell | None = None
    back: Link | None = None


def state_cell(batch: ImportBatch) -> Cell:
    """The batch's state as a coloured label."""
    return Cell(label_text(batch.state), tone=_TONES.get(batch.state, "blue"))


def count_figures(batch: ImportBatch) -> list[Figure]:
    """Every row of the file in one of these numbers; 未下发 is part of 新增, 筛除 is there for lists that filter."""
    counts = Counts.of(batch.counts)
    numbers = [
        ("rows", N_("总行数"), counts.rows, ""),
        ("new", N_("新增"), counts.new, "green"),
        ("undispatched", N_("未下发"), counts.undispatched_rows, "yellow"),
        ("already_there", N_("已存在"), counts.already_there, ""),
        ("duplicates", N_("重复"), counts.duplicates, ""),
        ("rejected", N_("退回"), counts.rejected_rows, "red"),
    ]
    if list_of(batch.kind).enters is not None:
        numbers.append(("filtered_out", N_("筛除"), counts.filtered_out, ""))
    return [
        Figure(gettext(label), f"{number:,}", tone if number else "", key=key) for key, label, number, tone in numbers
    ]


def _district_table(counts: Counts) -> Table | None:
    """Which district gets how many rows, in the order of the area tree; None where none does."""
    dispatched = _by_district(counts.dispatched)
    rows = [
        Row(key=code, cells=[Cell(name), Cell(f"{dispatched[code]:,}")])
        for code, name in district_labels().items()
        if dispatched.get(code)
    ]
    columns = [Column("district", gettext("区县")), Column("rows", gettext("人数"), "number")]
    return (columns, rows) if rows else None


def preview_page(batch: ImportBatch) -> UploadPage:
    """What will happen if the batch is confirmed."""
    counts, declared = Counts.of(batch.counts), list_of(batch.kind)
    shown = [column for column in declared.sheet.columns if any(row["cells"].get(column.key) for row in batch.sample)]
    preview = Preview(
        figures=count_figures(batch),
        districts=_district_table(counts),
        columns=[Column(column.key, gettext(column.title)) for column in shown],
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
    return UploadPage(title, preview=preview, notes=_notes(counts), status=state_cell(batch), back=_back())


def columns_page(batch: ImportBatch, form: Any) -> FormPage:
    """Which column of the file is which, with what the titles lack."""
    remembered = gettext("选择一次即可：以后上传相同表头的文件会自动对应。「无」表示文件中没有这一列。")
    return FormPage(
        title=f"{gettext(list_of(batch.kind).title)} · {gettext('选择列')}",
        lead=batch.file_name,
        form=form,
        submit_label=gettext("继续检查"),
        cancel_url=url_for("ImportBatchView.list"),
        notes=[*_failure(batch), remembered],
        back=_back(),
    )


def _verdict(row: dict[str, Any], keys: Sequence[str]) -> Verdict:
    label, tone = _VERDICTS[row["verdict"]]
    cells = [Cell(row["cells"].get(key, "")) for key in keys]
    return Verdict(row["number"], Cell(gettext(label), tone=tone), cells, row["faults"])


def _notes(counts: Counts) -> list[str]:
    notes = []
    if counts.recolored:
        notes.append(_recoloring(counts.recolored))
    if not counts.new:
        notes.append(gettext("没有可以新增的行。"))
    if counts.rejected:
        notes.append(gettext("退回原因：%(reasons)s", reasons=_listed(_REASONS, counts.rejected)))
    if counts.undispatched:
        reasons = {reason.name: reason.label for reason in UndispatchedReason}
        text = _listed(reasons, counts.undispatched)
        notes.append(gettext("未下发：%(reasons)s。导入后由市管理员在名单中选择区县下发。", reasons=text))
    return notes


def _by_district(dispatched: dict[str, int]) -> Counter[str]:
    """Where rows went, streets with their districts."""
    found: Counter[str] = Counter()
    for code, count in dispatched.items():
        found[code_at(code, AreaLevel.DISTRICT) or code] += count
    return found


def _recoloring(counts: dict[str, int]) -> str:
    """How many change colour, and whether a second person has to agree (X4)."""
    limit, persons = load_profile(current_app.config["REGION"]).health.mass_change_limit, sum(counts.values())
    pairs = {pair: "→".join(gettext(Color[name].label) for name in pair.split(">")) for pair in counts}
    values = {"count": persons, "pairs": _listed(pairs, counts), "limit": limit}
    if persons > limit:
        return gettext(
            "将有 %(count)s 人变色（%(pairs)s），超过 %(limit)s 人，须由另一名同级或上级管理员批准后才会导入。",
            **values,
        )
    return gettext("将有 %(count)s 人变色（%(pairs)s）。", **values)


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


def _listed(labels: dict[str, str], numbers: dict[str, int]) -> str:
    return gettext("、").join(f"{gettext(labels.get(key, key))} {number:,}" for key, number in numbers.items())


def progress_page(batch: ImportBatch) -> ProgressPage:
    """The batch's progress while it is worked on, its counts and what may be done once it has ended."""
    counts, declared = Counts.of(batch.counts), list_of(batch.kind)
    here = url_for("ImportBatchView.show", key=batch.id)
    sample = _sample(batch)
    table = sample or (None if batch.failure else _district_table(counts))
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
        notes=_failure(batch) or _notes(counts),
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


def _failure(batch: ImportBatch) -> list[str]:
    if not batch.failure:
        return []
    params = {key: gettext(value) if value else value for key, value in batch.failure["params"].items()}
    message = str(batch.failure["message"])
    return [gettext(message, **params)]


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


def progress_state(batch: ImportBatch) -> dict[str, Any]:
    """What the page asks for again and again while the batch is worked on."""
    counts, state = Counts.of(batch.counts), state_cell(batch)
    return {
        "status": {"text": state.text, "tone": state.tone},
        "done": counts.done,
        "total": max(counts.total, counts.done),
        "finished": not batch.state.is_running,
        "figures": {figure.key: figure.value for figure in count_figures(batch)},
    }
