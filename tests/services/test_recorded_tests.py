"""What lists of tests and fever clinics do to colours: by import through the guard, by hand on nobody's word (2.1, X4)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.domain.colors import Color
from app.domain.health import EvidenceKind
from app.domain.roles import Role
from app.domain.screening import ScreeningKind
from app.extensions import db
from app.models import Account, ChangeSet, ChangeSetState, Evidence, ImportBatch
from app.profiles import load_profile
from app.services import change_sets, evidence, health_colors, screening
from app.services.audit import SYSTEM, Actor
from tests.factories import Factories, phone
from tests.health import known
from tests.lists import import_list
from tests.police_sheet import index_of, numbers
from tests.returnees import row_of

ZONE = load_profile("zhengzhou").zone
TODAY = clock.local_date(clock.now(), ZONE)


def tests_of(people: list[str], result: str, tmp_path: Path, account: Account) -> ImportBatch:
    rows = [f"{TODAY.isoformat()},何晓明,{number},{phone(at)},{result},金水区" for at, number in enumerate(people)]
    path = tmp_path / f"{people[0]}{len(people)}.csv"
    path.write_text("\n".join(["采样日期,姓名,证件号,手机号,检测结果,所属区县", *rows]), encoding="utf-8")
    return import_list("nucleic", path, account)


def visits_of(people: list[str], tmp_path: Path, account: Account) -> ImportBatch:
    rows = [f"{TODAY.isoformat()},何晓明,{number},{phone(at)},37.9,金水区" for at, number in enumerate(people)]
    path = tmp_path / "fever.csv"
    path.write_text("\n".join(["就诊日期,姓名,身份证,手机号,体温,所属区县", *rows]), encoding="utf-8")
    return import_list("fever", path, account)


def color(number: str) -> Color:
    return health_colors.color_of(index_of(number), clock.now()).color


def change_of(batch: ImportBatch) -> ChangeSet:
    return db.session.query(ChangeSet).filter_by(cause_id=batch.id).one()


@pytest.fixture
def city(make: Factories) -> Account:
    return make.account(Role.CITY_ADMIN)


def test_a_clinic_visit_is_yellow_until_a_negative_test(
    app: Flask, make: Factories, tmp_path: Path, city: Account
) -> None:
    (number,) = numbers(1)
    visits_of([number], tmp_path, make.account(Role.MEDICAL_INSTITUTION, "410105003001"))
    assert color(number) is Color.YELLOW
    found = change_of(tests_of([number], "阴性", tmp_path, city))
    assert (color(number), found.counts) == (Color.GREEN, {"YELLOW>GREEN": 1})
    change_sets.roll_back(found.id, reason="样本混淆", account=city)
    assert color(number) is Color.YELLOW
    assert db.session.query(Evidence).one().ended_at is None


def test_only_a_positive_row_is_evidence(app: Flask, tmp_path: Path, city: Account) -> None:
    colors = {}
    for result in ("阳性", "阴性", "待出结果", "结果无效，需复检"):
        (number,) = numbers(1)
        tests_of([number], result, tmp_path, city)
        colors[result] = color(number)
    assert colors.pop("阳性") is Color.RED
    assert set(colors.values()) == {Color.GREEN}
    assert [row.kind for row in db.session.query(Evidence)] == [EvidenceKind.POSITIVE_TEST]


def test_a_test_says_nothing_about_what_began_after_it_or_what_it_does_not_disprove(
    app: Flask, tmp_path: Path, city: Account
) -> None:
    later, contact = numbers(2)
    tomorrow = clock.day_bounds(TODAY, ZONE)[1]
    evidence.bring(known(EvidenceKind.SELF_DECLARED, document_number=later, began_at=tomorrow), actor=SYSTEM)
    evidence.bring(known(EvidenceKind.CLOSE_CONTACT, document_number=contact), actor=SYSTEM)
    tests_of([later, contact], "阴性", tmp_path, city)
    assert [row.ended_at for row in db.session.query(Evidence)] == [None, None]
    assert color(contact) is Color.RED


def test_fifty_one_results_wait_whichever_way_they_change_colours(
    app: Flask, tmp_path: Path, city: Account, make: Factories
) -> None:
    people = numbers(51)
    before = clock.now() - timedelta(days=2)
    for number in people:
        evidence.bring(known(EvidenceKind.ANTIPYRETIC, document_number=number, began_at=before), actor=SYSTEM)
    found = change_of(tests_of(people, "阴性", tmp_path, city))
    assert (found.state, found.counts) == (ChangeSetState.WAITING, {"YELLOW>GREEN": 51})
    assert color(people[0]) is Color.YELLOW


def result_by_hand(status: str, actor: Actor, **values: Any) -> str:
    (number,) = numbers(1)
    row = row_of(ScreeningKind.NUCLEIC_TEST, document_number=number, listed_on=TODAY, **values)
    evidence.bring(
        known(EvidenceKind.ANTIPYRETIC, document_number=number, began_at=clock.now() - timedelta(days=1)), actor=SYSTEM
    )
    screening.record_outcome(row, status=status, remark="", actor=actor)
    screening.record_outcome(row, status=status, remark="又一次", actor=actor)
    return number


def test_a_negative_result_by_hand_ends_what_it_disproves(app: Flask, city: Account) -> None:
    assert color(result_by_hand("NEGATIVE", Actor.of(city))) is Color.GREEN


def test_a_positive_result_by_hand_colours_only_by_a_second_persons_word(
    app: Flask, city: Account, make: Factories
) -> None:
    number = result_by_hand("POSITIVE", Actor.of(city))
    assert color(number) is Color.YELLOW
    found = db.session.query(ChangeSet).one()
    assert (found.state, found.changed) == (ChangeSetState.WAITING, 1)
    change_sets.approve(found.id, account=make.account(Role.CITY_ADMIN))
    assert color(number) is Color.RED


def test_taking_a_batch_back_does_not_revive_what_was_ended_for_its_own_sake(
    app: Flask, tmp_path: Path, city: Account
) -> None:
    appealed, other = numbers(2)
    before = clock.now() - timedelta(days=2)
    rows = [
        evidence.bring(known(EvidenceKind.ANTIPYRETIC, document_number=each, began_at=before), actor=SYSTEM)
        for each in (appealed, other)
    ]
    found = change_of(tests_of([appealed, other], "阴性", tmp_path, city))
    evidence.end(rows[0].id, reason="申诉成立", actor=SYSTEM)
    change_sets.roll_back(found.id, reason="样本混淆", account=city)
    assert (color(appealed), color(other)) == (Color.GREEN, Color.YELLOW)
    assert (rows[0].end_reason, rows[1].end_reason) == ("申诉成立", None)
