"""Public pages from their templates, past the context of the back office: no session, no account, no menu."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from flask import Response, current_app
from flask_babel import force_locale, gettext
from markupsafe import escape

from app import clock
from app.domain.colors import Color
from app.domain.labels import N_, Text
from app.domain.masking import mask_name
from app.domain.venues import VenueFamily
from app.profiles import Profile, load_profile
from app.profiles.model import ScanPage
from app.response_headers import page_nonce
from app.scan_pages.headers import PageResponse
from app.services.scan_entries import ScanResult
from app.services.scan_venues import ScanVenue

_WORDS = {Color.GREEN: N_("绿码"), Color.YELLOW: N_("黄码"), Color.RED: N_("红码"), Color.ORANGE: N_("橙码")}
_BLANKS = ("name", "venue", "registered_at", "server_now", "clock")
_NONCE = "nonce"
_DAY_AND_TIME = len("2020-03-18 21:17:44")
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
    return PageResponse(text, code)


def message(kind: str, title: str, lead: str, language: str, *, code: int, **link: str) -> Response:
    """Return a page that says one thing: unknown, closed, busy, expired."""
    with force_locale(language):
        head = PageHead(gettext(title), gettext(lead))
    return page("scan/message.html", language, code=code, page=head, kind=kind, **link)


def titled(title: str, language: str) -> PageHead:
    """Return a head with a translated title alone."""
    with force_locale(language):
        return PageHead(gettext(title), issuer=profile().issuer.in_(language))


def code_head(language: str) -> PageHead:
    """Return title and lead of the region's health code (Z-H1)."""
    return head_of(profile().codes.page, language)


def head_of(texts: ScanPage, language: str) -> PageHead:
    """Return title and lead of a page whose texts are the region's."""
    return PageHead(texts.title.in_(language), texts.lead.in_(language), profile().issuer.in_(language))


def pledge_page(texts: ScanPage, language: str, *, back_url: str) -> Response:
    """Return the text to which a form's tick consents (D7), under the name that the form's page gives it."""
    region = profile()
    return page(
        "scan/pledge.html",
        language,
        page=PageHead(texts.pledge_title.in_(language), issuer=region.issuer.in_(language)),
        paragraphs=[text.in_(language) for text in region.pledge.paragraphs],
        back_url=back_url,
    )


def color_word(color: Color) -> str:
    """Return 绿码, 黄码 … in the language in force."""
    return gettext(_WORDS[color])


def head_for(venue: ScanVenue, language: str) -> PageHead:
    """Return title and lead of the venue's kind (Z14)."""
    return head_of(profile().page(venue.kind), language)


def result_page(result: ScanResult, venue: ScanVenue, language: str) -> Response:
    """Return the page that the guard looks at (Z-S9), not to be kept or opened again."""
    return PageResponse(result_text(result, venue, language, page_nonce()))


def result_text(result: ScanResult, venue: ScanVenue, language: str, nonce: str) -> bytes:
    """Return the text of the result page, whose script tags carry `nonce`."""
    region = profile()
    now, recorded_at = clock.now().astimezone(region.zone), result.recorded_at.astimezone(region.zone)
    is_old = now - recorded_at > timedelta(minutes=region.remote_after_minutes)
    values = {
        "name": escape(mask_name(result.name)),
        "venue": escape(venue.name),
        "registered_at": _seconds(recorded_at),
        "server_now": now.isoformat(timespec="seconds"),
        "clock": _seconds(now),
        "reason": escape(_reason(result, language)),
        _NONCE: nonce,
    }
    looks = _Looks(
        color=result.color,
        is_key_area=result.is_key_area,
        is_refused=result.is_refused,
        is_remote=result.is_remote or is_old,
        has_reason=bool(result.reason),
        is_sector=venue.kind.family is VenueFamily.SECTOR,
    )
    return (_layout(region, language, looks) % values).encode()


def _reason(result: ScanResult, language: str) -> str:
    if isinstance(result.reason, Text):
        return result.reason.in_(language)
    if not result.reason:
        return ""
    with force_locale(language):
        return str(gettext(result.reason))


def _seconds(moment: datetime) -> str:
    return moment.isoformat(" ", "seconds")[:_DAY_AND_TIME]


class _Looks(NamedTuple):
    """In what one result page differs from another, but for what is filled in."""

    color: Color
    is_key_area: bool
    is_refused: bool
    is_remote: bool
    has_reason: bool
    is_sector: bool

    @property
    def tone(self) -> str:
        """A refusal is red whatever the code is; somebody from a key area is of the region's worst colour already."""
        return "red" if self.is_refused else self.color.tone


@cache
def _layout(region: Profile, language: str, looks: _Looks) -> str:
    """Return the page as a text with blanks for the `%` operator; laid out once, filled in for each scan."""
    hints = region.guard_hints
    # New rules may bring a colour for which the region has no words yet: the gate goes by the strictest.
    hint = hints.key_area if looks.is_key_area else hints.by_color.get(looks.color, hints.by_color[region.worst_color])
    shown = {
        "color": looks.tone,
        "is_key_area": looks.is_key_area,
        "is_refused": looks.is_refused,
        "is_remote": looks.is_remote,
        "hint": (hints.refused_advice if looks.is_refused else hint).in_(language),
        "temperature": hints.temperature.in_(language),
        "refusal": hints.refused.in_(language),
        **{name: f"\x00{name}\x00" for name in _BLANKS},
    }
    around = {
        "reason": "\x00reason\x00" if looks.has_reason else "",
        "again_url": "?form=1" if looks.is_sector else "",
        "csp_nonce": lambda: f"\x00{_NONCE}\x00",
    }
    # Addresses of static files can be built within a request only, and the express lane is not one.
    with current_app.test_request_context("/"), force_locale(language):
        word = gettext(_WORDS[looks.color])
        template = current_app.jinja_env.get_template("scan/result.html")
        filled = template.render(locale=language, result={**shown, "word": word}, page=PageHead(word), **around)
    return _BLANK.sub(r"%(\1)s", filled.replace("%", "%%"))
