"""Requests as accounts send them, at a fraction of a test client's cost, and what they told and changed."""

from __future__ import annotations

import contextvars
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import unescape
from typing import Any
from urllib.parse import urlencode

from flask import Flask, request
from flask_login import current_user
from sqlalchemy import event
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app.extensions import db
from app.services import sessions
from app.views import errors, navigation
from tests.guards.everybody import Everybody
from tests.guards.promises import CAMERA_PATH, broken_promises
from tests.guards.sight import Viewer

FIRST_PAGES = ("/", "/m/")
_FIELD = re.compile(r"<(input|select|textarea|option)\b([^>]*)>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_WRITES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """What came back, which tables were written meanwhile, and what browsers are promised in vain."""

    status: int
    text: str
    written: frozenset[str]
    broken_promises: tuple[str, ...]


class Asker:
    """Sends requests of viewers; each is signed in from the start."""

    def __init__(self, app: Flask, everybody: Everybody) -> None:
        self._app = app
        self._written: set[str] = set()
        signer: Any = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        name = app.config["SESSION_COOKIE_NAME"]
        self._cookies = {
            account: f"{name}={signer.dumps({'_user_id': secret, '_fresh': True})}"
            for account, secret in everybody.secrets.items()
        }
        self._environ = EnvironBuilder(path="/", base_url="http://localhost").get_environ()
        event.listen(db.engine, "before_cursor_execute", self._note)

    def close(self) -> None:
        event.remove(db.engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if found := _WRITES.match(statement):
            self._written.add(found.group(1))

    def ask(self, who: Viewer, method: str, url: str, form: dict[str, Any] | None = None) -> Answer:
        """The answer to `who`, in a context of its own as a server would give it."""
        self._written.clear()
        path, _, query = url.partition("?")
        body = urlencode(form or {}, doseq=True).encode()
        environ = {
            **self._environ,
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "HTTP_COOKIE": self._cookies[who.account],
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
        }
        chunks, status, headers = contextvars.Context().run(run_wsgi_app, self._app, environ, True)
        content = b"".join(chunks)
        text = _sheets(content) if content.startswith(b"PK") else content.decode("utf-8", "replace")
        has_camera = path == CAMERA_PATH and not status.startswith("403")
        broken = tuple(broken_promises(headers, content, has_camera=has_camera))
        return Answer(int(status[:3]), text + headers.get("Location", ""), frozenset(self._written), broken)


def _sheets(workbook: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))


class Fields:
    """The fields of a page's forms by name, with what may be chosen; of a page as our templates write it."""

    def __init__(self, page: str) -> None:
        self.kinds: dict[str, str] = {}
        self.options: dict[str, list[str]] = {}
        self._select = ""
        for tag, attributes in _FIELD.findall(page):
            self._add(tag, {name: unescape(value) for name, value in _ATTRIBUTE.findall(attributes)})

    def _add(self, tag: str, found: dict[str, str]) -> None:
        name = found.get("name", "")
        if tag == "option":
            self.options.setdefault(self._select, []).append(found.get("value", ""))
        elif tag in ("input", "select", "textarea") and name and name != "csrf_token":
            self.kinds[name] = tag if tag != "input" else found.get("type", "text")
            self._select = name if tag == "select" else self._select
            if self.kinds[name] in ("radio", "checkbox", "hidden"):
                self.options.setdefault(name, []).append(found.get("value", ""))


def cheap_frames(monkeypatch: Any) -> None:
    """What is the same at every request of an account is found once: who it is, its frame; an error is its number."""
    monkeypatch.setattr(sessions, "resume", _remembering(sessions.resume))
    frames: dict[int, Any] = {}
    shell = navigation.shell

    def remembered() -> Any:
        if request.path in FIRST_PAGES:  # a menu of eighty entries is drawn there alone
            return shell()
        key = current_user.id if current_user.is_authenticated else 0
        if key not in frames:
            frames[key] = replace(shell(), nav=())
        return frames[key]

    monkeypatch.setattr(navigation, "shell", remembered)
    monkeypatch.setattr(errors, "page", lambda code, hint=None: (str(code), code))


def _remembering(resume: Callable[..., Any]) -> Callable[..., Any]:
    known: dict[str, Any] = {}

    def resumed(secret: str, *, is_used: bool = True) -> Any:
        if secret not in known:
            known[secret] = resume(secret, is_used=is_used)
            db.session.expunge(known[secret][0])
        account, session = known[secret]
        return db.session.merge(account, load=False), session

    return resumed
