"""What many ask at one moment is done in one go, and nobody's answer depends on whom they stood beside (issue 1.5)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from app.services.together import Together

SECONDS = 10.0


class Counter:
    """Work that remembers its batches; the first of them ends when it may."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.has_begun, self.may_end = Event(), Event()
        self.together: Together[int, int] = Together(self.doubled, hands=1)

    def doubled(self, asked: Sequence[int]) -> list[int]:
        self.batches.append(list(asked))
        if len(self.batches) == 1:
            self.has_begun.set()
            assert self.may_end.wait(SECONDS)
        if 0 in asked:
            raise ZeroDivisionError
        return [2 * number for number in asked]

    def asked_by(self, threads: ThreadPoolExecutor, first: int, following: Sequence[int]) -> list[Future[int]]:
        """One asks alone; the others come, one after the other, while that is under way."""
        answers = [threads.submit(self.together.ask, first)]
        assert self.has_begun.wait(SECONDS)
        for place, number in enumerate(following, 1):
            answers.append(threads.submit(self.together.ask, number))
            _wait_until_queued(self.together, place)
        self.may_end.set()
        return answers


def _wait_until_queued(together: Together[int, int], count: int) -> None:
    until = time.monotonic() + SECONDS
    while together.waiting < count:
        assert time.monotonic() < until


def test_who_comes_while_something_is_under_way_goes_next_together() -> None:
    work = Counter()
    with ThreadPoolExecutor(6) as threads:
        answers = work.asked_by(threads, 1, [2, 3, 4, 5])
        assert [answer.result(SECONDS) for answer in answers] == [2, 4, 6, 8, 10]
    assert work.batches == [[1], [2, 3, 4, 5]]
    assert work.together.ask(6) == 12, "and after that somebody alone goes at once"
    assert work.batches[-1] == [6]


def test_a_fault_is_told_to_the_one_whose_it_is() -> None:
    work = Counter()
    with ThreadPoolExecutor(6) as threads:
        first, second, faulty, third = work.asked_by(threads, 1, [2, 0, 3])
        assert [first.result(SECONDS), second.result(SECONDS), third.result(SECONDS)] == [2, 4, 6]
        with pytest.raises(ZeroDivisionError):
            faulty.result(SECONDS)
    assert work.batches[1] == [2, 0, 3]
    assert sorted(work.batches[2:]) == [[0], [2], [3]], "each was done once more, alone"


def test_what_fails_alone_is_not_tried_again_and_leaves_the_way_free() -> None:
    work = Counter()
    work.may_end.set()
    with pytest.raises(ZeroDivisionError):
        work.together.ask(0)
    assert work.together.ask(1) == 2
    assert work.batches == [[0], [1]]


def test_everybody_gets_their_own_answer() -> None:
    together: Together[int, int] = Together(lambda asked: [number * number for number in asked])
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(together.ask, range(4000))) == [number * number for number in range(4000)]
