"""What the system page calls queues and turns of the schedule: their own names are keys for programs."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext

from app.domain.labels import N_

_NAMES: Mapping[str, str] = {
    "imports": N_("导入队列"),
    "statistics": N_("统计队列"),
    "messages": N_("短信队列"),
    "exports": N_("导出队列"),
    "sweep-stalled-batches": N_("接续中断的导入"),
    "sweep-silent-work": N_("接续中断的导出和比对"),
    "sweep-silent-codes": N_("接续中断的二维码批次"),
    "release-finished-quarantines": N_("解除期满的隔离"),
    "count-hours": N_("统计每小时扫码"),
    "sweep-moved-areas": N_("核对区域调整"),
    "verify-audit-trail": N_("每晚校验操作日志"),
    "ensure-partitions": N_("准备下月数据表"),
    "purge-expired": N_("清理到期数据"),
    "resend-waiting-messages": N_("重发未送达短信"),
    "settle-expired-colors": N_("登记到期的健康码颜色"),
    "lapse-unapproved-evidence": N_("作废逾期未批准的依据"),
    "follow-health-rules": N_("启用新的赋码规则"),
}


def name_of(key: str) -> str:
    """Return the name in the reader's language; of what an older or a newer version runs, its key."""
    return gettext(_NAMES[key]) if key in _NAMES else key
