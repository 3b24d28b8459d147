"""Rows that may be one person wait, and are asked about once (Z-T13)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.access import scope_of, using_scope
from app.domain.documents import DocumentType
from app.domain.doubts import DoubtAnswer, DoubtBasis, DoubtState
from app.domain.errors import DomainError
from app.domain.roles import Role
from app.domain.screening import InquiryStatus
from app.extensions import db
from app.models import Account, AuditEvent, EntryDoubt, Evidence
from app.models.encryption import document_index
from app.services import doubt_answers, imports, screening
from app.services.audit import Actor
from app.spreadsheets.declarations import POLICE
from tests.doubts import KNOWN, LIKE, bring, doubts, entries
from tests.factories import Factories, id_card, phone
from tests.lists import import_list
from tests.spreadsheets.workbooks import table

JINSHUI = "410105"


@pytest.fixture
def city(app: Flask, make: Factories) -> Account:
    return make.account(Role.CITY_ADMIN)


def answer(given: DoubtAnswer, account: Account, doubt: EntryDoubt | None = None) -> None:
    found = doubt or doubts(state=DoubtState.WAITING)[0]
    doubt_answers.answer(found, given, actor=Actor.of(account))
    db.session.expire_all()


def test_a_like_name_with_the_phone_of_the_day_waits_and_stops_nothing(city: Account, tmp_path: Path) -> None:
    bring(tmp_path, city, KNOWN)
    batch = bring(tmp_path, city, LIKE, {"name": "王芳", "phone": phone(2)})
    assert batch.counts["new"] == 2 and batch.counts["dispatched"] == {JINSHUI: 1}
    assert batch.counts["undispatched"] == {"POSSIBLE_DUPLICATE": 1}
    (found,) = doubts()
    assert (found.basis, found.state, found.area_code) == (DoubtBasis.PHONE, DoubtState.WAITING, "4101")
    assert found.entry is not None and found.other is not None
    assert (found.entry.name, found.other.name) == ("何晓鸣", "何晓明")
    assert (found.entry.area_code, found.entry.dispatched_at) == ("4101", None)
    with pytest.raises(DomainError) as refused:
        screening.dispatch(found.entry, district_code=JINSHUI, actor=Actor.of(city))
    assert refused.value.code == "doubtful"


def test_one_name_and_birthday_under_two_numbers_waits_within_a_batch_too(city: Account, tmp_path: Path) -> None:
    one, other = id_card(1, "19850607"), id_card(2, "19850607")
    bring(tmp_path, city, {"name": "何晓明", "document_number": one}, {"name": "何晓明", "document_number": other})
    (found,) = doubts()
    assert found.basis is DoubtBasis.NAME_AND_BIRTH
    assert found.entry is not None and found.entry.document_number == other


@pytest.mark.parametrize(
    ("key", "first", "second"),
    [
        ("telecom", KNOWN, {**LIKE, "listed_on": "2020-04-08"}),
        ("telecom", KNOWN, {**LIKE, "phone": phone(9)}),
        ("telecom", KNOWN, {**LIKE, "name": "王芳"}),
        ("telecom", {**KNOWN, "document_number": id_card(1, "19600101")}, LIKE),
        (
            "rail",
            {**KNOWN, "boarding_station": "武汉站", "train_number": "G601"},
            {**LIKE, "boarding_station": "武汉站", "train_number": "G602"},
        ),
    ],
    ids=["another day", "another phone", "another name", "another birthday", "another train"],
)
def test_what_is_surely_a_row_of_its_own_is_not_asked_about(
    city: Account, tmp_path: Path, key: str, first: dict[str, Any], second: dict[str, Any]
) -> None:
    bring(tmp_path, city, first, key=key)
    bring(tmp_path, city, second, key=key)
    assert doubts() == [] and len(entries()) == 2


def test_a_phone_of_an_institution_tells_nobody(city: Account, tmp_path: Path) -> None:
    people = [
        {"name": f"何晓{sign}", "phone": phone(1), "document_number": id_card(at)}
        for at, sign in enumerate("明鸣铭茗名洺")
    ]
    bring(tmp_path, city, *people, {"name": "何晓", "phone": phone(1)})
    assert doubts() == []


def test_linked_the_row_that_was_there_has_what_it_lacked(city: Account, tmp_path: Path) -> None:
    bring(tmp_path, city, KNOWN)
    bring(tmp_path, city, LIKE)
    answer(DoubtAnswer.LINK, city)
    (row,) = entries()
    assert (row.name, row.document_number, row.area_code) == ("何晓明", LIKE["document_number"], JINSHUI)
    assert row.document_index == document_index(DocumentType.ID_CARD.name, LIKE["document_number"])
    assert {p.key: p.value for p in screening.particulars(row)}["address"] == LIKE["address"]
    again = bring(tmp_path, city, LIKE)
    assert (again.counts["new"], again.counts["already_there"]) == (0, 1)
    event = db.session.execute(select(AuditEvent).where(AuditEvent.action == "answer_doubt")).scalar_one()
    assert event.changes["answer"] == "关联" and LIKE["name"] not in str(event.changes)


def test_two_people_are_dispatched_and_never_asked_about_again(city: Account, tmp_path: Path) -> None:
    bring(tmp_path, city, KNOWN)
    bring(tmp_path, city, LIKE)
    answer(DoubtAnswer.NEW, city)
    assert [(row.area_code, row.is_dispatched) for row in entries()] == [(JINSHUI, True)] * 2
    tomorrow = {"listed_on": "2020-04-08"}
    batch = bring(tmp_path, city, {**KNOWN, **tomorrow}, {**LIKE, **tomorrow})
    assert batch.counts["dispatched"] == {JINSHUI: 2}
    assert [each.state for each in doubts()] == [DoubtState.DISTINCT]


def test_a_row_goes_on_when_the_last_of_its_doubts_is_settled(city: Account, tmp_path: Path) -> None:
    bring(tmp_path, city, KNOWN, {"name": "何小明", "phone": phone(1), "document_number": id_card(8)})
    answer(DoubtAnswer.NEW, city)
    bring(tmp_path, city, {"name": "何明", "phone": phone(1), "document_number": id_card(9)})
    first, last = doubts(state=DoubtState.WAITING)
    answer(DoubtAnswer.NEW, city, first)
    assert not entries()[-1].is_dispatched
    answer(DoubtAnswer.NEW, city, last)
    assert entries()[-1].is_dispatched


def test_a_skipped_row_is_not_in_the_list_and_is_asked_about_again(city: Account, tmp_path: Path) -> None:
    bring(tmp_path, city, KNOWN)
    bring(tmp_path, city, LIKE)
    answer(DoubtAnswer.SKIP, city)
    assert [row.name for row in entries()] == ["何晓明"]
    bring(tmp_path, city, LIKE)
    assert len(doubts(state=DoubtState.WAITING)) == 1


def test_an_answered_doubt_and_a_row_in_work_are_left_alone(city: Account, tmp_path: Path) -> None:
    bring(tmp_path, city, KNOWN)
    bring(tmp_path, city, LIKE)
    (found,) = doubts()
    assert found.entry is not None
    screening.record_outcome(found.entry, status=InquiryStatus.NORMAL.name, remark="", actor=Actor.of(city))
    for given in (DoubtAnswer.LINK, DoubtAnswer.SKIP):
        with pytest.raises(DomainError) as refused:
            answer(given, city)
        assert refused.value.code == "worked_on"
    answer(DoubtAnswer.NEW, city)
    with pytest.raises(DomainError) as refused:
        answer(DoubtAnswer.NEW, city, doubts()[0])
    assert refused.value.code == "doubt_answered"


@pytest.mark.parametrize(("given", "rows"), [(DoubtAnswer.LINK, 2), (DoubtAnswer.NEW, 4), (DoubtAnswer.SKIP, 2)])
def test_a_whole_batch_is_settled_at_one_stroke(city: Account, tmp_path: Path, given: DoubtAnswer, rows: int) -> None:
    others = {"name": "张美丽", "phone": phone(2)}
    bring(tmp_path, city, KNOWN, others)
    batch = bring(tmp_path, city, LIKE, {**others, "name": "张美莉", "document_number": id_card(3)})
    assert doubt_answers.waiting_of(batch) == 2
    assert doubt_answers.answer_all(batch.id, given, actor=Actor.of(city)) == 2
    assert len(entries()) == rows and doubt_answers.waiting_of(batch) == 0


def test_taking_the_batch_back_takes_its_doubts_and_links_back(city: Account, tmp_path: Path) -> None:
    bring(tmp_path, city, KNOWN)
    batch = bring(tmp_path, city, LIKE)
    answer(DoubtAnswer.LINK, city)
    imports.undo(batch, account=city)
    (row,) = entries()
    db.session.refresh(row)
    assert (row.document_number, row.document_index, doubts()) == (None, None, [])
    assert {p.key: p.value for p in screening.particulars(row)}["address"] == ""
    assert bring(tmp_path, city, LIKE).counts["new"] == 1


def test_who_waited_for_a_batch_that_is_taken_back_goes_on(city: Account, tmp_path: Path) -> None:
    known = bring(tmp_path, city, KNOWN)
    bring(tmp_path, city, LIKE)
    imports.undo(known, account=city)
    db.session.expire_all()
    (row,) = entries()
    assert (row.name, row.area_code, row.is_dispatched, doubts()) == ("何晓鸣", JINSHUI, True, [])


def test_a_batch_to_which_another_was_linked_is_not_taken_back(city: Account, tmp_path: Path) -> None:
    known = bring(tmp_path, city, KNOWN)
    bring(tmp_path, city, LIKE)
    answer(DoubtAnswer.LINK, city)
    with pytest.raises(DomainError) as refused:
        imports.undo(known, account=city)
    assert refused.value.code == "worked_on"


def test_that_two_are_not_the_same_outlives_the_batch(city: Account, tmp_path: Path) -> None:
    bring(tmp_path, city, KNOWN)
    batch = bring(tmp_path, city, LIKE)
    answer(DoubtAnswer.NEW, city)
    imports.undo(batch, account=city)
    assert bring(tmp_path, city, LIKE).counts["dispatched"] == {JINSHUI: 1}


def test_a_district_sees_no_doubt_of_the_city(city: Account, make: Factories, tmp_path: Path) -> None:
    bring(tmp_path, city, KNOWN)
    batch = bring(tmp_path, city, LIKE)
    district, key = make.account(Role.DISTRICT_ADMIN, JINSHUI), batch.id
    db.session.commit()
    actor = Actor.of(district)
    with using_scope(scope_of(district)):
        assert doubts() == []
        assert doubt_answers.answer_all(key, DoubtAnswer.SKIP, actor=actor) == 0
    assert len(entries()) == 2


def test_a_skipped_row_colours_nobody(app: Flask, make: Factories, tmp_path: Path) -> None:
    city, titles = make.account(Role.CITY_ADMIN), [column.title for column in POLICE.columns]
    for serial in (1, 2):
        row = ["2020-04-07", "何晓明", "", id_card(serial, "19850607"), "林山寨街道", "", ""]
        import_list("police", table(tmp_path / "police.xlsx", row, header=titles), city)
    answer(DoubtAnswer.SKIP, city)
    found = db.session.execute(select(Evidence).order_by(Evidence.id)).scalars().all()
    assert [each.ended_at is None for each in found] == [True, False]
    assert clock.now() >= found[1].ended_at  # type: ignore[operator]
