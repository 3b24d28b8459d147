"""A list that colours people enters through the guard, and is taken back exactly (X4, Z-T3, issue 2.3)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import clock
from app.domain.colors import Color
from app.domain.documents import DocumentType
from app.domain.errors import DomainError
from app.domain.health import EvidenceKind
from app.domain.roles import Role
from app.extensions import db
from app.models import (
    Account,
    BatchState,
    ChangeCause,
    ChangeSet,
    ChangeSetState,
    Evidence,
    HealthState,
    ImportBatch,
    ImportRow,
    ScreeningEntry,
)
from app.services import change_sets, evidence, health_colors, imports, imports_entering
from app.services.audit import SYSTEM
from tests.factories import Factories
from tests.health import known
from tests.lists import import_list
from tests.police_sheet import index_of, numbers, write_sheet


def colors(people: Sequence[str]) -> set[Color]:
    found = health_colors.colors_of([index_of(number) for number in people], clock.now())
    return {found.get(index_of(number), Color.GREEN) for number in people}


def count(model: Any) -> int:
    return db.session.execute(select(func.count()).select_from(model)).scalar_one()


def waiting(batch: ImportBatch) -> ChangeSet:
    found = change_sets.of_cause(ChangeCause.IMPORT, batch.id)
    assert found is not None and found.state is ChangeSetState.WAITING
    return found


def import_police(make: Factories, tmp_path: Path, people: list[str], account: Account | None = None) -> ImportBatch:
    account = account or make.account(Role.CITY_ADMIN)
    return import_list("police", write_sheet(tmp_path / f"{people[0]}.csv", people), account)


def test_fifty_enter_at_once_and_are_red(app: Flask, make: Factories, tmp_path: Path) -> None:
    people = numbers(50)
    batch = import_police(make, tmp_path, people)
    assert batch.state is BatchState.IMPORTED and colors(people) == {Color.RED}
    entry = db.session.execute(select(ScreeningEntry).limit(1)).scalar_one()
    brought = db.session.execute(select(Evidence).where(Evidence.source_id == entry.id)).scalar_one()
    assert entry.area_code == brought.area_code == "410102001"
    assert (brought.document_number, brought.owner_role) == (entry.document_number, Role.STREET_ADMIN)


def test_fifty_one_wait_and_nothing_has_entered(app: Flask, make: Factories, tmp_path: Path) -> None:
    people = numbers(51)
    batch = import_police(make, tmp_path, people)
    assert batch.state is BatchState.AWAITING
    assert batch.counts["recolored"] == {"GREEN>RED": 51}
    found = waiting(batch)
    assert found.counts == {"GREEN>RED": 51} and found.sample[0]["name"] == "储*"
    assert not any(number in str(found.sample) for number in people)
    assert [count(model) for model in (ScreeningEntry, Evidence, HealthState)] == [0, 0, 0]
    assert colors(people) == {Color.GREEN}


def test_who_is_red_already_does_not_count(app: Flask, make: Factories, tmp_path: Path) -> None:
    people = numbers(51)
    evidence.bring(
        known(EvidenceKind.CONFIRMED_CASE, document_number=people[0], document_type=DocumentType.ID_CARD), actor=SYSTEM
    )
    assert import_police(make, tmp_path, people).state is BatchState.IMPORTED


def test_many_small_files_of_one_account_count_together(app: Flask, make: Factories, tmp_path: Path) -> None:
    city = make.account(Role.CITY_ADMIN)
    first = import_police(make, tmp_path, numbers(30), city)
    second = import_police(make, tmp_path, numbers(30), city)
    assert [first.state, second.state] == [BatchState.IMPORTED, BatchState.AWAITING]


def test_a_second_person_lets_it_enter_once(app: Flask, make: Factories, tmp_path: Path) -> None:
    people = numbers(51)
    batch = import_police(make, tmp_path, people)
    change_sets.approve(waiting(batch).id, account=make.account(Role.CITY_ADMIN))
    for _ in range(2):
        imports_entering.import_batch(batch.id)
    db.session.refresh(batch)
    assert batch.state is BatchState.IMPORTED and colors(people) == {Color.RED}
    assert [count(ScreeningEntry), count(Evidence), count(ImportRow)] == [51, 51, 0]
    found = change_sets.of_cause(ChangeCause.IMPORT, batch.id)
    assert found is not None and found.state is ChangeSetState.APPLIED


@pytest.mark.parametrize(
    ("role", "area", "code"),
    [
        (None, "4101", "own"),
        (Role.DISTRICT_ADMIN, "410102", "area"),
        (Role.DATA_REPORTER, "4101", "role"),
        (Role.SYSTEM_ADMIN, "4101", "role"),
    ],
)
def test_nobody_else_may_let_it_enter(
    app: Flask, make: Factories, tmp_path: Path, role: Role | None, area: str, code: str
) -> None:
    city = make.account(Role.CITY_ADMIN)
    batch = import_police(make, tmp_path, numbers(51), city)
    with pytest.raises(DomainError) as refused:
        change_sets.approve(waiting(batch).id, account=make.account(role, area) if role else city)
    assert refused.value.code == code
    imports_entering.import_batch(batch.id)
    assert count(ScreeningEntry) == count(Evidence) == 0


def test_what_is_rejected_or_given_up_leaves_nothing(app: Flask, make: Factories, tmp_path: Path) -> None:
    city, other = make.account(Role.CITY_ADMIN), make.account(Role.CITY_ADMIN)
    rejected, given_up = (import_police(make, tmp_path, numbers(51), city) for _ in range(2))
    change_sets.reject(waiting(rejected).id, reason="名单有误", account=other)
    imports.cancel(given_up, account=city)
    for batch in (rejected, given_up):
        db.session.refresh(batch)
        assert batch.state is BatchState.CANCELLED
    assert [count(model) for model in (ScreeningEntry, Evidence, HealthState, ImportRow)] == [0, 0, 0, 0]


def stored() -> list[tuple[Any, ...]]:
    columns = [column for column in HealthState.__table__.c if column.name != "evaluated_at"]
    query = select(*columns).where(HealthState.__table__.c.color != Color.GREEN.name)
    return [tuple(row) for row in db.session.execute(query.order_by(columns[0]))]


@pytest.mark.parametrize("way", ["undo", "roll_back"])
def test_the_way_back_is_exact(app: Flask, make: Factories, tmp_path: Path, way: str) -> None:
    people, city = numbers(40), make.account(Role.CITY_ADMIN)
    for number, kind in zip(people, (EvidenceKind.FEVER_CLINIC, EvidenceKind.CONFIRMED_CASE), strict=False):
        evidence.bring(known(kind, document_number=number), actor=SYSTEM)
    before = stored()
    batch = import_police(make, tmp_path, people, city)
    assert batch.state is BatchState.IMPORTED and len(stored()) == 40
    if way == "undo":
        imports.undo(batch, account=city)
    else:
        found = change_sets.of_cause(ChangeCause.IMPORT, batch.id)
        assert found is not None
        change_sets.roll_back(found.id, reason="名单有误", account=city)
    assert stored() == before
    again = import_police(make, tmp_path, people, city)
    assert again.counts["already_there"] == (0 if way == "undo" else 40)
