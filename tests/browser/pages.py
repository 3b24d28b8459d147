"""Browser pages that notice what goes wrong on them: scripts that fail, files that are missing, foreign hosts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from tests.browser.site import DemoLogin, Site

HEIGHTS = {390: 844, 1280: 800}
# A form with faults comes back as 422; Chromium writes that to the console although nothing is wrong with the page.
_NO_FAULTS = (
    "the server responded with a status of 422",
    "the server responded with a status of 400",  # a form's token was of a session that is no more
    "the server responded with a status of 401",  # a page asked by itself after its session had ended
    "net::ERR_INTERNET_DISCONNECTED",  # a test took the network away
)


_WEIGHTS = """() => Object.fromEntries([...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .map((one) => [new URL(one.name).pathname, one.decodedBodySize]))"""


@dataclass
class Pages:
    """Opens pages on the site, each in a browser profile of its own."""

    browser: Browser
    site: Site
    wait_milliseconds: int
    faults: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)
    _signed_in: dict[str, Any] = field(default_factory=dict)

    def open(self, *, width: int = 1280, **details: Any) -> Page:
        """An empty page; addresses may be relative to the site."""
        viewport = {"width": width, "height": HEIGHTS.get(width, 800)}
        # Browsers of this city ask for Chinese; whoever wants English switches.
        context = self.browser.new_context(base_url=self.site.url, viewport=viewport, locale="zh-CN", **details)
        context.set_default_timeout(self.wait_milliseconds)
        self._contexts.append(context)
        page = context.new_page()
        self._watch(page)
        return page

    def signed_in(self, login: DemoLogin, *, width: int = 1280, language: str = "zh") -> Page:
        """The first page of an account; the password is typed the first time only."""
        known = self._signed_in.get(login.phone)
        page = self.open(width=width, storage_state=known)
        if known is None:
            type_password(page, login)
            self._signed_in[login.phone] = page.context.storage_state()
        page.goto("/" if language == "zh" else f"/language/{language}")
        return page

    def close(self) -> list[str]:
        """Close what was opened since the last time, and return the faults that were seen."""
        for context in self._contexts:
            context.close()
        self._contexts.clear()
        found, self.faults = self.faults, []
        return found

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._heard(page, message))
        page.on("request", self._asked)

    def _heard(self, page: Page, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(known in message.text for known in _NO_FAULTS):
            self.faults.append(f"{page.url}: {message.text}")

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        is_inline = address.scheme in ("data", "blob")
        if not is_inline and address.netloc != urlsplit(self.site.url).netloc:
            self.faults.append(f"a request to a foreign host: {request.url}")


def weights_of(page: Page) -> dict[str, int]:
    """The bytes of the page and of each file that it loads, whether they came now or were kept."""
    found: dict[str, int] = page.evaluate(_WEIGHTS)
    return found


def type_password(page: Page, login: DemoLogin) -> None:
    """Sign in as a person does."""
    page.goto("/account/login/")
    page.get_by_label("账号").fill(login.phone)
    page.get_by_label("密码", exact=True).fill(login.password)
    page.get_by_role("button", name="登录", exact=True).click()
    page.get_by_role("heading", name="工作台").wait_for()
