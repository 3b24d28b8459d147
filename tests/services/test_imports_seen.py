"""What a check has met: known for certain, in memory that a file of a million rows may take."""

from __future__ import annotations

import random
import tracemalloc

from app.services.imports_seen import SeenIdentities


def identities(count: int, seed: int = 7) -> list[bytes]:
    source = random.Random(seed)
    return [source.randbytes(16) for _ in range(count)]


def test_each_is_new_once_however_many_there_are() -> None:
    known = identities(20_000)
    seen = SeenIdentities()
    assert all(seen.add(each) for each in known)
    assert len(seen) == len(known) == len(set(known))
    assert not any(seen.add(each) for each in known)
    assert all(each in seen for each in known)
    assert not any(each in seen for each in identities(20_000, seed=8))


def test_those_that_begin_or_end_alike_are_told_apart() -> None:
    alike = [bytes(8) + bytes([at]) * 8 for at in range(1, 200)] + [bytes([at]) * 8 + bytes(8) for at in range(1, 200)]
    seen = SeenIdentities(alike)
    assert len(seen) == len(alike)
    assert bytes([200]) * 8 + bytes(8) not in seen


def test_a_hundred_thousand_take_a_few_megabytes() -> None:
    known = identities(100_000)
    tracemalloc.start()
    seen = SeenIdentities(known)
    held, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(seen) == len(known)
    assert held < 5_000_000 and most < 8_000_000
