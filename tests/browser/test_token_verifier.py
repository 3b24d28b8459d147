"""The guard's page checks codes without a network by the same rules as the server: on every token both say the same."""

from __future__ import annotations

import random
from collections import Counter

from app.domain.code_tokens import EARLY_SECONDS, LIFETIME_SECONDS, verify
from app.domain.errors import DomainError
from tests.browser.pages import Pages
from tests.code_tokens import KEYS, NOW, forgeries, live, points, written

COMPARED, MORE = 4_000, 96_000
STATES = {
    "token_unreadable": "unreadable",
    "token_old": "old",
    "token_early": "ahead",
    "token_key": "unknownKey",
    "token_forged": "forged",
}
# One call: the keys are imported once, and the tokens are asked for by the hundred.
ASK_ALL = """async ({ texts, points, now, limits }) => {
  const keys = await codeToken.importKeys(points), found = [];
  for (let at = 0; at < texts.length; at += 500) {
    const asked = texts.slice(at, at + 500).map((text) => codeToken.verify(text, keys, now, limits));
    for (const answer of await Promise.all(asked)) found.push(answer.state);
  }
  return found;
}"""


def state_of(text: str) -> str:
    try:
        verify(text, KEYS, NOW)
    except DomainError as refused:
        return STATES[refused.code]
    return "live"


def test_of_a_hundred_thousand_forgeries_the_browser_accepts_none_and_says_why_as_the_server_does(pages: Pages) -> None:
    chance = random.Random(20200315)
    edges = [written(age=age) for age in (-EARLY_SECONDS - 1, -EARLY_SECONDS, LIFETIME_SECONDS, LIFETIME_SECONDS + 1)]
    sound, forged = live(chance), forgeries(chance, COMPARED + MORE)
    page = pages.open()
    page.goto("/code/")
    page.add_script_tag(url="/static/code_token.js")
    texts = [*sound, *edges, *forged]
    limits = {"lifetime": LIFETIME_SECONDS, "early": EARLY_SECONDS}
    asked = {"texts": texts, "points": points(), "now": NOW.timestamp(), "limits": limits}
    states = page.evaluate(ASK_ALL, asked)
    # Sound ones, the edges of a life, and as many forgeries as the server can be asked about beside it.
    compared = list(zip(texts, states, strict=True))[: len(sound) + len(edges) + COMPARED]
    assert [pair for pair in compared if state_of(pair[0]) != pair[1]] == []
    assert set(states[: len(sound)]) == {"live"}
    counted = Counter(states[-len(forged) :])
    assert len(forged) == 100_000 and set(counted) == set(STATES.values())
