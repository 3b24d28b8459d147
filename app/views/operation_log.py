"""The operation log of a record: who changed what, when, from what to what (Z-R7, checklist Z72)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext

from app.domain.labels import N_
from app.models import AuditEvent
from app.views.format import moment_text
from app.views.page import Cell, Column, Row
from app.views.trail_values import value_text

ACTIONS = {
    "confirm_quarantine": N_("确认隔离"),
    "release_quarantine": N_("解除隔离"),
    "release_finished": N_("隔离期满自动解除"),
    "mark_not_arrived": N_("未到本小区"),
    "quarantine_by_policy": N_("依据政策设置隔离状态"),
    "end_residency": N_("未在本小区"),
    "correct_person": N_("编辑"),
    "create_resident": N_("新建"),
    "reveal": N_("查看完整"),
    "export": N_("导出"),
    "register_again": N_("重新登记"),
    "delete_entry": N_("删除进出记录"),
    "create_venue": N_("新建小区"),
    "close_venue": N_("关闭小区"),
    "edit_venue": N_("编辑场所"),
    "reopen_venue": N_("重新启用场所"),
    "dispatch": N_("下发"),
    "record_outcome": N_("编辑状态"),
    "import.upload": N_("上传名单"),
    "import.import": N_("导入名单"),
    "import.cancel": N_("取消导入"),
    "import.undo": N_("撤销导入"),
    "sign_in": N_("登录"),
    "sign_in_failed": N_("登录失败"),
    "sign_out": N_("退出登录"),
    "end_sessions": N_("结束登录会话"),
    "enrol_second_factor": N_("启用动态口令"),
    "remove_second_factor": N_("停用动态口令"),
    "renew_recovery_codes": N_("更换恢复码"),
    "reset_second_factor": N_("重置动态口令"),
    "use_recovery_code": N_("使用恢复码登录"),
    "change_password": N_("修改密码"),
    "reset_password": N_("重置密码"),
    "appoint": N_("新增账号"),
    "correct_account": N_("修改账号"),
    "suspend_account": N_("停用账号"),
    "resume_account": N_("启用账号"),
}
FIELDS = {
    "status": N_("隔离状态"),
    "reason": N_("原因"),
    "remark": N_("备注"),
    "ended": N_("关联"),
    "name": N_("姓名"),
    "document_type": N_("证件类型"),
    "document_number": N_("证件号"),
    "phone": N_("手机号"),
    "address": N_("现住地址"),
    "plate": N_("车牌号"),
    "account": N_("账号"),
    "role": N_("角色"),
    "compounds": N_("小区"),
    "fields": N_("查看内容"),
    "rows": N_("行数"),
    "new": N_("新增"),
    "undispatched": N_("未下发"),
    "file": N_("文件"),
    "venue": N_("场所"),
    "size": N_("数量"),
    "codes": N_("数量"),
    "events": N_("条数"),
}

_ACTOR = re.compile("(?P<name>.*)（(?P<role>[^（）]*)）")


def log_rows(events: Sequence[AuditEvent]) -> tuple[Sequence[Column], Sequence[Row]]:
    """Return columns and rows of an operation log, newest first."""
    columns = [
        Column("recorded_at", gettext("操作时间"), "datetime"),
        Column("actor", gettext("操作人")),
        Column("action", gettext("操作")),
        Column("changes", gettext("变更内容"), is_wide=True),
    ]
    rows = [
        Row(
            key=str(event.id),
            cells=[
                Cell(moment_text(event.recorded_at)),
                Cell(actor_text(event.actor_label)),
                Cell(gettext(ACTIONS.get(event.action, event.action))),
                Cell(change_text(event.changes)),
            ],
        )
        for event in events
    ]
    return columns, rows


def actor_text(label: str) -> str:
    """Return who did it as the trail names them, the role in the reader's language: 周建国 (City administrator)."""
    named = _ACTOR.fullmatch(label)
    if named is None or not named["role"]:
        return gettext(label)
    role = named["role"]
    return named["name"] + gettext("（%(note)s）", note=gettext(role))


def change_text(changes: dict[str, Any]) -> str:
    """Return what an event changed in the reader's language."""
    return gettext("；").join(_change(key, value) for key, value in changes.items() if value)


def _change(key: str, value: Any) -> str:
    label = gettext(FIELDS.get(key, key))
    if isinstance(value, list) and len(value) == 2:  # noqa: PLR2004 - from and to
        return label + gettext("：") + f"{value_text(key, value[0])} → {value_text(key, value[1])}"
    return label + gettext("：") + value_text(key, value)
