"""Every route of the application, with an address that fits its rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient

from app.domain.roles import Role
from app.domain.venues import VenueKind
from tests.web import csrf_token

# What a visitor who is not signed in may open; everything else leads to the sign-in.
PUBLIC = {
    "static": "files of the pages",
    "appbuilder.static": "files of the framework",
    "HomeView.index": "leads to the sign-in",
    "HomeView.language": "the language is chosen before the sign-in too",
    "SignInView.login": "the sign-in",
    "SignInView.captcha": "its picture",
    "SignInView.spoken_captcha": "the same, read aloud",
    "SignInView.second": "its second step, to whoever has shown the password",
    "SignInView.send_code": "its SMS code (Z-A5)",
    "SignInView.logout": "whoever has no session has none afterwards",
    "PasswordView.forgot": "a forgotten password (Z-A4)",
    "PasswordView.send_code": "its SMS code",
    "receipts.tell": "what the SMS provider says, signed (Z-A8)",
    "PasswordView.set_anew": "its new password, to whoever has shown the phone",
    "MobileHomeView.manifest": "what installs the phone's site, the same for everybody (Z-R12)",
    "MobileHomeView.worker": "its worker, which keeps static files",
    "scan.show": "the page behind a poster (Z-S1)",
    "scan.submit": "its form",
    "scan.pledge": "its pledge",
    "scan.areas": "names of areas for its form",
    "code.start": "the codes that a phone shows (Z-H3)",
    "code.ask": "the application for one (Z-H1)",
    "code.apply": "its form",
    "code.pledge": "its pledge",
    "code.show": "a code, to the phone that holds it",
    "code.token": "its live token",
    "code.image": "the same as a picture, for a browser that cannot draw it",
    "code.phone": "another phone for it: both answer by text message",
    "code.change_phone": "its form",
    "code.forget": "the phone forgets it",
    "code.appeal": "an appeal from it (X2)",
    "code.send_appeal": "its form",
    "code.ask_for_relative": "the application for a relative, from one's own green code (F-P4)",
    "code.apply_for_relative": "its form",
    "code.keys": "public keys, for checks without a network",
    "monitoring.healthz": "whether requests may come here",
    "monitoring.live": "whether the process answers",
    "monitoring.metrics": "measures, to the token or to this machine only",
    "code.stranger": "what any camera opens: no name, no colour (X6)",
}
# Stands in addresses where a row's number belongs.
NUMBER = "987654321"
_VALUES = {
    "key": NUMBER, "name": "none", "code": "none", "subject": "residency", "filename": "theme.css",
    "decision": "confirm", "given": "link", "identity": "none", "held_id": NUMBER, "evidence_id": 1,
    "token": "NONE", "position": 0,
    "queue": "none",
}  # fmt: skip


@dataclass(frozen=True)
class Route:
    """An address, what answers there, and by which permission of which screen it is guarded."""

    endpoint: str
    method: str
    url: str
    view: str
    permission: str
    has_arguments: bool

    def __str__(self) -> str:
        return f"{self.method} {self.url}"

    def roles(self, app: Flask) -> frozenset[Role]:
        """The roles that the screen's declaration permits."""
        roles: frozenset[Role] = app.extensions["appbuilder"].sm.roles_for(self.permission, self.view)
        return roles

    def kind(self, app: Flask) -> VenueKind | None:
        """The one sector to whose managers the screen opens; None for any other screen."""
        found: VenueKind | None = getattr(_view(app, self.view), "venue_kind", None)
        return found


def routes(app: Flask) -> Iterator[Route]:
    """All of them, one for each method."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            url = app.url_map.bind("localhost").build(rule.endpoint, {name: _VALUES[name] for name in rule.arguments})
            view, _, method_name = rule.endpoint.partition(".")
            function = getattr(_view(app, view), method_name, None)
            permission = "can_" + getattr(function, "_permission_name", "")
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield Route(rule.endpoint, method, url, view, permission, bool(rule.arguments))


def opened_before(app: Flask, client: FlaskClient, duty: str) -> list[str]:
    """The routes behind the sign-in that open although this client has to do something at `duty` first."""
    token, found = csrf_token(client, duty), []
    for route in routes(app):
        is_public = route.endpoint in PUBLIC and route.endpoint != "HomeView.index"
        if is_public or route.endpoint.startswith(("scan.", "code.")) or route.url == duty:
            continue
        data = {"csrf_token": token} if route.method == "POST" else None
        location = client.open(route.url, method=route.method, data=data).location or ""
        if location.partition("?")[0] != duty:  # what comes after the duty may be said
            found.append(str(route))
    return found


def _view(app: Flask, name: str) -> object:
    found = [view for view in app.extensions["appbuilder"].baseviews if type(view).__name__ == name]
    return found[0] if found else None
