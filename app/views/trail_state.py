"""Whether the audit trail holds, as its page says it: when it was looked at last, up to which event, and what was found."""

from __future__ import annotations

from flask_babel import gettext

from app.models import AuditCheck
from app.services import audit_checks
from app.views.format import moment_text
from app.views.page import Figure


def trail_figures() -> list[Figure]:
    """Return the state of the trail as figures on top of its list."""
    found, running = audit_checks.standing()
    shown = [_result(found)]
    if found is not None:
        shown.append(Figure(gettext("已校验至"), gettext("第 %(number)s 条", number=f"{found.checked:,}")))
    if running is not None:
        shown.append(Figure(gettext("校验"), gettext("正在进行"), tone="blue", hint=gettext("完成后刷新本页查看结果")))
    return shown


def _result(found: AuditCheck | None) -> Figure:
    label = gettext("日志完整性")
    if found is None or found.finished_at is None:
        return Figure(label, gettext("尚未校验"), tone="yellow", hint=gettext("点击「校验」检查全部记录"))
    hint = gettext("%(moment)s 校验", moment=moment_text(found.finished_at))
    if found.fault_event_id is None or found.problem is None:
        return Figure(label, gettext("完整"), tone="green", hint=hint)
    fault = gettext("第 %(number)s 条：%(problem)s", number=f"{found.fault_event_id:,}", problem=gettext(found.problem))
    advice = gettext("请保留现场，停止修改数据库，并联系安全负责人。")
    return Figure(label, fault, tone="red", hint=f"{hint}{gettext('；')}{advice}")
