"""The frame of every answer, the express lane's and errors' included: served names, headers, a count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any

from werkzeug.sansio.utils import host_is_trusted

from app.monitoring import counting
from app.response_headers import MISDIRECTED, Promises

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# A probe names an address, not a host; and these pages hold no links.
_PROBES = ("/healthz", "/metrics")
# Names that were found to be served; whoever invents names does not fill the memory.
_MOST_NAMES = 256


class Answers:
    """Middleware around the application's own callable, so that nothing answers past it."""

    def __init__(self, inner: WSGIApplication, settings: Mapping[str, Any]) -> None:
        self._inner = inner
        self._promises = Promises(is_encrypted=settings["ENVIRONMENT"] == "production")
        self._served: tuple[str, ...] = settings["SERVED_HOSTS"]
        self._known: set[str] = set()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = perf_counter()

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            self._promises.complete(headers, environ)
            counting.count(environ, status, perf_counter() - began)
            return start_response(status, headers, exc_info)

        if self._served and not self._is_served(environ):
            start("400 Bad Request", [("Content-Type", "text/plain"), ("Content-Length", str(len(MISDIRECTED)))])
            return [MISDIRECTED]
        return self._inner(environ, start)

    def _is_served(self, environ: WSGIEnvironment) -> bool:
        host = environ.get("HTTP_HOST", "")
        if host in self._known:
            return True
        if environ["PATH_INFO"].startswith(_PROBES):
            return True
        if not host_is_trusted(host.lower(), self._served):
            return False
        if len(self._known) < _MOST_NAMES:
            self._known.add(host)
        return True
