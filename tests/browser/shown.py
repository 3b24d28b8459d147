"""Answers of the application in this process, shown by a browser as if it had asked for them: no site is started."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import quote

from flask import Flask, Response
from playwright.sync_api import Browser, Page, Route

_ORIGIN = "http://application.invalid"
_FILES = ("/static/", "/account/captcha")
# What is about the way of an answer and not about the page; its cookies stay with whoever asked.
_OF_THE_WAY = {"content-length", "set-cookie"}


@dataclass
class Screen:
    """A browser's page on which an answer can be laid."""

    app: Flask
    page: Page
    _files: dict[str, Response] = field(default_factory=dict)
    _shown: dict[str, Response] = field(default_factory=dict)

    @classmethod
    def of(cls, browser: Browser, app: Flask, *, width: int) -> Screen:
        """An empty screen; pictures, styles and scripts come from the application."""
        context = browser.new_context(viewport={"width": width, "height": 800}, locale="zh-CN", service_workers="block")
        screen = cls(app, context.new_page())
        context.route("**/*", screen._fetch)
        return screen

    def show(self, name: str, answer: Response) -> None:
        """The answer is what stands in the window, whatever its status; its address says what it is."""
        address = f"{_ORIGIN}/shown/{quote(name)}"
        self._shown = {address: answer}
        opened = self.page.goto(address)
        assert opened is not None and opened.status == answer.status_code

    def resize(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": 800})

    def close(self) -> None:
        self.page.context.close()

    def _fetch(self, route: Route) -> None:
        if route.request.url in self._shown:
            fulfil(route, self._shown[route.request.url])
            return
        path = route.request.url.removeprefix(_ORIGIN)
        assert path != route.request.url, f"a request to a foreign host: {path}"
        if not path.startswith(_FILES):
            route.abort()  # what a page asks for by itself while it stays open
            return
        if path not in self._files:
            self._files[path] = self.app.test_client().get(path)
        fulfil(route, self._files[path])


def fulfil(route: Route, answer: Response) -> None:
    """The browser gets this answer."""
    headers = {name: value for name, value in answer.headers if name.lower() not in _OF_THE_WAY}
    route.fulfill(status=answer.status_code, headers=headers, body=answer.get_data())
