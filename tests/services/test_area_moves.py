"""A moved street or compound takes everything along, and all sums are what a count of the records gives (decision 1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Row, delete, insert, select, update

from app import clock
from app.access import scope_of, using_scope
from app.domain.areas import AreaLevel
from app.domain.errors import DomainError
from app.domain.roles import Role
from app.extensions import db
from app.models import (
    Account,
    Area,
    AreaEntryTotal,
    AuditEvent,
    EntryHourTotal,
    EntryRecord,
    EntryRollup,
    MoveState,
    Residency,
    VenueEntryTotal,
)
from app.models.types import AreaCode
from app.services import area_edits, area_move_run, area_moves, area_tree, areas, audit, statistics
from app.services.area_moves import LEFT, moved_columns
from app.services.audit import Actor
from tests.factories import COMMUNITY, Factories

STREET, ELSEWHERE = "410102001", "410105001003"
DISTRICT = "410105"
TOTALS = (EntryHourTotal, VenueEntryTotal, AreaEntryTotal)


@pytest.fixture(autouse=True)
def areas_as_they_were(app: Flask) -> Iterator[None]:
    """The tree of the suite is everybody's: what a test changes in it is taken back."""
    with db.engine.connect() as connection:
        kept = [dict(row._mapping) for row in connection.execute(select(Area.__table__))]
    yield
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.execute(delete(Area.__table__))
        connection.execute(insert(Area.__table__), kept)
    area_tree._renew()


@pytest.fixture
def city(make: Factories) -> Account:
    return make.account(Role.CITY_ADMIN, "4101")


@pytest.fixture
def lived_in(make: Factories) -> Residency:
    """A compound in the street with a tie and entries over three days, and entries elsewhere; all of them counted.

    An hour is counted some minutes after its end, so the latest are two hours old.
    """
    residency, other = make.residency(), make.residency(venue=make.venue(area_code=ELSEWHERE))
    for hours in (2, 3, 26, 49):
        make.entry(residency, at=clock.now() - timedelta(hours=hours))
    make.entry(other, at=clock.now() - timedelta(hours=2))
    db.session.commit()
    statistics.catch_up()
    return residency


def totals() -> list[list[Row[Any]]]:
    """All totals but those of nothing, without their ids."""
    found = []
    for model in TOTALS:
        columns = [column for column in model.__table__.columns if column.name != "id"]
        rows = db.session.execute(select(*columns).where(model.entries != 0)).all()
        found.append(sorted(rows, key=str))
    return found


def counted_anew() -> list[list[Row[Any]]]:
    for model in (*TOTALS, EntryRollup):
        db.session.execute(delete(model.__table__))
    db.session.commit()
    statistics.catch_up()
    return totals()


def moved(seen: area_moves.Preview, by: Account) -> str:
    """Make the move; return the new code."""
    move = area_moves.order(seen, account=by)
    db.session.commit()
    area_move_run.run(move.id)
    db.session.expire_all()
    assert move.state is MoveState.FINISHED
    return move.to_code


def test_every_code_of_an_area_is_moved_or_stays_for_a_reason() -> None:
    columns = {(column.table.name, column.name) for column in moved_columns()}
    named = {
        (table.name, column.name)
        for table in db.metadata.sorted_tables
        for column in table.columns
        if "area_code" in column.name or isinstance(column.type, AreaCode)
    }
    assert named - set(LEFT) == columns
    assert set(LEFT) <= named


def test_a_moved_street_takes_everything_along(lived_in: Residency, city: Account, make: Factories) -> None:
    manager = make.account(Role.STREET_ADMIN, STREET)
    with using_scope(scope_of(city)):
        seen = area_moves.preview_area(STREET, DISTRICT)
        counts = dict(seen.counts)
        assert counts["entry_record"] == 4 and counts["residency"] == 1 and counts["ab_user"] == 1
        new = moved(seen, city)
    assert lived_in.area_code == f"{new}{COMMUNITY[len(STREET) :]}"
    assert lived_in.venue.area_code == lived_in.area_code
    assert set(db.session.execute(select(EntryRecord.area_code)).scalars()) == {lived_in.area_code, ELSEWHERE}
    assert manager.area_code == new
    assert db.session.get(Area, new).parent_code == DISTRICT  # type: ignore[union-attr]
    assert db.session.get(Area, STREET) is None
    for column in moved_columns():
        held = select(column).where(column.startswith(STREET)).limit(1)
        assert db.session.execute(held).first() is None, str(column)


