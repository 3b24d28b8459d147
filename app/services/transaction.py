"""One transaction per use case, however use cases nest; what must happen after it happens only if it commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from app.extensions import db

P = ParamSpec("P")
R = TypeVar("R")

_DEPTH = "transaction_depth"
_AFTER = "after_commit"


@contextmanager
def transaction() -> Iterator[None]:
    """Commit at the end of the outermost block; roll everything back when anything in it raises."""
    info = db.session().info
    depth = info.get(_DEPTH, 0)
    info[_DEPTH] = depth + 1
    try:
        yield
        if depth == 0:
            db.session.commit()
    except BaseException:
        if depth == 0:
            db.session.rollback()
            info.pop(_AFTER, None)
        raise
    finally:
        info[_DEPTH] = depth
    if depth == 0:
        for action in info.pop(_AFTER, []):
            action()


def transactional(use_case: Callable[P, R]) -> Callable[P, R]:
    """Make `use_case` one transaction, or part of the one that called it."""

    @wraps(use_case)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction():
            return use_case(*args, **kwargs)

    return run


def after_commit(action: Callable[[], object]) -> None:
    """Run `action` when the transaction in hand has committed: a job for rows that are not there yet would be lost."""
    db.session().info.setdefault(_AFTER, []).append(action)
