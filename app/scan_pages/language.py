"""The language of a public page: `?lang=`, else the cookie that it leaves; public pages have no session."""

from __future__ import annotations

from flask import Request, Response, current_app, request

COOKIE = "lang"
DEFAULT = "zh"
LANGUAGES = {"zh": "中文", "en": "English"}
_YEAR = 365 * 24 * 3600


def of(asked: Request) -> str:
    """Return the language of a request."""
    asked_for = asked.args.get("lang") if asked.query_string else None
    chosen = asked_for or asked.cookies.get(COOKIE, DEFAULT)
    return chosen if chosen in LANGUAGES else DEFAULT


def links() -> list[tuple[str, str, str]]:
    """Return code, name and address of this page in each language."""
    others = {key: value for key, value in request.args.items() if key != "lang"}
    tail = "".join(f"&{key}=1" for key in others if key == "form")
    return [(code, name, f"{request.path}?lang={code}{tail}") for code, name in LANGUAGES.items()]


def keep(response: Response) -> None:
    """Leave the chosen language on the phone, where the page was asked for in one."""
    chosen = request.args.get("lang")
    if chosen in LANGUAGES:
        response.set_cookie(
            COOKIE,
            chosen,
            max_age=_YEAR,
            httponly=True,
            samesite="Lax",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )
