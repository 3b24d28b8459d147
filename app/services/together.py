"""What many threads ask at the same moment, done in one go: a statement and its commit cost the same for one and for ten.

Nobody waits for company: whoever comes while a hand is free goes at once, and all who come meanwhile go next, together.
On the day when everybody scans, the database works for batches instead of for single rows (issue 1.5).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


class _Asker(Generic[Q, A]):
    """One thread and its question; where it has to wait it waits for `turn`: its answer, or a batch that it does."""

    __slots__ = ("answer", "asked", "batch", "is_answered", "turn")
    answer: A  # once it is answered

    def __init__(self, asked: Q) -> None:
        self.asked = asked
        self.is_answered = False
        self.batch: list[_Asker[Q, A]] | None = None
        self.turn = Lock()
        self.turn.acquire()


class Together(Generic[Q, A]):
    """`work` takes questions and returns their answers in the same order; it must bear being done again one by one.

    So many batches as there are `hands` are under way at a time: with two, one is put together while the other is being
    committed; measured, one and three were slower by a tenth.
    """

    def __init__(self, work: Callable[[Sequence[Q]], Sequence[A]], *, hands: int = 2) -> None:
        self._work = work
        self._free = hands
        self._waiting: list[_Asker[Q, A]] = []
        self._lock = Lock()

    @property
    def waiting(self) -> int:
        """How many wait for what is under way to end."""
        return len(self._waiting)

    def ask(self, asked: Q) -> A:
        """Return the answer; raise what `work` raises for this question alone, whatever those beside it come to."""
        mine: _Asker[Q, A] = _Asker(asked)
        with self._lock:
            if self._free:
                self._free -= 1
                mine.batch = [mine]
            else:
                self._waiting.append(mine)
        if mine.batch is None:
            mine.turn.acquire()
        if mine.batch is not None:
            self._do(mine.batch, mine)
        return mine.answer if mine.is_answered else self._work([asked])[0]

    def _do(self, batch: Sequence[_Asker[Q, A]], mine: _Asker[Q, A]) -> None:
        """Answer all of the batch; who waits meanwhile is the next one, done by the first of them."""
        try:
            self._answer(batch)
        finally:
            with self._lock:
                following, self._waiting = self._waiting, []
                if not following:
                    self._free += 1
            if following:
                following[0].batch = following
                following[0].turn.release()
            for each in batch:
                if each is not mine:
                    each.turn.release()

    def _answer(self, batch: Sequence[_Asker[Q, A]]) -> None:
        try:
            answers = self._work([each.asked for each in batch])
        except Exception:
            if len(batch) == 1:
                raise
            return  # whose fault it is shows when each is done alone
        for each, answer in zip(batch, answers, strict=True):
            each.answer, each.is_answered = answer, True
