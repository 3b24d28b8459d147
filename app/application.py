"""Flask with a short way for the public pages: they have no session, no account, no menu, and a stairwell waits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import ImmutableDict
from werkzeug.routing import IntegerConverter, Map
from werkzeug.routing.converters import DEFAULT_CONVERTERS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    ExpressLane = Callable[[Flask, WSGIEnvironment, StartResponse], Iterable[bytes] | None]

PUBLIC_BLUEPRINTS = frozenset({"scan", "code", "monitoring"})
_PUBLIC_PATHS = ("/s/", "/areas/", "/code/", "/C/", "/healthz", "/metrics")
_EXPRESS_PATH = "/s/"
_EXPRESS_ROUTE = "/s/<code>"
# Where the count of answers finds the template of the route; addresses themselves hold codes and keys.
ROUTE = "answers.route"


class _BackOfficeSession(SecureCookieSessionInterface):
    """The signed session, for the back office only; opening it was a twelfth of a scan."""

    def open_session(self, app: Flask, request: Request) -> SessionMixin | None:  # type: ignore[override]  # a null session is one in all but its declared type
        """Return the session of the request; a null session, which refuses every change, on the public pages."""
        if request.path.startswith(_PUBLIC_PATHS):
            return self.make_null_session(app)
        return super().open_session(app, request)


class _RowNumber(IntegerConverter):
    """A number in an address; what no database could hold is the number of nothing."""

    regex = r"[0-9]{1,18}"


class _Map(Map):
    default_converters = ImmutableDict({**DEFAULT_CONVERTERS, "int": _RowNumber})


class Application(Flask):
    """Hooks that extensions put around every request run for the back office, not for the public blueprints.

    Those of the public pages are its own: token (form_token.py), limits (limits.py), headers (headers.py). Together
    the others cost more than a scan itself (bench/bench_scan.py).
    """

    session_interface = _BackOfficeSession()
    url_map_class = _Map
    # Answers a public POST by itself, or returns None and leaves it as it came (scan_pages/express.py).
    express_lane: ExpressLane | None = None

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if (
            self.express_lane is not None
            and environ["REQUEST_METHOD"] == "POST"
            and environ["PATH_INFO"].startswith(_EXPRESS_PATH)
        ):
            environ[ROUTE] = _EXPRESS_ROUTE
            answer = self.express_lane(self, environ, start_response)
            if answer is not None:
                return answer
        return super().wsgi_app(environ, start_response)

    def preprocess_request(self) -> ResponseReturnValue | None:
        if request.url_rule is not None:
            request.environ[ROUTE] = request.url_rule.rule
        if request.blueprint in PUBLIC_BLUEPRINTS:
            return None
        return super().preprocess_request()

    def process_response(self, response: Response) -> Response:
        if request.blueprint in PUBLIC_BLUEPRINTS:
            return response
        return super().process_response(response)

    def do_teardown_request(self, exc: BaseException | None = None) -> None:
        if request.blueprint not in PUBLIC_BLUEPRINTS:
            super().do_teardown_request(exc)
