"""/healthz for balancers and /metrics for Prometheus: numbers and words, nothing of the inside and nobody's data."""

from __future__ import annotations

import hmac
import ipaddress

from flask import Blueprint, Response, abort, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from werkzeug.exceptions import HTTPException

from app.monitoring import counting
from app.monitoring.gauges import StateCollector
from app.services import readiness

monitoring = Blueprint("monitoring", __name__)

_UNREADY = 503
_FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")


def _word(text: str, status: int = 200) -> Response:
    return Response(text + "\n", status, mimetype="text/plain")


@monitoring.get("/healthz")
def healthz() -> Response:
    """Return whether requests may come here now; what is missing is said in a word."""
    missing = readiness.missing()
    return _word("ok") if missing is None else _word(missing, _UNREADY)


@monitoring.get("/healthz/live")
def live() -> Response:
    """Return that the process answers at all: whoever does not is started anew."""
    return _word("ok")


@monitoring.get("/metrics")
def metrics() -> Response:
    """Return all measures, to whoever has the token; without one, to this machine."""
    if not _may_read():
        abort(404)
    registry = counting.registry()
    registry.register(StateCollector())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read() -> bool:
    token = current_app.config["METRICS_TOKEN"]
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    # A proxy of this machine asks from here for everybody: what it has passed on is not from here.
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


@monitoring.errorhandler(Exception)
def failed(fault: Exception) -> Response:
    """Answer in a word; the log gets the kind of fault and no values."""
    if isinstance(fault, HTTPException):
        return _word("not found" if fault.code == 404 else "refused", fault.code or 400)  # noqa: PLR2004 - its own words
    current_app.logger.error("monitoring: %s", type(fault).__name__)
    return _word("unready", _UNREADY)
