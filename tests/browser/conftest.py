"""One site with the demo city and one Chromium for all browser tests; every page is watched for faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.pages import Pages
from tests.browser.site import DemoLogin, Site, running_site
from tests.chromium import ARGUMENTS, HOW_TO_GET_IT, chromium_path, keep_in_line

WAIT_MILLISECONDS = 30_000  # how long a page may take on a busy machine before a test gives up on it


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test in here needs a browser, and says so."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The machine's Chromium."""
    path = chromium_path()
    if path is None:
        pytest.skip(f"There is no Chromium: {HOW_TO_GET_IT}")
    expect.set_options(timeout=WAIT_MILLISECONDS)
    keep_in_line()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The whole system, up, on SQLite and data of its own."""
    with running_site(tmp_path_factory.mktemp("site")) as found:
        yield found


@pytest.fixture(scope="package")
def all_pages(browser: Browser, site: Site) -> Pages:
    """Pages at any width; who signed in once is remembered."""
    return Pages(browser, site, WAIT_MILLISECONDS)


@pytest.fixture
def pages(all_pages: Pages) -> Iterator[Pages]:
    """The test's own pages, closed after it; a fault of any of them fails the test."""
    yield all_pages
    faults = all_pages.close()
    assert not faults, faults


@pytest.fixture
def phone(pages: Pages) -> Page:
    """A resident's phone that has registered nobody yet."""
    return pages.open(width=390)


@pytest.fixture
def sign_in(pages: Pages) -> Callable[..., Page]:
    """Return a function (login, width=1280, language="zh") -> the first page of that account."""

    def first_page(login: DemoLogin, *, width: int = 1280, language: str = "zh") -> Page:
        return pages.signed_in(login, width=width, language=language)

    return first_page
