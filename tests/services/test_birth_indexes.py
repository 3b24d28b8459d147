"""Rows that are older than the questions about doubtful ones are found by them too (Z-T13)."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import update

from app.domain.screening import ScreeningKind
from app.extensions import db
from app.models import ScreeningEntry
from app.models.encryption import name_birth_index
from app.services import birth_indexes
from tests.returnees import row_of

BORN = date(1985, 6, 7)


@pytest.fixture
def old_rows(app: Flask) -> list[ScreeningEntry]:
    """Two that have a name and a birthday, two that do not; as they were before there was the index."""
    rows = [
        row_of(ScreeningKind.TELECOM, 1),
        row_of(ScreeningKind.POLICE, 2, name="何 晓明"),
        row_of(ScreeningKind.TELECOM, 3, document_type="护照", document_number="E12345678"),
        row_of(ScreeningKind.TELECOM, 4, document_type=None, document_number=None),
    ]
    db.session.execute(update(ScreeningEntry).values(name_birth_index=None))
    db.session.commit()
    db.session.expire_all()
    return rows


def test_old_rows_get_the_index_that_new_ones_have(old_rows: list[ScreeningEntry]) -> None:
    assert birth_indexes.fill() == 2
    db.session.expire_all()
    same = name_birth_index("何晓明", BORN)
    assert [row.name_birth_index for row in old_rows] == [same, same, None, None]
    assert [row.version for row in old_rows] == [1, 1, 1, 1]  # whoever has one open still saves


def test_a_second_run_finds_nothing_to_do(old_rows: list[ScreeningEntry]) -> None:
    birth_indexes.fill()
    assert birth_indexes.fill() == 0


def test_it_goes_on_after_each_chunk(old_rows: list[ScreeningEntry], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(birth_indexes, "_CHUNK", 1)
    assert birth_indexes.fill() == 2


def test_the_command_says_how_many(app: Flask, old_rows: list[ScreeningEntry]) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["lists", "index-birthdays"]).output == "2 rows indexed\n"
    assert runner.invoke(args=["lists", "index-birthdays"]).output == "0 rows indexed\n"
