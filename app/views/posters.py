"""「获取二维码」 and 「二维码下载」 (Z-R9): the poster of a compound, to look at, to send and to print."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Response, abort, render_template, request, send_file, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext
from sqlalchemy import select

from app.domain.roles import Role
from app.domain.sectors import CodeState
from app.extensions import db
from app.models import Venue
from app.posters import Poster, render_pdf, render_png, render_qr_png
from app.services.venue_posters import poster_of
from app.services.venues import scan_address
from app.views.page import Link

MANAGERS = frozenset(
    {Role.CITY_ADMIN, Role.DISTRICT_ADMIN, Role.STREET_ADMIN, Role.COMMUNITY_ADMIN, Role.COMPOUND_ADMIN}
) | {Role.SECTOR_ADMIN}


@dataclass(frozen=True)
class PosterPage:
    """The code of one venue with the buttons that download its poster."""

    title: str
    image_url: str
    image_alt: str
    caption: str
    links: list[Link] = field(default_factory=list)


class PosterView(BaseView):
    """Posters of open venues in scope; any other answers 404."""

    route_base = "/poster"
    default_view = "show"

    @classmethod
    def permitted_roles(cls) -> dict[str, frozenset[Role]]:
        return {"can_show": MANAGERS}

    @expose("/<int:key>")
    @has_access
    @permission_name("show")
    def show(self, key: int) -> str:
        """Show the code, in a dialog or on a page of its own."""
        venue = _fetch(key)
        code = base64.b64encode(render_qr_png(scan_address(venue), scale=8)).decode()
        page = PosterPage(
            title=gettext("获取二维码"),
            image_url=f"data:image/png;base64,{code}",
            image_alt=gettext("%(name)s 的二维码", name=venue.name),
            caption=venue.name,
            links=[
                Link(gettext("二维码下载（PNG）"), url_for("PosterView.png", key=key), style="primary"),
                Link(gettext("二维码下载（PDF）"), url_for("PosterView.pdf", key=key)),
            ],
        )
        is_fragment = request.headers.get("X-Requested-With") == "fetch"
        template = "admin/_poster_body.html" if is_fragment else "admin/poster.html"
        return render_template(template, page=page, is_fragment=is_fragment)

    @expose("/<int:key>.png")
    @has_access
    @permission_name("show")
    def png(self, key: int) -> Response:
        """Send the poster as a picture."""
        return _download(_fetch(key), render_png, "png", "image/png")

    @expose("/<int:key>.pdf")
    @has_access
    @permission_name("show")
    def pdf(self, key: int) -> Response:
        """Send the poster as a page to print."""
        return _download(_fetch(key), render_pdf, "pdf", "application/pdf")


def _fetch(key: int) -> Venue:
    query = select(Venue).where(Venue.id == key, Venue.closed_at.is_(None), Venue.code_state != CodeState.REVOKED)
    venue: Venue | None = db.session.execute(query).scalar_one_or_none()
    return venue if venue is not None else abort(404)


def _download(venue: Venue, render: Callable[[Poster], bytes], suffix: str, kind: str) -> Response:
    content = io.BytesIO(render(poster_of(venue)))
    name = f"{venue.name}-{gettext('二维码')}.{suffix}"
    return send_file(content, mimetype=kind, as_attachment=True, download_name=name)


def register(appbuilder: AppBuilder) -> None:
    """Add the view; it stands in no menu, links to it are in the toolbar and the avatar menu."""
    appbuilder.add_view_no_menu(PosterView())
