"""Columns that were matched by hand once are known again."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.comparison import ComparisonState
from app.domain.errors import DomainError
from app.domain.roles import Role
from app.extensions import db
from app.models import Account, AuditEvent, BatchState, ColumnMapping, ImportBatch
from app.services import column_mappings, comparison_run, comparisons, imports, imports_checking, imports_header
from app.services.audit import Actor
from app.services.lists import list_named
from tests.factories import Factories

HEADER = "那天,机主,打哪个电话,在哪个区,其它"
COLUMNS = {"listed_on": 0, "name": 1, "phone": 2, "station_district": 3}
ROW = "2020-04-07,何晓明,13900000001,金水区,x"


@pytest.fixture
def city(make: Factories) -> Account:
    return make.account(Role.CITY_ADMIN)


def checked(account: Account, *lines: str, key: str = "telecom") -> ImportBatch:
    content = io.BytesIO("\n".join(lines).encode())
    batch = imports.upload(list_named(key), content, name="名单.csv", account=account)
    return check(batch)


def check(batch: ImportBatch) -> ImportBatch:
    imports_checking.check(batch.id)
    return db.session.get_one(ImportBatch, batch.id, populate_existing=True)


def test_an_unknown_header_is_asked_about_once(app: Flask, city: Account) -> None:
    batch = checked(city, HEADER, ROW)
    assert batch.state is BatchState.AWAITING_COLUMNS
    assert imports_header.titles_of(batch) == HEADER.split(",")
    imports.choose_columns(batch, COLUMNS, account=city)
    batch = check(batch)
    assert (batch.state, batch.counts["new"], batch.failure) == (BatchState.CHECKED, 1, None)
    assert batch.counts["dispatched"] == {"410105": 1}
    again = checked(city, HEADER.replace(",", " ,"), ROW.replace("何晓明", "王芳").replace("0001", "0002"))
    assert (again.state, again.counts["new"]) == (BatchState.CHECKED, 1)


def test_another_header_another_list_and_another_area_are_asked_about_anew(app: Flask, make: Factories) -> None:
    city, hospital = make.account(Role.CITY_ADMIN), make.account(Role.CITY_ADMIN, "4110")
    imports.choose_columns(checked(city, HEADER, ROW), COLUMNS, account=city)
    for batch in (
        checked(city, HEADER + "2", ROW),
        checked(city, HEADER, ROW, key="rail"),
        checked(hospital, HEADER, ROW),
    ):
        assert batch.state is BatchState.AWAITING_COLUMNS


@pytest.mark.parametrize(
    "columns",
    [
        {"name": 1, "phone": 2},  # no day
        {"listed_on": 0, "name": 1},  # neither phone nor number
        {"listed_on": 0, "phone": 0},
        {"listed_on": 0, "phone": 7},
    ],
)
def test_columns_must_be_there_and_tell_enough(app: Flask, city: Account, columns: dict[str, int]) -> None:
    batch = checked(city, HEADER, ROW)
    with pytest.raises(DomainError) as refused:
        imports.choose_columns(batch, columns, account=city)
    assert refused.value.code == "columns"


def test_what_was_forgotten_is_asked_about_again(app: Flask, city: Account) -> None:
    imports.choose_columns(checked(city, HEADER, ROW), COLUMNS, account=city)
    column_mappings.forget(db.session.execute(select(ColumnMapping)).scalar_one(), actor=Actor.of(city))
    assert checked(city, HEADER, ROW).state is BatchState.AWAITING_COLUMNS
    events = db.session.execute(select(AuditEvent.action).where(AuditEvent.subject_type == "column_mapping"))
    assert events.scalars().all() == ["remember_columns", "forget_columns"]


def test_a_batch_that_waits_for_its_columns_can_be_cancelled(app: Flask, city: Account) -> None:
    batch = checked(city, HEADER, ROW)
    imports.cancel(batch, account=city)
    assert batch.state is BatchState.CANCELLED


def test_a_comparison_knows_its_columns_again(app: Flask, make: Factories, city: Account) -> None:
    person = make.residency().person

    def compared() -> ComparisonState:
        content = io.BytesIO(f"A,B\n甲,{person.phone}\n".encode())
        found = comparisons.start(content, name="a.csv", reason="核对密接名单", account=city)
        comparison_run.run(found.id)
        db.session.refresh(found)
        if found.state is ComparisonState.AWAITING_COLUMNS:
            comparisons.choose_columns(found, {"phone": 1}, account=city)
            return ComparisonState.AWAITING_COLUMNS
        return found.state

    assert [compared(), compared()] == [ComparisonState.AWAITING_COLUMNS, ComparisonState.DONE]
