"""The page for a phone or an address beyond its limits: how long to wait, and a button that sends again what was typed.

It is answered to whoever floods the pages too, so it is laid out once for each language and filled in.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from flask import Response, current_app
from flask_babel import force_locale, gettext
from markupsafe import escape

from app.domain.labels import N_
from app.response_headers import page_nonce
from app.scan_pages.headers import PageResponse
from app.scan_pages.rendering import PageHead

STATUS = "429 Too Many Requests"
_TITLE = N_("操作太频繁")
_LEAD = N_("这部手机或这个网络一分钟内提交的次数太多，暂停受理，其他人不受影响。请等 %(seconds)s 秒后再试。")
# More than any form has: what is sent back is what somebody typed, not what a program poured in.
_MOST_FIELDS, _MOST_CHARACTERS = 40, 4096
_SECONDS, _TYPED, _NONCE = "\x00seconds\x00", "\x00typed\x00", "\x00nonce\x00"

Sent = Iterable[tuple[str, str]]


def page(language: str, *, seconds: int, sent: Sent = ()) -> Response:
    """Return the page; `sent` is what was submitted and would be lost."""
    response = PageResponse(text(language, seconds=seconds, nonce=page_nonce(), sent=sent), STATUS)
    response.headers["Retry-After"] = str(seconds)
    return response


def text(language: str, *, seconds: int, nonce: str, sent: Sent = ()) -> bytes:
    """Return the page's text, whose script tags carry `nonce`."""
    hidden = _hidden(list(sent))
    before, after = _layout(language, bool(hidden))
    return f"{before.replace(_SECONDS, str(seconds)).replace(_NONCE, nonce)}{hidden}{after}".encode()


def _hidden(sent: list[tuple[str, str]]) -> str:
    """Return what was typed as controls that send it again."""
    if len(sent) > _MOST_FIELDS or sum(len(name) + len(value) for name, value in sent) > _MOST_CHARACTERS:
        return ""
    return "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in sent)


@cache
def _layout(language: str, has_typed: bool) -> tuple[str, str]:
    """Return what stands before and after the controls."""
    with current_app.test_request_context("/"), force_locale(language):
        head = PageHead(gettext(_TITLE), gettext(_LEAD, seconds=_SECONDS))
        template = current_app.jinja_env.get_template("scan/too_many.html")
        typed = _TYPED if has_typed else ""
        filled = template.render(locale=language, page=head, kind="busy", typed=typed, csp_nonce=lambda: _NONCE)
        before, _, after = filled.partition(_TYPED)
    return before, after
