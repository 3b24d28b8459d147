"""Answers counted by route, status and time, across the processes of one web server.

The web server names PROMETHEUS_MULTIPROC_DIR before it loads the application (app.runtime.web): then each of its
processes counts in a file of its own there, and whichever is asked adds them up. Elsewhere the count is the process's.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

from app.application import ROUTE

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_UNMATCHED = "unmatched"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_ANSWERS = Counter(
    "app_http_answers", "Answers by route template and status", ["method", "route", "status"], registry=None
)
_SECONDS = Histogram(
    "app_http_seconds", "Time to the first byte by route template", ["route"], buckets=_BUCKETS, registry=None
)
# The labelled counters that were used before: looking them up by their labels costs more than counting.
_answers_of: dict[tuple[str, str, str], Counter] = {}
_seconds_of: dict[str, Histogram] = {}


def count(environ: WSGIEnvironment, status: str, seconds: float) -> None:
    """One more answer is counted."""
    route, method = environ.get(ROUTE, _UNMATCHED), environ["REQUEST_METHOD"]
    key = (method if method in _METHODS else "OTHER", route, status[:3])
    counter = _answers_of.get(key)
    if counter is None:
        counter = _answers_of[key] = _ANSWERS.labels(*key)
    counter.inc()
    histogram = _seconds_of.get(route)
    if histogram is None:
        histogram = _seconds_of[route] = _SECONDS.labels(route)
    histogram.observe(seconds)


def registry() -> CollectorRegistry:
    """Return a registry with the counts of all processes of this web server."""
    collected = CollectorRegistry()
    if os.environ.get(FOLDER):
        MultiProcessCollector(collected)
    else:
        collected.register(_ANSWERS)
        collected.register(_SECONDS)
    return collected
