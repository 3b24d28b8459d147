"""The police's sheet with so many persons, as text (Z-T3)."""

from __future__ import annotations

import itertools
from pathlib import Path

from app import clock
from app.domain.documents import DocumentType
from app.models.encryption import document_index
from app.profiles import load_profile
from tests.factories import id_card, phone

_serials = itertools.count(1)


def numbers(count: int) -> list[str]:
    """So many document numbers that no other sheet has."""
    return [id_card(serial, birth=f"{1940 + serial // 1000:04d}0303") for serial in itertools.islice(_serials, count)]


def write_sheet(path: Path, people: list[str], *, street: str = "林山寨街道办事处") -> Path:
    """The sheet of today with a row for each of `people`."""
    day = clock.local_date(clock.now(), load_profile("zhengzhou").zone).isoformat()
    rows = [f"{day},储户,{phone(at)},{number},{street},幸福小区" for at, number in enumerate(people)]
    path.write_text("\n".join(["日期,姓名,手机号,身份证,所属街道办事处,所属小区", *rows]), encoding="utf-8")
    return path


def index_of(number: str) -> bytes:
    return document_index(DocumentType.ID_CARD.name, number)
