"""A list's file on its way through the screens: chosen, previewed, confirmed."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.pages_admin import ListScreen

JOB_MILLISECONDS = 120_000


def figures(page: Page) -> dict[str, int]:
    """The numbers above the page, by their labels."""
    pairs = page.locator(".figure").evaluate_all(
        "all => all.map(f => [f.querySelector('dt').textContent.trim(), f.querySelector('dd').textContent.trim()])"
    )
    return {label: int(text.replace(",", "")) for label, text in pairs}


def status(page: Page) -> Locator:
    """The label beside the title."""
    return page.locator(".heading .tag")


def upload(page: Page, title: str, name: str, content: bytes) -> None:
    """Choose the list's file, send it, and wait for the preview."""
    ListScreen(page).open(title)
    page.locator(".heading").get_by_role("link", name="导入", exact=True).click()
    page.get_by_label("选择文件").set_input_files({"name": name, "mimeType": "", "buffer": content})
    page.get_by_role("button", name="上传并预览").click()
    expect(page).to_have_url(re.compile(r"/imports/\d+$"))
    expect(page.get_by_role("button", name="确认导入")).to_be_visible(timeout=JOB_MILLISECONDS)


def confirm(page: Page) -> None:
    """Confirm the preview and see the job through to its end."""
    page.get_by_role("button", name="确认导入").click()
    expect(status(page)).to_have_text("已导入", timeout=JOB_MILLISECONDS)
    expect(page.locator("[data-progress]")).to_have_count(0)
    bar = page.locator("progress")
    assert bar.get_attribute("value") == bar.get_attribute("max")
