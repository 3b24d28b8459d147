"""Errors as pages that say what to do and show nothing of the inside."""

from __future__ import annotations

from flask import Flask, current_app, render_template, request
from flask_babel import gettext, lazy_gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from app.access import ScopeViolation
from app.domain.errors import DomainError
from app.extensions import db
from app.views.forms import error_text

_TITLES = {
    400: lazy_gettext("请求无法识别"),
    403: lazy_gettext("没有权限"),
    404: lazy_gettext("找不到这个页面或记录"),
    405: lazy_gettext("请求方式不正确"),
    409: lazy_gettext("这条记录刚刚发生了变化"),
    413: lazy_gettext("文件太大"),
    429: lazy_gettext("操作太频繁"),
    500: lazy_gettext("系统出错了"),
    503: lazy_gettext("系统繁忙"),
}
_HINTS = {
    400: lazy_gettext("请返回上一页重试。"),
    403: lazy_gettext("您的账号不能打开这个页面；如需权限，请联系上级管理员。"),
    404: lazy_gettext("它可能已被删除，或不在您的管辖范围内。"),
    405: lazy_gettext("请返回上一页重试。"),
    409: lazy_gettext("请返回上一页刷新后再操作。"),
    413: lazy_gettext("请上传不超过 64 MB 的文件，或分成几份上传。"),
    429: lazy_gettext("请稍等一分钟再试。"),
    500: lazy_gettext("已记录下来，请稍后再试；您填写的内容没有保存。"),
    503: lazy_gettext("请稍等几秒再试。"),
}


def register(app: Flask) -> None:
    """Answer every error with a page of ours."""
    app.register_error_handler(HTTPException, lambda fault: page(fault.code or 500))
    app.register_error_handler(ScopeViolation, _scope_violation)
    app.register_error_handler(DomainError, lambda fault: page(409, hint=error_text(fault)))
    app.register_error_handler(CSRFError, lambda _fault: page(400, hint=gettext("页面已过期，请返回刷新后重新提交。")))
    app.register_error_handler(OperationalError, _database_fault)
    app.register_error_handler(Exception, _unforeseen)


def page(code: int, *, hint: str | None = None) -> tuple[str, int]:
    """Return the error page of `code`."""
    known = code if code in _TITLES else 500
    return render_template("admin/error.html", code=code, title=_TITLES[known], hint=hint or _HINTS[known]), code


def _scope_violation(fault: ScopeViolation) -> tuple[str, int]:
    db.session.rollback()
    current_app.logger.warning("scope: %s at %s", fault, request.endpoint)
    return page(403)


def _database_fault(fault: OperationalError) -> tuple[str, int]:
    db.session.rollback()
    current_app.logger.error("database: %s", type(fault.orig).__name__)
    return page(503)


def _unforeseen(fault: Exception) -> tuple[str, int]:
    db.session.rollback()
    # The traceback without values: messages of database errors carry parameters, which may be personal data.
    import traceback

    frames = "".join(traceback.format_tb(fault.__traceback__))
    current_app.logger.error("unforeseen %s at %s\n%s", type(fault).__name__, request.endpoint, frames)
    if current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise fault
    return page(500)
