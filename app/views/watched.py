"""Screens of work that a job does: a page for each row, and how far it is for that page to ask again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, jsonify, render_template
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext

from app.views.polling import polled
from app.views.progress import ProgressPage
from app.views.screen_view import ScreenView


class WatchedView(ScreenView):
    """Subclasses say what the page of a row shows; both addresses are drawn from that one page."""

    def progress_page(self, row: Any) -> ProgressPage:
        """Return how far the row is, or how it ended."""
        raise NotImplementedError(f"{type(self).__name__} has a page of progress to draw")

    @expose("/<int:key>")
    @has_access
    @permission_name("show")
    def show(self, key: int) -> Any:
        """Draw how far the row is, or how it ended."""
        return self.drawn(self.fetch(key))

    def drawn(self, row: Any) -> str:
        """Return the page of a row that was fetched."""
        return render_template("admin/progress.html", page=self.progress_page(row))

    @expose("/<int:key>/progress")
    @has_access
    @permission_name("show")
    @polled
    def progress(self, key: int) -> Response:
        """Return what the page asks for while the job is at work."""
        return jsonify(told(self.progress_page(self.fetch(key))))


def told(page: ProgressPage) -> dict[str, Any]:
    """Return what changes on the page while the job is at work."""
    return {
        "status": {"text": page.status.text, "tone": page.status.tone},
        "done": page.done,
        "total": page.total,
        "finished": page.is_finished,
        "figures": {figure.key: figure.value for figure in page.figures},
    }


def failure_notes(failure: Mapping[str, Any] | None) -> Sequence[str]:
    """Return why the work could not be done, in the reader's language; nothing where it could."""
    if not failure:
        return ()
    params = {key: gettext(value) if value else value for key, value in failure["params"].items()}
    return [gettext(str(failure["message"]), **params)]
