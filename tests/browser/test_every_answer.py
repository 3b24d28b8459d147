"""The pages that no walk through a healthy site meets: each at both sizes, in each language, and open to everybody (issue 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.browser.accessibility import grave_faults
from tests.browser.answers import Named, Place, public_answers
from tests.browser.answers_desk import desk_answers
from tests.browser.answers_work import work_answers
from tests.browser.shown import Screen
from tests.browser.test_every_page import NARROW, WIDE, is_too_wide
from tests.factories import Factories

Answers = Callable[[Place], Named]
PARTS = [public_answers, desk_answers, work_answers]
# What an answer looks like is the same whence its rows come.
pytestmark = pytest.mark.parametrize("application", ["sqlite"], indirect=True)


@pytest.fixture
def screen(app: Flask, browser: Browser) -> Iterator[Screen]:
    found = Screen.of(browser, app, width=WIDE)
    yield found
    found.close()


@pytest.mark.parametrize("answers", PARTS)
def test_no_colour_refusal_or_fault_keeps_anybody_out(
    app: Flask, make: Factories, screen: Screen, answers: Answers
) -> None:
    faults = list[str]()
    for name, answer in answers(Place(app, make, "zh")):
        screen.show(name, answer)
        for width in (WIDE, NARROW):
            screen.resize(width)
            faults += [f"{name} at {width} scrolls sideways"] if is_too_wide(screen.page) else []
            faults += grave_faults(screen.page)
    assert faults == []


@pytest.mark.parametrize("answers", PARTS)
def test_none_of_them_scrolls_sideways_in_english(
    app: Flask, make: Factories, screen: Screen, answers: Answers
) -> None:
    screen.resize(NARROW)
    too_wide = list[str]()
    for name, answer in answers(Place(app, make, "en")):
        screen.show(name, answer)
        assert screen.page.locator("html").get_attribute("lang") == "en" or "network" in name, name
        too_wide += [name] if is_too_wide(screen.page) else []
    assert too_wide == []