def test_sums_after_a_move_are_those_of_a_count_from_the_records(lived_in: Residency, city: Account) -> None:
    with using_scope(scope_of(city)):
        new = moved(area_moves.preview_area(STREET, DISTRICT), city)
    after = totals()
    assert after == counted_anew()
    assert any(row.area_code == new for row in after[2])
    assert not any(row.area_code.startswith(STREET) for rows in after for row in rows)


def test_a_moved_compound_takes_its_people_and_sums_along(lived_in: Residency, city: Account, make: Factories) -> None:
    second = make.venue(area_code="410102003001")
    manager = make.account(Role.COMPOUND_ADMIN, COMMUNITY, venues=[lived_in.venue])
    of_two = make.account(Role.COMPOUND_ADMIN, "410102", venues=[lived_in.venue, second])
    neighbour = make.residency()
    db.session.commit()
    with using_scope(scope_of(city)):
        moved(area_moves.preview_venue(lived_in.venue, ELSEWHERE), city)
    assert (lived_in.area_code, lived_in.venue.area_code) == (ELSEWHERE, ELSEWHERE)
    assert neighbour.area_code == COMMUNITY
    assert (manager.area_code, of_two.area_code) == (ELSEWHERE, "4101")
    assert totals() == counted_anew()


def test_a_code_that_was_left_leads_to_the_area_and_is_not_given_again(lived_in: Residency, city: Account) -> None:
    name = areas.full_name(COMMUNITY)
    with using_scope(scope_of(city)):
        first = moved(area_moves.preview_area(STREET, DISTRICT), city)
        second = moved(area_moves.preview_area(first, "410102"), city)
    assert second not in (STREET, first)
    assert areas.name_of(STREET) == areas.name_of(first) == areas.name_of(second) == "林山寨街道"
    assert areas.name_of(COMMUNITY) and areas.name_of(COMMUNITY) in name


def test_a_scan_that_had_read_the_old_code_follows(lived_in: Residency, city: Account, make: Factories) -> None:
    with using_scope(scope_of(city)):
        moved(area_moves.preview_area(STREET, DISTRICT), city)
    two_hours_ago = clock.now() - timedelta(hours=2)
    late = make.entry(lived_in, at=two_hours_ago, area_code=COMMUNITY)
    db.session.commit()
    statistics.count_hour(two_hours_ago)
    assert area_move_run.settle_late_writes() > 0
    db.session.expire_all()
    assert late.area_code == lived_in.area_code
    assert totals() == counted_anew()


def test_the_trail_keeps_its_codes_and_holds(lived_in: Residency, city: Account) -> None:
    audit.record(Actor.of(city), "reveal", subject=lived_in, area_code=lived_in.area_code)
    db.session.commit()
    with using_scope(scope_of(city)):
        moved(area_moves.preview_area(STREET, DISTRICT), city)
    found = db.session.execute(select(AuditEvent.action, AuditEvent.area_code).order_by(AuditEvent.id)).all()
    assert found == [("reveal", COMMUNITY), ("area.move", "4101"), ("area.moved", "4101")]
    assert audit.verify()[1] is None


def test_a_move_is_made_once(lived_in: Residency, city: Account) -> None:
    with using_scope(scope_of(city)):
        seen = area_moves.preview_area(STREET, DISTRICT)
        move = area_moves.order(seen, account=city)
        with pytest.raises(DomainError, match="正在移动"):
            area_moves.order(seen, account=city)
    area_move_run.run(move.id)
    before = totals()
    area_move_run.run(move.id)
    assert totals() == before


