"""Posting a form as a browser does: with the token of the page that it stands on."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def token(client: FlaskClient, page: str) -> str:
    """The token of a page."""
    found = _TOKEN.search(client.get(page).text)
    assert found, f"{page} has no form"
    return found[1]


def post(client: FlaskClient, url: str, data: dict[str, Any], *, page: str | None = None, **details: Any) -> TestResponse:
    """Post `data` to `url` from the form on `page` (default: the same address)."""
    return client.post(url, data={"csrf_token": token(client, page or url), **data}, **details)
