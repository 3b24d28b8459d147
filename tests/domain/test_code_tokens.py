"""The token of a health code: what is sound passes, whatever was changed, copied or kept does not."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from app.domain.code_tokens import EARLY_SECONDS, LIFETIME_SECONDS, CodeToken, verify, write
from app.domain.colors import Color
from app.domain.errors import DomainError
from app.domain.sightings import Sighting, elsewhere
from tests.code_tokens import (
    ADDRESS,
    ALPHABET,
    KEY,
    KEYS,
    NOW,
    changed,
    content,
    cut_or_stretched,
    forgeries,
    live,
    points,
    recolored,
    respelled,
    spliced,
    token,
    turned,
    written,
)

REFUSED = {"token_unreadable", "token_old", "token_early", "token_key", "token_forged"}


def refusal(text: str, moment: datetime = NOW) -> str:
    with pytest.raises(DomainError) as refused:
        verify(text, KEYS, moment)
    return refused.value.code


@given(
    number=st.integers(0, 10**12 - 1).map(lambda value: f"{value:012d}"),
    color=st.sampled_from(Color),
    age=st.integers(-EARLY_SECONDS, LIFETIME_SECONDS),
)
def test_a_live_token_says_what_was_written(number: str, color: Color, age: int) -> None:
    made = token(number, age=age, color=color)
    assert verify(write(made, KEY), KEYS, NOW) == made
    assert verify(ADDRESS + write(made, KEY), KEYS, NOW) == made


def test_a_token_is_76_bytes_in_the_characters_of_the_smallest_qr() -> None:
    text = written()
    assert len(content(text)) == 76
    assert set(text) <= set(ALPHABET)


@pytest.mark.parametrize(("age", "code"), [(LIFETIME_SECONDS + 1, "token_old"), (-EARLY_SECONDS - 1, "token_early")])
def test_a_token_lives_ninety_seconds_from_its_issue(age: int, code: str) -> None:
    assert refusal(written(age=age)) == code


def test_the_other_form_of_the_same_signature_is_refused() -> None:
    assert refusal(turned(written())) == "token_forged"


def test_another_spelling_of_the_same_bytes_is_refused() -> None:
    text = written()
    twin = respelled(text)
    assert content(twin) == content(text)
    assert refusal(twin) == refusal(text.lower()) == refusal(text + "=" * 6) == "token_unreadable"


def test_a_key_that_is_not_ours_signs_nothing() -> None:
    assert refusal(write(token(), ec.generate_private_key(ec.SECP256R1()))) == "token_forged"
    assert refusal(write(CodeToken("350100123456", Color.GREEN, NOW, 9), KEY)) == "token_key"


def _accepted(forged: Iterable[str]) -> list[CodeToken]:
    accepted = []
    for text in forged:
        try:
            accepted.append(verify(text, KEYS, NOW))
        except DomainError as refused:
            assert refused.code in REFUSED
    return accepted


def test_of_forty_thousand_changed_tokens_none_is_accepted() -> None:
    chance = random.Random(20200318)
    sound = live(chance)
    assert len(_accepted(sound)) == len(sound)
    forged = [changed(chance.choice(sound), chance) for _ in range(25_000)]
    forged += [cut_or_stretched(chance.choice(sound), chance) for _ in range(5_000)]
    forged += [recolored(chance.choice(sound), chance) for _ in range(5_000)]
    for _ in range(5_000):
        mine, theirs = chance.sample(sound, 2)
        forged.append(spliced(mine, under=theirs))
    assert len(forged) == 40_000
    assert _accepted(forged) == []


def test_of_two_thousand_forgeries_of_every_sort_none_is_accepted() -> None:
    assert _accepted(forgeries(random.Random(20200316), 2_000)) == []


def test_of_forty_thousand_tokens_kept_or_made_ahead_none_is_accepted() -> None:
    chance = random.Random(20200317)
    kept = live(chance)
    accepted = []
    for _ in range(40_000):
        text = chance.choice(kept)
        late, early = chance.randint(LIFETIME_SECONDS + 1, 10**8), -chance.randint(EARLY_SECONDS + 1, 10**6)
        try:
            accepted.append(verify(text, KEYS, NOW + timedelta(seconds=chance.choice((late, early)))))
        except DomainError as refused:
            assert refused.code in {"token_old", "token_early"}
    assert accepted == []


def test_of_twenty_thousand_copies_shown_elsewhere_at_once_none_passes_unseen() -> None:
    chance = random.Random(20200319)
    window = timedelta(seconds=LIFETIME_SECONDS)
    unseen = 0
    for _ in range(20_000):
        shown = Sighting("venue:1", NOW + timedelta(seconds=chance.randint(0, 60)))
        copied = Sighting(f"venue:{chance.randint(2, 9)}", shown.seen_at + timedelta(seconds=chance.randint(-89, 89)))
        unseen += elsewhere([shown], copied, window=window) is None
    assert unseen == 0


def test_the_same_gate_may_look_twice_and_the_next_place_later() -> None:
    window, here = timedelta(seconds=90), Sighting("venue:1", NOW)
    assert elsewhere([here], Sighting("venue:1", NOW + timedelta(seconds=5)), window=window) is None
    assert elsewhere([here], Sighting("venue:2", NOW + timedelta(seconds=90)), window=window) is None
    assert elsewhere([here], Sighting("venue:2", NOW + timedelta(seconds=89)), window=window) == here


def test_verification_needs_neither_web_framework_nor_database_nor_network() -> None:
    """In an interpreter of its own, which cannot load them or open a socket."""
    program = """
import sys
for name in ("flask", "sqlalchemy", "redis", "rq", "werkzeug", "_socket"):
    sys.modules[name] = None
from datetime import UTC, datetime
from app.domain.code_tokens import public_keys, verify
keys = public_keys({7: bytes.fromhex(sys.argv[1])})
print(verify(sys.argv[2], keys, datetime.fromtimestamp(int(sys.argv[3]), UTC)).number)
"""
    arguments = [sys.executable, "-c", program, points()["7"], written(), str(int(NOW.timestamp()))]
    root = Path(__file__).parents[2]
    answer = subprocess.run(arguments, cwd=root, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "350100123456"
