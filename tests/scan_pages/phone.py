"""A phone without a browser: it keeps cookies, reads the forms of a page, and sends what they would send."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from app.models import Venue
from tests.factories import id_card, phone

GOOD_FORM = {
    "name": "何晓明",
    "document_type": "ID_CARD",
    "document_number": id_card(7, birth="19850607"),
    "phone_number": phone(7),
    "address": "幸福小区3号楼2单元501室",
    "plate_number": "",
    "is_returnee": "no",
    "consent": "y",
}
RETURN = {
    "is_returnee": "yes",
    "transport": "TRAIN",
    "is_from_abroad": "no",
    "origin_province": "42",
    "origin_city": "4201",
    "origin_district": "420102",
    "quarantine_method": "HOME",
}


@dataclass
class WebForm:
    """The named controls of one form, as they stand on the page."""

    values: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[WebForm] = []
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag == "form":
            self.forms.append(WebForm())
        elif not self.forms:
            return
        elif given.get("type") == "submit" and given.get("name"):
            self.forms[-1].buttons.append((given["name"], given.get("value", "")))
        elif tag == "input":
            is_box = given.get("type") in ("radio", "checkbox")
            if given.get("name") and (not is_box or "checked" in given):
                self.forms[-1].values[given["name"]] = given.get("value", "on")
        elif tag == "select":
            self.select = given["name"]
            self.forms[-1].values.setdefault(self.select, "")
        elif tag == "option" and "selected" in given:
            self.forms[-1].values[self.select] = given["value"]


def forms_of(response: TestResponse) -> list[WebForm]:
    parser = _Forms()
    parser.feed(response.text)
    return parser.forms


class Phone:
    """Somebody's phone in front of posters."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def scan(self, venue: Venue, query: str = "") -> TestResponse:
        return self.client.get(f"/s/{venue.code}{query}")

    def post(self, venue: Venue, values: dict[str, Any]) -> TestResponse:
        return self.client.post(f"/s/{venue.code}", data=values)

    def fill_in(self, venue: Venue, **details: str) -> TestResponse:
        """Open the form, type, submit."""
        page = forms_of(self.scan(venue, "?form=1"))[0].values
        return self.post(venue, {**page, **GOOD_FORM, **details})

    def tap(self, venue: Venue, *, position: int = 0) -> TestResponse:
        """Scan and tap 「此身份登记」 of the identity at `position`."""
        forms = [one for one in forms_of(self.scan(venue)) if ("action", "register") in one.buttons]
        return self.post(venue, {**forms[position].values, "action": "register"})

    def forget(self, venue: Venue, *, position: int = 0) -> TestResponse:
        """Scan and tap 「删除」 of the identity at `position`."""
        forms = [one for one in forms_of(self.scan(venue)) if ("action", "forget") in one.buttons]
        return self.post(venue, {**forms[position].values, "action": "forget"})
