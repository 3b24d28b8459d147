"""「核验健康码」: a camera or twelve digits, checked on the spot and then against the present colour (X1, X6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, make_response, render_template, request, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import get_locale, gettext

from app import clock
from app.domain.code_tokens import EARLY_SECONDS, LIFETIME_SECONDS
from app.domain.colors import Color
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.roles import Role
from app.response_headers import POLICY, POWERS, content_policy, page_nonce, powers
from app.services import code_checks, double_sightings
from app.services.code_checks import CheckedCode
from app.views.format import moment_text, profile
from app.views.forms import error_text
from app.views.identity import account, current_venue_id
from app.views.polling import polled

GUARDS = frozenset({Role.COMPOUND_ADMIN, Role.SECTOR_ADMIN, Role.MEDICAL_INSTITUTION, Role.UNIT_ADMIN, Role.SCANNER})
TITLE = N_("核验健康码")
_REFUSED, _TOO_MANY = 422, 429
# Of a moment's text, the time of day.
_CLOCK = slice(11, None)
WORDS = {Color.GREEN: N_("绿码"), Color.YELLOW: N_("黄码"), Color.RED: N_("红码"), Color.ORANGE: N_("橙码")}


@dataclass(frozen=True)
class Verdict:
    """What the page says about a code: colour as tone, word and sign, and what to do."""

    tone: str
    word: str
    masked_name: str = ""
    sentences: tuple[str, ...] = ()
    advice: str = ""
    age: int | None = None
    is_elsewhere: bool = False


@dataclass(frozen=True)
class CheckPage:
    """Title and lead of the page."""

    title: str
    lead: str


def verdict_of(checked: CheckedCode) -> Verdict:
    """Return the verdict in the reader's language."""
    locale, hints = get_locale(), profile().guard_hints.by_color
    return Verdict(
        tone=checked.color.tone,
        word=gettext(WORDS[checked.color]),
        masked_name=checked.masked_name,
        sentences=tuple(sentence.in_(locale) for sentence in checked.sentences),
        advice=hints[checked.color].in_(locale) if checked.color in hints else "",
        age=checked.age,
        is_elsewhere=checked.is_elsewhere,
    )


class CodeCheckView(BaseView):
    """One page, on the phone of whoever checks; it stays open and works on while the network does not."""

    route_base = "/check"
    default_view = "list"

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        return {"menu_access": GUARDS, "can_list": GUARDS, "can_look": GUARDS}

    @expose("/")
    @has_access
    @permission_name("list")
    def list(self) -> Response:
        """Show camera and box."""
        return _page()

    @expose("/", methods=["POST"])
    @has_access
    @permission_name("look")
    def look(self) -> Response:
        """Answer for a shown code, as the inside of the page where a script asks for that."""
        place = _place()
        try:
            checked = code_checks.check(
                request.form.get("shown", ""), account=account(), place=place, moment=clock.now()
            )
        except DomainError as fault:
            status = _TOO_MANY if fault.code == "check_too_often" else _REFUSED
            return _page(error=error_text(fault), status=status)
        return _page(verdict_of(checked))

    @expose("/elsewhere")
    @has_access
    @permission_name("list")
    @polled
    def elsewhere(self) -> str:
        """Return what the page, while it stays open, asks for: which of the codes just checked appeared elsewhere."""
        return render_template("admin/_double_sightings.html", told=_told())


def _told() -> Sequence[str]:
    """What to say of codes that this account checked and that somebody else saw elsewhere right after."""
    return [
        gettext(
            "您 %(first)s 核验的健康码（%(name)s，尾号 %(tail)s）于 %(second)s 又在另一处出示：%(place)s。请核对本人和证件。",
            first=moment_text(row.first_seen_at)[_CLOCK],
            name=row.masked_name,
            tail=row.number[-4:],
            second=moment_text(row.second_seen_at)[_CLOCK],
            place=row.second_place,
        )
        for row in double_sightings.lately_of(account(), clock.now())
    ]


def _place() -> str:
    """Where the code is seen: the compound in hand, so that its two gates are one place; else whoever checks."""
    venue_id = current_venue_id()
    return f"venue:{venue_id}" if venue_id is not None else f"account:{account().id}"


def _page(verdict: Verdict | None = None, *, error: str = "", status: int = 200) -> Response:
    if request.headers.get("X-Requested-With") == "fetch":
        return make_response(render_template("admin/_verdict.html", verdict=verdict, error=error), status)
    text = render_template(
        "admin/code_check.html",
        page=CheckPage(gettext(TITLE), gettext("扫描对方健康码页面上的二维码，或输入12位编号。")),
        verdict=verdict,
        error=error,
        told=_told(),
        words={color.tone: gettext(word) for color, word in WORDS.items()},
        keys_url=url_for("code.keys"),
        lifetime=LIFETIME_SECONDS,
        early=EARLY_SECONDS,
    )
    response = make_response(text, status)
    # The decoder is WebAssembly of our own; the camera's picture stays in the page.
    response.headers[POLICY] = content_policy(
        page_nonce(), extra_script="'wasm-unsafe-eval'", media="'self' blob: mediastream:"
    )
    response.headers[POWERS] = powers(camera="(self)")
    return response


def register(appbuilder: AppBuilder) -> None:
    """Add the page to the menu of those who check."""
    appbuilder.add_view(CodeCheckView(), "CodeCheckView", label=TITLE, category="checks", category_label=N_("现场核验"))