def test_a_move_whose_job_is_lost_is_in_its_queue_again(lived_in: Residency, city: Account) -> None:
    with using_scope(scope_of(city)):
        move = area_moves.order(area_moves.preview_area(STREET, DISTRICT), account=city)
    from app.extensions import redis_connection

    redis_connection().flushall()
    db.session.execute(update(type(move)).values(heartbeat_at=clock.now() - timedelta(minutes=5)))
    db.session.commit()
    area_move_run.revive_silent()
    db.session.expire_all()
    assert (move.state, move.attempts) == (MoveState.RUNNING, 1)
    assert redis_connection().exists(f"rq:job:{area_moves.job_of(move).name}")


@pytest.mark.parametrize(
    ("code", "target", "said"),
    [
        (STREET, "411002", "管辖范围"),
        ("411002001", DISTRICT, "管辖范围"),
        (STREET, "410102", "另一个同级"),
        (STREET, "410105001", "另一个同级"),
        ("410102", "4101", "只能移动街道和社区"),
        (STREET, "419999", "没有这个区划"),
    ],
)
def test_nothing_moves_to_where_it_cannot_lie(city: Account, code: str, target: str, said: str) -> None:
    db.session.add(Area(code="411002001", name="某街道", level="street", parent_code="411002", aliases=[]))
    db.session.flush()
    with using_scope(scope_of(city)), pytest.raises(DomainError, match=said):
        area_moves.preview_area(code, target)


def test_a_compound_outside_the_area_does_not_move(make: Factories) -> None:
    district = make.account(Role.DISTRICT_ADMIN, "410102")
    venue = make.venue(area_code=ELSEWHERE)
    with using_scope(scope_of(district)), pytest.raises(DomainError, match="管辖范围"):
        area_moves.preview_venue(venue, COMMUNITY)
    with using_scope(scope_of(district)), pytest.raises(DomainError, match="管辖范围"):
        area_moves.preview_venue(make.venue(), ELSEWHERE)


def test_an_area_of_our_own_is_known_to_sheets_by_its_names(city: Account) -> None:
    with using_scope(scope_of(city)):
        area = area_edits.add("4101", "龙湖新区", ["龙湖", " 龙湖管委会 "], actor=Actor.of(city))
    assert (area.code, area.level, area.official_code) == ("410199", "district", None) or area.code.startswith("4101")
    names = area_tree.current().district_names
    assert names.find("龙湖管委会") == names.find("龙湖新区") == area.code
    with using_scope(scope_of(city)):
        area_edits.edit(area.code, "龙湖区", [], actor=Actor.of(city))
    assert areas.name_of(area.code) == "龙湖区" and area_tree.current().district_names.find("龙湖") is None


def test_a_name_that_a_neighbour_has_is_refused(city: Account) -> None:
    with using_scope(scope_of(city)), pytest.raises(DomainError, match="金水区"):
        area_edits.edit("410102", "中原区", ["金水区"], actor=Actor.of(city))
    with using_scope(scope_of(city)), pytest.raises(DomainError, match="金水区"):
        area_edits.add("4101", "金水区", [], actor=Actor.of(city))


def test_an_area_ends_only_when_it_is_empty(city: Account, make: Factories) -> None:
    with using_scope(scope_of(city)):
        area = area_edits.add("410102001", "新社区", [], actor=Actor.of(city))
        venue = make.venue(area_code=area.code)
        db.session.commit()
        with pytest.raises(DomainError, match="请先移走"):
            area_edits.end(area.code, actor=Actor.of(city))
        db.session.refresh(venue)
        venue.closed_at = clock.now()
        area_edits.end(area.code, actor=Actor.of(city))
    assert areas.name_of(area.code) == "新社区"
    assert area.code not in area_tree.current().by_code
    assert area.code not in [one.code for one in area_tree.current().of_level(AreaLevel.COMMUNITY)]
