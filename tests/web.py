"""Forms as a browser sends them: with the token of the page."""

from __future__ import annotations

import re
from typing import Any

from flask import session
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from werkzeug.test import TestResponse

from app.access import everything
from app.models import Account
from app.services import sessions
from app.services.sessions import Origin

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def open_session(client: FlaskClient, account: Account) -> None:
    """The client is signed in as this account, without the way through the sign-in."""
    with everything("a test sets things up"):
        secret = sessions.begin(account, Origin("127.0.0.1", "a test"))
    with client.session_transaction() as kept:
        kept["_user_id"], kept["_fresh"] = secret, True


def csrf_token(client: FlaskClient, url: str = "/") -> str:
    """Return the token of a page; the signed-in frame carries one on every page."""
    found = _TOKEN.search(client.get(url).text)
    assert found, f"no token at {url}"
    return found.group(1)


def post(
    client: FlaskClient, url: str, data: dict[str, Any] | None = None, *, page: str = "", **details: Any
) -> TestResponse:
    """Send a form with a valid token: that of the `page` on which the form stands, else the session's own."""
    token = csrf_token(client, page) if page else session_token(client)
    return client.post(url, data={"csrf_token": token, **(data or {})}, **details)


def session_token(client: FlaskClient) -> str:
    """Return the token that every page of the client's session carries; none is drawn for it."""
    app = client.application
    # In a context of its own: `g` would remember the token of the client before.
    with client.session_transaction() as kept, app.app_context(), app.test_request_context():
        session.update(kept)
        token = generate_csrf()
        kept.update(session)
    return token


def text(client: FlaskClient, url: str) -> str:
    """Return the page at an address that is open to the client."""
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.get_data(as_text=True)
