"""Photos that people send (X2): nothing is opened before it is known that it may be."""

from __future__ import annotations

import pytest

from app.domain.errors import DomainError
from app.services import photos


class Unopened:
    """A photo that must not be looked at."""

    filename: str | None = "huge.png"

    def read(self, most: int, /) -> bytes:
        raise AssertionError(f"{most} bytes of a picture too many were read")


def test_of_too_many_photos_none_is_opened() -> None:
    with pytest.raises(DomainError) as refused:
        photos.cleaned([Unopened() for _ in range(4)], most=3)
    assert (refused.value.code, refused.value.params) == ("photos", {"most": 3})
