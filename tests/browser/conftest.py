"""A real server on the suite's database, and a real browser the size of a phone or a desk."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from tests.chromium import ARGUMENTS, chromium_path

PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's Chromium; without one these tests are left out, and with CI=true that is an error."""
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium: python -m tests.chromium says how to get one")
    return {"executable_path": path, "args": list(ARGUMENTS)}


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """The address at which the application of the test answers, each request in a thread of its own."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def _phone(browser: Browser, **options: Any) -> BrowserContext:
    context = browser.new_context(viewport=PHONE, is_mobile=True, has_touch=True, locale="zh-CN", **options)
    context.set_default_timeout(15_000)
    return context


@pytest.fixture
def phone_page(browser: Browser) -> Iterator[Page]:
    """A page on a phone."""
    context = _phone(browser)
    yield context.new_page()
    context.close()


@pytest.fixture
def plain_phone_page(browser: Browser) -> Iterator[Page]:
    """A page on a phone without JavaScript."""
    context = _phone(browser, java_script_enabled=False)
    yield context.new_page()
    context.close()
