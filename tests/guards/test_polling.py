"""What a page asks for by itself while it stays open keeps nobody signed in: every such address says so (Z-A3)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from app.application import PUBLIC_BLUEPRINTS
from app.views.polling import is_polled

APP = Path(__file__).parents[2] / "app"
BY_HAND, BY_ITSELF, WITHOUT_SESSION = "somebody acts", "the page asks by itself", "a public page"
# Every request of a script of ours, by what it asks for. A new one needs its line here.
REQUESTS = {
    ("admin.js", "modalUrl"): BY_HAND,
    ("admin.js", "url"): BY_HAND,
    ("admin.js", "field.dataset.options"): BY_HAND,
    ("admin.js", "button.formAction"): BY_HAND,
    ("admin.js", "progress.dataset.progress"): BY_ITSELF,
    ("code.js", 'box.getAttribute("data-token")'): WITHOUT_SESSION,
    ("code_check.js", "said.keys"): WITHOUT_SESSION,
    ("code_check.js", 'form.getAttribute("action")'): BY_HAND,
    ("code_check.js", "told.dataset.told"): BY_ITSELF,
    ("scan.js", 'origin.getAttribute("data-origin")'): WITHOUT_SESSION,
    ("mobile-worker.js", "request"): BY_HAND,
    ("mobile-worker.js", "event.request"): BY_HAND,
}
# Where pages say what their script asks by itself, and where a page of progress says it for its template.
_DRAWN = re.compile(r"""data-(progress|told)="\{\{ (?:url_for\('([\w.]+)'\)|page\.progress_url) \}\}""")
_OF_PROGRESS = re.compile(r'\bprogress_url=(?:url_for\("([\w.]+)")?')
_FETCH = re.compile(r"""\bfetch\(([\w.]+(?:\("[\w-]+"\))?)""")
_OTHER_WAYS = re.compile(r"XMLHttpRequest|sendBeacon|EventSource|WebSocket|importScripts")


def scripts() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in (APP / "static").glob("*.js")}


def texts(folder: str, ending: str) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted((APP / folder).rglob(f"*{ending}")))


def test_every_request_of_a_script_is_known_and_there_is_no_other_way_to_make_one() -> None:
    found = {(name, asked) for name, script in scripts().items() for asked in _FETCH.findall(script)}
    assert found == set(REQUESTS)
    assert sum(len(re.findall(r"\bfetch\(", script)) for script in scripts().values()) == sum(
        len(_FETCH.findall(script)) for script in scripts().values()
    )
    assert [name for name, script in scripts().items() if _OTHER_WAYS.search(script)] == []


def test_no_page_behind_the_sign_in_loads_itself_again_by_a_timer_of_the_browser() -> None:
    folders = [
        path.name for path in (APP / "templates").iterdir() if path.is_dir() and path.name not in ("code", "scan")
    ]
    for folder in folders:
        assert 'http-equiv="refresh"' not in texts(f"templates/{folder}", ".html"), folder


@pytest.mark.parametrize("application", ["sqlite"], indirect=True)
def test_what_scripts_ask_for_by_themselves_is_declared_so_and_nothing_else_is(app: Flask) -> None:
    drawn = _DRAWN.findall(texts("templates", ".html"))
    attributes = {asked.rpartition(".")[2] for (_name, asked), why in REQUESTS.items() if why is BY_ITSELF}
    assert {attribute for attribute, _endpoint in drawn} == attributes
    of_progress = _OF_PROGRESS.findall(texts("views", ".py"))
    assert "" not in of_progress, "an address of progress that is not named where it is given"
    asked = {endpoint for _attribute, endpoint in drawn if endpoint} | set(of_progress)
    assert len(asked) > 1
    assert asked == {endpoint for endpoint, view in app.view_functions.items() if is_polled(view)}
    assert [endpoint for endpoint in asked if endpoint.partition(".")[0] in PUBLIC_BLUEPRINTS] == []
