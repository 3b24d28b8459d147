"""What the pages of an import of accounts show."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext

from app.domain.labels import N_
from app.models import AccountImport, AccountImportState
from app.services import account_imports
from app.services.account_rows import RowVerdict
from app.spreadsheets.sheet_search import row_label
from app.views.format import label_text, moment_text
from app.views.identity import account
from app.views.page import Cell, Column, Field, Figure, Link, Section
from app.views.progress import ProgressPage
from app.views.upload_page import Preview, UploadPage, Verdict
from app.views.watched import failure_notes

TITLE = N_("批量开通账号")
_TONES = {
    AccountImportState.CHECKED: "yellow",
    AccountImportState.RUNNING: "blue",
    AccountImportState.DONE: "green",
    AccountImportState.FAILED: "red",
}
_VERDICTS = {
    RowVerdict.NEW.value: (N_("新增"), "green"),
    RowVerdict.ALREADY_THERE.value: (N_("已存在"), "gray"),
    RowVerdict.DUPLICATE.value: (N_("重复"), "gray"),
    RowVerdict.REJECTED.value: (N_("退回"), "red"),
}


def state_cell(found: AccountImport) -> Cell:
    """The state as a coloured label."""
    return Cell(label_text(found.state), tone=_TONES.get(found.state, "gray"))


def figures(found: AccountImport) -> list[Figure]:
    """Every row of the file in one of these numbers; 已开通 and 未能开通 are what became of the new ones."""
    numbers = [
        ("rows", N_("总行数"), ""),
        ("new", N_("新增"), ""),
        ("already_there", N_("已存在"), ""),
        ("duplicate", N_("重复"), ""),
        ("rejected", N_("退回"), "red"),
    ]
    if found.state is not AccountImportState.CHECKED:
        numbers += [("created", N_("已开通"), "green"), ("failed", N_("未能开通"), "red")]
    counts = found.counts
    return [
        Figure(gettext(label), f"{counts.get(key, 0):,}", tone if counts.get(key) else "", key=key)
        for key, label, tone in numbers
    ]


def preview_page(found: AccountImport) -> UploadPage:
    """Which accounts will be opened if the import is confirmed, and every fault of the other rows."""
    sheet, shown = account_imports.sheet_of(account().role), account_imports.preview_of(found)
    columns = [column for column in sheet.columns if any(row["cells"].get(column.key) for row in shown)]
    is_new = bool(found.counts.get(RowVerdict.NEW.value))
    preview = Preview(
        figures=figures(found),
        districts=None,
        columns=[Column(column.key, gettext(column.title)) for column in columns],
        rows=[_verdict(row, [column.key for column in columns]) for row in shown],
        file_name=found.file_name,
        note=gettext("前 %(count)s 行", count=len(shown)),
        can_confirm=is_new,
        confirm_url=url_for("AccountImportView.decide", decision="confirm", key=found.id),
        cancel_url=url_for("AccountImportView.decide", decision="cancel", key=found.id),
        rejected_url=_rejected_url(found),
    )
    notes = [gettext("确认后逐个开通账号，初始密码以短信发送到各人手机。") if is_new else gettext("没有可以新增的行。")]
    title = f"{gettext(TITLE)} · {gettext('预览核对')}"
    return UploadPage(title, preview=preview, notes=notes, status=state_cell(found), back=back_link())


def _verdict(row: dict[str, Any], keys: list[str]) -> Verdict:
    label, tone = _VERDICTS[row["verdict"]]
    role = account().role
    faults = [account_imports.fault_text(column, message, role=role) for column, message in row["faults"]]
    cells = [Cell(row["cells"].get(key) or "") for key in keys]
    return Verdict(row_label(row["number"]), Cell(gettext(label), tone=tone), cells, faults)


def _rejected_url(found: AccountImport) -> str | None:
    is_there = found.file_id is not None and found.counts.get(RowVerdict.REJECTED.value)
    return url_for("AccountImportView.rejected", key=found.id) if is_there else None


def progress_page(found: AccountImport) -> ProgressPage:
    """How far it is, or how it ended."""
    url = _rejected_url(found)
    return ProgressPage(
        title=gettext(TITLE),
        lead=found.file_name,
        status=state_cell(found),
        done=_done(found),
        total=found.counts.get(RowVerdict.NEW.value, 0),
        is_finished=found.state is not AccountImportState.RUNNING,
        progress_url=url_for("AccountImportView.progress", key=found.id),
        refresh_url=url_for("AccountImportView.show", key=found.id),
        figures=figures(found),
        links=[Link(gettext("下载退回行"), url)] if url else [],
        notes=failure_notes(found.failure),
        sections=[
            Section(
                gettext("导入信息"),
                [
                    Field(gettext("编号"), str(found.id)),
                    Field(gettext("上传时间"), moment_text(found.created_at)),
                    Field(gettext("完成时间"), moment_text(found.finished_at)),
                ],
            )
        ],
        back=back_link(),
    )


def _done(found: AccountImport) -> int:
    return int(found.counts.get("created", 0) + found.counts.get("failed", 0))


def back_link() -> Link:
    return Link(gettext("账号导入记录"), url_for("AccountImportView.list"))
