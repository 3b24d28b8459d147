"""The guard's page checks codes without a network by the same rules as the server: on every token both say the same."""

from __future__ import annotations

import random
from collections import Counter

from app.domain.code_tokens import EARLY_SECONDS, LIFETIME_SECONDS, verify
from app.domain.errors import DomainError
from tests.browser.pages import Pages
from tests.code_tokens import KEYS, NOW, forgeries, live, points, written

FORGED = 4_000
STATES = {
    "token_unreadable": "unreadable",
    "token_old": "old",
    "token_early": "ahead",
    "token_key": "unknownKey",
    "token_forged": "forged",
}
# One call: the keys are imported once, and every token is asked for in turn.
ASK_ALL = """async ({ texts, points, now, limits }) => {
  const keys = await codeToken.importKeys(points), found = [];
  for (const text of texts) found.push((await codeToken.verify(text, keys, now, limits)).state);
  return found;
}"""


def state_of(text: str) -> str:
    try:
        verify(text, KEYS, NOW)
    except DomainError as refused:
        return STATES[refused.code]
    return "live"


def test_the_browser_refuses_every_forgery_for_the_reason_that_the_server_gives(pages: Pages) -> None:
    chance = random.Random(20200315)
    edges = [written(age=age) for age in (-EARLY_SECONDS - 1, -EARLY_SECONDS, LIFETIME_SECONDS, LIFETIME_SECONDS + 1)]
    sound, forged = live(chance), forgeries(chance, FORGED)
    page = pages.open()
    page.goto("/code/")
    page.add_script_tag(url="/static/code_token.js")
    texts = [*sound, *edges, *forged]
    limits = {"lifetime": LIFETIME_SECONDS, "early": EARLY_SECONDS}
    asked = {"texts": texts, "points": points(), "now": NOW.timestamp(), "limits": limits}
    states = page.evaluate(ASK_ALL, asked)
    assert [pair for pair in zip(texts, states, strict=True) if state_of(pair[0]) != pair[1]] == []
    assert set(states[: len(sound)]) == {"live"}
    counted = Counter(states[-FORGED:])
    assert set(counted) == set(STATES.values())
