"""「数据对比」: who of a list is known here, and who may ask (Z-T12)."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from app import clock
from app.domain.comparison import ComparisonState, MatchBasis
from app.domain.errors import DomainError
from app.domain.roles import Role
from app.extensions import db
from app.models import AuditEvent, Comparison, ComparisonMatch, StoredFile, StoredPiece
from app.services import asked_work, comparison_run, comparisons
from tests.factories import COMMUNITY, Factories, id_card

ELSEWHERE = "410105001001"


def sheet(*lines: str, header: str = "客户姓名,身份证号,联系电话") -> io.BytesIO:
    return io.BytesIO("\n".join([header, *lines]).encode())


def compare(make: Factories, content: io.BytesIO, *, role: Role = Role.CITY_ADMIN, area: str = "4101") -> Comparison:
    found = comparisons.start(content, name="名单.csv", reason="核对密接名单", account=make.account(role, area))
    comparison_run.run(found.id)
    return db.session.get_one(Comparison, found.id, populate_existing=True)


def matches(found: Comparison) -> list[ComparisonMatch]:
    query = select(ComparisonMatch).where(ComparisonMatch.comparison_id == found.id).order_by(ComparisonMatch.id)
    return list(db.session.execute(query).scalars())


def test_people_are_known_by_number_by_phone_and_by_name_and_birthday(app: Flask, make: Factories) -> None:
    venue = make.venue(name="幸福小区", area_code=COMMUNITY)
    people = [make.person(name) for name in ("甲一", "乙二", "丙三")]
    ties = [make.residency(person, venue) for person in people]
    make.entry(ties[0], at=clock.now() - timedelta(hours=2))
    make.entry(ties[0], at=clock.now() - timedelta(hours=1))
    mistyped = people[2].document_number[:-1] + ("0" if people[2].document_number[-1] != "0" else "1")
    found = compare(
        make,
        sheet(
            f"甲一,{people[0].document_number},",
            f"乙二,,{people[1].phone}",
            f"丙三,{mistyped},",
            f"陌生,{id_card(7, birth='19550505')},13000000001",
        ),
    )
    assert (found.state, found.done) == (ComparisonState.DONE, 4)
    assert found.counts == {"DOCUMENT": 1, "PHONE": 1, "NAME_AND_BIRTH": 1}
    known = matches(found)
    assert [(each.row_number, each.person_id, each.basis, each.is_doubtful) for each in known] == [
        (2, people[0].id, MatchBasis.DOCUMENT, False),
        (3, people[1].id, MatchBasis.PHONE, False),
        (4, people[2].id, MatchBasis.NAME_AND_BIRTH, True),
    ]
    assert {each.compound for each in known} == {"幸福小区"}
    assert known[0].last_entry_at is not None and clock.now() - known[0].last_entry_at < timedelta(minutes=61)
    assert (known[0].last_entry_place, known[1].last_entry_at) == ("幸福小区", None)


def test_a_district_learns_of_its_own_people_only(app: Flask, make: Factories) -> None:
    there = make.residency(make.person("甲一"), make.venue(area_code=ELSEWHERE)).person
    both = make.person("乙二")
    make.residency(both, make.venue(name="外区小区", area_code=ELSEWHERE))
    visit = make.residency(both, make.venue(name="本区小区", area_code=COMMUNITY), ended_at=clock.now())
    make.entry(visit)
    lines = [f"{person.name},{person.document_number}," for person in (there, both)]
    own = compare(make, sheet(*lines), role=Role.DISTRICT_ADMIN, area=COMMUNITY[:6])
    assert [(each.person_id, each.compound, each.last_entry_place) for each in matches(own)] == [
        (both.id, None, "本区小区")
    ]
    assert len(matches(compare(make, sheet(*lines)))) == 2


def test_a_list_without_known_titles_waits_for_its_columns(app: Flask, make: Factories) -> None:
    person = make.residency(make.person("甲一")).person
    found = compare(make, sheet(f"甲一,x,{person.phone}", header="甲列,乙列,丙列"))
    assert found.state is ComparisonState.AWAITING_COLUMNS
    assert comparisons.titles_of(found) == ["甲列", "乙列", "丙列"]
    asker = make.account(Role.CITY_ADMIN)
    db.session.commit()
    for positions in ({"name": 0}, {"name": 2, "phone": 2}, {"phone": 9}):
        with pytest.raises(DomainError):
            comparisons.choose_columns(found, positions, account=asker)
    comparisons.choose_columns(found, {"name": 0, "phone": 2}, account=asker)
    comparison_run.run(found.id)
    assert [each.person_id for each in matches(found)] == [person.id]


def test_the_file_goes_with_the_end_and_the_result_with_its_time(app: Flask, make: Factories) -> None:
    person = make.residency().person
    found = compare(make, sheet(f"{person.name},{person.document_number},"))
    left = [db.session.execute(select(func.count()).select_from(model)).scalar() for model in (StoredFile, StoredPiece)]
    assert (left, found.file_id) == ([0, 0], None)
    assert comparisons.purge(clock.now()) == 0
    assert comparisons.purge(clock.now() + comparisons.KEPT) == 1
    assert (found.state, matches(found), found.header) == (ComparisonState.EXPIRED, [], None)
    assert found.reason == "核对密接名单"


def test_who_asked_and_why_is_on_record(app: Flask, make: Factories) -> None:
    found = compare(make, sheet("甲,,13000000001"))
    recorded = db.session.execute(select(AuditEvent).where(AuditEvent.action == "compare_list")).scalar_one()
    assert (recorded.subject_id, recorded.changes) == (str(found.id), {"reason": "核对密接名单"})


@pytest.mark.parametrize(
    ("role", "reason", "code"),
    [
        (Role.STREET_ADMIN, "核对密接名单", "role"),
        (Role.AUDITOR, "核对密接名单", "role"),
        (Role.CITY_ADMIN, " 查 ", "comparison_reason"),
    ],
)
def test_only_city_and_district_ask_and_say_why(
    app: Flask, make: Factories, role: Role, reason: str, code: str
) -> None:
    with pytest.raises(DomainError) as refused:
        comparisons.start(sheet(), name="名单.csv", reason=reason, account=make.account(role, "4101"))
    assert refused.value.code == code


def test_nobody_asks_more_often_than_a_few_times_a_day(app: Flask, make: Factories) -> None:
    asker = make.account(Role.CITY_ADMIN)

    def ask() -> Comparison:
        return comparisons.start(sheet("甲,,13000000001"), name="名单.csv", reason="核对密接名单", account=asker)

    for _ in range(comparisons.LIMIT.most):
        ask()
    with pytest.raises(DomainError) as refused:
        ask()
    assert refused.value.code == "comparison_too_often"


def test_a_comparison_that_runs_twice_tells_nobody_twice(app: Flask, make: Factories) -> None:
    person = make.residency().person
    found = compare(make, sheet(f"{person.name},{person.document_number},"))
    before = [each.id for each in matches(found)]
    comparison_run.run(found.id)
    assert [each.id for each in matches(found)] == before
    content = sheet(f"{person.name},{person.document_number},")
    killed = comparisons.start(content, name="a.csv", reason="核对密接名单", account=make.account(Role.CITY_ADMIN))
    db.session.add(
        ComparisonMatch(
            comparison_id=killed.id, row_number=2, person_id=person.id, basis=MatchBasis.DOCUMENT, is_doubtful=False,
            color=before and matches(found)[0].color,
        )
    )  # fmt: skip
    db.session.commit()
    comparison_run.run(killed.id)
    assert len(matches(killed)) == 1


def test_a_file_that_is_no_list_fails_with_a_reason(app: Flask, make: Factories) -> None:
    found = compare(make, io.BytesIO(b"%PDF-1.7 " + b"x" * 100))
    assert found.state is ComparisonState.FAILED
    assert found.failure is not None and "不是表格" in found.failure["message"]


def test_the_statements_do_not_grow_with_the_rows(app: Flask, make: Factories) -> None:
    venue = make.venue()
    people = [make.residency(make.person(), venue).person for _ in range(30)]

    def statements(count: int) -> int:
        seen: list[Any] = []
        event.listen(db.engine, "before_cursor_execute", lambda *_args: seen.append(1))
        compare(make, sheet(*(f"{each.name},{each.document_number}," for each in people[:count])))
        return len(seen)

    few = statements(2)
    assert statements(30) <= few * 2 + 5  # the listener of the first run counts as well


def test_a_comparison_whose_worker_is_gone_is_started_again(app: Flask, make: Factories) -> None:
    asker = make.account(Role.CITY_ADMIN)
    found = comparisons.start(sheet("甲,,13000000001"), name="a.csv", reason="核对密接名单", account=asker)
    assert asked_work.revive_silent() == 0
    for attempt in range(asked_work.MOST_ATTEMPTS + 1):
        assert (found.state, found.attempts) == (ComparisonState.RUNNING, attempt)
        found.heartbeat_at = clock.now() - asked_work.SILENCE * 2
        db.session.commit()
        assert asked_work.revive_silent() == 1
    assert found.state is ComparisonState.FAILED
