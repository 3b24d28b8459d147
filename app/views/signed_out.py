"""What whoever has no session, or whose session has ended, is answered in place of a page behind the sign-in (Z-A3)."""

from __future__ import annotations

from flask import Flask, Response, current_app, flash, redirect, request, session, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.views.polling import is_poll
from app.views.sign_in import safe_next
from app.views.sites import HOME, is_of_phone, is_phone

_UNKNOWN = 401


def register(app: Flask) -> None:
    """Answer before any view behind the sign-in runs; the screens' own guard stands behind this."""
    app.before_request(_lead_to_sign_in)


def _lead_to_sign_in() -> BaseResponse | None:
    if not _is_behind_sign_in() or current_user.is_authenticated:
        return None
    if is_poll():
        return Response(status=_UNKNOWN)  # the page that asked says so, and keeps what stands in it
    flash(_why(), "warning")
    return redirect(url_for("SignInView.login", next=_page_to_return_to()))


def _is_behind_sign_in() -> bool:
    """Return whether the view that is asked for demands a permission, as `has_access` notes on it."""
    return hasattr(current_app.view_functions.get(request.endpoint or ""), "_permission_name")


def _why() -> str:
    if "_user_id" not in session:
        return gettext("请先登录。")
    ended = gettext(
        "登录已结束：超过%(minutes)s分钟没有操作、已满%(hours)s小时，或已在别处结束。请重新登录。",
        minutes=current_app.config["SESSION_IDLE_MINUTES"],
        hours=current_app.config["SESSION_HOURS"],
    )
    return ended if request.method == "GET" else ended + gettext("刚才提交的内容没有保存。")


def _page_to_return_to() -> str:
    """Return the page that was asked for; of a form that was sent, the page on which it stood."""
    if request.method == "GET":
        return request.full_path if request.query_string else request.path
    page = safe_next(request.referrer or "")
    return page if is_of_phone(page) or not is_phone() else url_for(HOME)
