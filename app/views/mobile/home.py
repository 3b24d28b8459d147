"""The phone's first page, and what makes the site installable: its manifest and its worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import Response, current_app, jsonify, render_template, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import get_locale, gettext
from sqlalchemy import select

from app.domain.quarantine import QuarantineStatus, is_in_quarantine
from app.domain.roles import Role
from app.extensions import db
from app.models import Residency
from app.services.lists import LISTS
from app.views.entries import entry_figures
from app.views.first_page import residents_in_hand, todos
from app.views.format import label_text
from app.views.identity import account, compounds_in_hand, current_venue_id
from app.views.listing import capped, capped_text
from app.views.mobile.page import FirstPage, Tile
from app.views.navigation import account_links, app_name
from app.views.page import Figure, Link
from app.views.resident_actions import MANAGERS
from app.views.screening_names import list_endpoint
from app.views.sites import here

_WORKER = "mobile-worker.js"
_ICON_SIZES = (192, 512)
_COLOR = "#12305f"


class MobileHomeView(BaseView):
    """「/m/」."""

    route_base = "/m"
    default_view = "index"

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        """Return who has anything to do here: managers of residents, and whoever reads a screening list."""
        return {"can_index": MANAGERS.union(*(declared.users for declared in LISTS))}

    @expose("/")
    @has_access
    @permission_name("index")
    def index(self) -> str:
        """Show the tiles and what waits."""
        person = account()
        return render_template(
            "mobile/home.html",
            page=FirstPage(
                title=app_name(),
                lead=gettext("您好，%(name)s（%(role)s）", name=person.display_name, role=label_text(person.role)),
                compounds=compounds_in_hand(),
                compound_id=current_venue_id(),
                tiles=_tiles() if person.role in MANAGERS else (),
                todos=todos(),
                lists=_lists(),
                more=[Link(gettext("电脑版"), url_for("HomeView.index")), *_own_links()],
            ),
        )

    @expose("/manifest.webmanifest")
    def manifest(self) -> Response:
        """Return how the site looks among a phone's programs."""
        icons = [_icon(f"icon-{size}", size, "any") for size in _ICON_SIZES]
        answer = jsonify(
            name=app_name(),
            short_name=gettext("防控管理"),
            lang=str(get_locale()).replace("_", "-"),
            id="/m/",
            start_url=url_for("MobileHomeView.index"),
            # The sign-in and the rest of the site stay in the same window.
            scope="/",
            display="standalone",
            orientation="portrait",
            theme_color=_COLOR,
            background_color=_COLOR,
            icons=[*icons, _icon("icon-maskable-512", _ICON_SIZES[-1], "maskable")],
        )
        answer.mimetype = "application/manifest+json"
        return answer

    @expose("/worker.js")
    def worker(self) -> Response:
        """Return the worker from here, because it may only look after pages below its own address."""
        return current_app.send_static_file(_WORKER)


def _icon(name: str, size: int, purpose: str) -> dict[str, str]:
    source = url_for("static", filename=f"icons/{name}.png")
    return {"src": source, "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}


def _tiles() -> Sequence[Tile]:
    residents, entries = url_for(here("ResidentView.list")), url_for(here("EntryView.list"))
    return (
        Tile(gettext("小区居民管理"), residents, "users", _resident_figures()),
        Tile(gettext("进出登记管理"), entries, "list", [replace(figure, url=None) for figure in entry_figures()]),
    )


def _resident_figures() -> list[Figure]:
    """Return how many residents there are, and how many of them are or ought to be isolated."""
    residing = residents_in_hand(Residency.ended_at.is_(None))
    isolated = residing.where(Residency.status.in_([each for each in QuarantineStatus if is_in_quarantine(each)]))
    counts = db.session.execute(select(capped(residing), capped(isolated))).one()
    labels = gettext("居民人数"), gettext("隔离人数")
    return [Figure(label, capped_text(count)) for label, count in zip(labels, counts, strict=True)]


def _lists() -> list[Link]:
    role = account().role
    mine = [declared for declared in LISTS if role in declared.users]
    return [Link(gettext(declared.title), url_for(here(list_endpoint(declared)))) for declared in mine]


def _own_links() -> Sequence[Link]:
    """Return the account's own links but signing out, which has its own place."""
    return [link for link in account_links() if link.method == "get"]
