"""Public pages from their templates, past the context of the back office: no session, no account, no menu."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import Response, current_app, make_response
from flask_babel import force_locale, gettext
from markupsafe import escape

from app import clock
from app.domain.colors import Color
from app.domain.labels import N_
from app.domain.masking import mask_name
from app.profiles import Profile, load_profile
from app.services.scan_entries import ScanResult
from app.services.scan_venues import ScanVenue

_WORDS = {Color.GREEN: N_("绿码"), Color.YELLOW: N_("黄码"), Color.RED: N_("红码"), Color.ORANGE: N_("橙码")}
_BLANK = re.compile("\x00([a-z_]+)\x00")


@dataclass(frozen=True)
class PageHead:
    """Title and lead of a public page, and who issues it (Z22)."""

    title: str
    lead: str = ""
    issuer: str = ""


def profile() -> Profile:
    return load_profile(current_app.config["REGION"])


def page(template: str, language: str, *, code: int = 200, **context: Any) -> Response:
    """Return a public page in `language`."""
    with force_locale(language):
        text = current_app.jinja_env.get_template(template).render(locale=language, **context)
    return make_response(text, code)


def message(kind: str, title: str, lead: str, language: str, *, code: int) -> Response:
    """Return a page that says one thing: unknown, closed, busy, expired."""
    with force_locale(language):
        head = PageHead(gettext(title), gettext(lead))
    return page("scan/message.html", language, code=code, page=head, kind=kind)


def head_for(venue: ScanVenue, language: str) -> PageHead:
    """Return title and lead of the venue's kind (Z14)."""
    texts, region = profile().page(venue.kind), profile()
    return PageHead(texts.title.in_(language), texts.lead.in_(language), region.issuer.in_(language))


@dataclass(frozen=True)
class _Face:
    """What a result page shows apart from name, place and time."""

    region: str
    language: str
    color: Color
    is_key_area: bool
    is_refused: bool


def result_page(result: ScanResult, venue: ScanVenue, language: str) -> Response:
    """Return the page that the guard looks at (Z-S9), not to be kept or opened again."""
    face = _Face(current_app.config["REGION"], language, result.color, result.is_key_area, result.is_refused)
    now = clock.now().astimezone(profile().zone)
    values = {
        "name": escape(mask_name(result.name)),
        "venue": escape(venue.name),
        "registered_at": result.recorded_at.astimezone(profile().zone).strftime("%Y-%m-%d %H:%M:%S"),
        "server_now": now.isoformat(timespec="seconds"),
        "clock": now.strftime("%Y-%m-%d %H:%M:%S"),
    }
    layout = _layout(face)
    return Response("".join([part if at % 2 == 0 else values[part] for at, part in enumerate(layout)]))


@cache
def _layout(face: _Face) -> list[str]:
    """Return the page's fixed text and the names of its blanks in turn; laid out once, filled in for each scan."""
    hints = load_profile(face.region).guard_hints
    hint = hints.key_area if face.is_key_area else hints.by_color[face.color]
    shown = {
        "color": "red" if face.is_refused or face.is_key_area else face.color.tone,
        "is_key_area": face.is_key_area,
        "is_refused": face.is_refused,
        "hint": (hints.refused_advice if face.is_refused else hint).in_(face.language),
        "refusal": hints.refused.in_(face.language),
        **{name: f"\x00{name}\x00" for name in ("name", "venue", "registered_at", "server_now", "clock")},
    }
    with force_locale(face.language):
        shown["word"] = gettext(_WORDS[face.color])
        template = current_app.jinja_env.get_template("scan/result.html")
        return _BLANK.split(template.render(locale=face.language, result=shown, page=PageHead(shown["word"])))
