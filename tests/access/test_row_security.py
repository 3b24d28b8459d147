"""The second lock alone: the ORM's criteria and its flush guard are switched off, and PostgreSQL still says no."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Table, Update, delete, event, func, insert, select, text, tuple_, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from app.access import everything, policies, scope_of, using_scope
from app.access import session as first_lock
from app.access.policies import SCOPED_ROLE
from app.access.rules import condition_for
from app.access.scope import CLOSED, Scope
from app.domain.roles import Role
from app.extensions import db
from app.models import (
    Account,
    AreaEntryTotal,
    AuditEvent,
    EntryHourTotal,
    OutgoingMessage,
    Person,
    Registration,
    Residency,
    ScreeningEntry,
    Venue,
    VenueEntryTotal,
)
from tests.access.any_rows import MODELS, TABLES, Rows, key_of
from tests.factories import Factories

pytestmark = pytest.mark.parametrize("application", ["postgresql"], indirect=True)
SCOPES = 6
# Written by the system on behalf of whoever works; an account reads them only.
READ_ONLY = {
    model.__table__ for model in (AuditEvent, OutgoingMessage, EntryHourTotal, VenueEntryTotal, AreaEntryTotal)
}
# Forms are read with an entry that was made with them, and written at their own venue only.
SEEN_BESIDE = {Registration.__table__}
REFUSED = "row-level security policy"
COPIES = 400
SERIES = func.generate_series(1, COPIES)


@pytest.fixture(autouse=True)
def without_the_first_lock(app: Flask) -> Iterator[None]:
    event.remove(Session, "do_orm_execute", first_lock._narrow)
    event.remove(Session, "before_flush", first_lock._guard_flush)
    yield
    first_lock.install()


@pytest.fixture(params=range(4))
def rows(app: Flask, request: pytest.FixtureRequest) -> Rows:
    """Rows of everybody in every table that has a rule."""
    found = Rows(request.param)
    db.session.commit()
    return found


def keys(table: Table, *conditions: Any) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in db.session.execute(select(*key_of(table)).where(*conditions))}


def permitted(table: Table, scope: Scope) -> set[tuple[Any, ...]]:
    """What the rule of the ORM lets the scope see."""
    with everything("the whole table, narrowed by the rule itself"):
        return keys(table, condition_for(MODELS[table], scope))


def is_refused(statement: Any) -> bool:
    with db.session.begin_nested() as savepoint:
        try:
            db.session.execute(statement)
        except ProgrammingError as fault:
            savepoint.rollback()
            return REFUSED in str(fault)
        savepoint.rollback()
    return False


def stay_in_reach(moving: Update, scope: Scope, own: set[tuple[Any, ...]]) -> bool:
    """Whether the rule still shows every row after the move: a form, by the entry of whoever came with it."""
    table = moving.table
    with everything("the same move, by the system"), db.session.begin_nested() as savepoint:
        db.session.execute(moving.where(tuple_(*key_of(table)).in_(own)))
        stayed = own <= permitted(table, scope)
        savepoint.rollback()
    return stayed


def test_the_database_shows_what_the_rules_show(rows: Rows) -> None:
    seen = 0
    for scope in (rows.scope() for _ in range(SCOPES)):
        for table in TABLES:
            expected = permitted(table, scope)
            with using_scope(scope):
                assert keys(table) == expected, (table.name, scope)
            seen += len(expected)
    assert seen


def test_nothing_foreign_is_changed_or_removed(rows: Rows) -> None:
    for scope in (rows.scope() for _ in range(SCOPES)):
        for table in TABLES:
            own = set() if table in READ_ONLY else permitted(table, scope)
            key = key_of(table)
            with using_scope(scope):
                changed = db.session.execute(update(table).values({key[0]: key[0]}).returning(*key)).all()
                numbers = {tuple(row) for row in changed}
                assert numbers <= own if table in SEEN_BESIDE else numbers == own, (table.name, scope)
                foreign = {tuple(row[part.name] for part in key) for row in rows.of[table]} - own
                removed = db.session.execute(delete(table).where(tuple_(*key).in_(foreign)))
                assert removed.rowcount == 0, (table.name, scope)


def test_nothing_is_added_or_moved_outside(rows: Rows) -> None:
    for scope in (rows.scope() for _ in range(SCOPES)):
        for table in TABLES:
            own, key = permitted(table, scope), key_of(table)
            outside = [row for row in rows.of[table] if tuple(row[part.name] for part in key) not in own]
            with using_scope(scope):
                for row in outside[:2]:
                    assert is_refused(insert(table).values(**row)), (table.name, scope)
                if table not in READ_ONLY and "venue_id" in table.c and own and outside:
                    placing = [name for name in ("venue_id", "area_code", "kind") if name in outside[0]]
                    moved = {name: outside[0][name] for name in placing}
                    moving = update(table).values(**moved)
                    assert is_refused(moving) or stay_in_reach(moving, scope, own), (table.name, scope)


def test_without_a_scope_the_database_shows_nothing(rows: Rows) -> None:
    with using_scope(CLOSED):
        assert {table.name for table in TABLES if keys(table)} == set()


def test_objects_of_the_orm_are_held_too(make: Factories) -> None:
    there = make.residency(make.person("乙"), make.venue(area_code="410105001001"))
    make.residency(make.person("甲"), make.venue(area_code="410102001002"))
    db.session.commit()
    with using_scope(Scope(reason="a district", area_prefix="410102")):
        assert [row.person.name for row in db.session.execute(select(Residency)).scalars()] == ["甲"]
        assert db.session.get(Person, there.__dict__.get("person_id", 0)) is None
        with pytest.raises(ProgrammingError, match=REFUSED):
            make.venue(area_code="410105001001")
        db.session.rollback()


def test_raw_sql_is_held(make: Factories) -> None:
    make.venue(name="远方小区", area_code="410105001001")
    make.venue(name="本地小区", area_code="410102001002")
    db.session.commit()
    with using_scope(Scope(reason="a district", area_prefix="410102")):
        assert db.session.execute(text("SELECT name FROM venue")).scalars().all() == ["本地小区"]
        assert db.session.execute(text("UPDATE venue SET name = 'x' WHERE name = '远方小区'")).rowcount == 0
        for table in ("audit_head", "import_row", "remembered_identity", "data_release"):
            assert db.session.execute(text(f"SELECT * FROM {table}")).all() == []
        with pytest.raises(ProgrammingError, match="permission denied"):
            db.session.execute(text("TRUNCATE venue CASCADE"))
        db.session.rollback()


def test_each_transaction_and_each_change_of_scope_is_held(make: Factories) -> None:
    make.venue(area_code="410105001001")
    db.session.commit()

    def visible() -> int:
        return len(db.session.execute(select(Venue.id)).all())

    with using_scope(Scope(reason="a district", area_prefix="410102")):
        assert visible() == 0
        with everything("for a moment"):
            assert visible() == 1
        assert visible() == 0
        db.session.commit()
        assert visible() == 0, "after a commit"
        savepoint = db.session.begin_nested()
        with everything("inside a savepoint"):
            assert visible() == 1
            savepoint.rollback()
            assert visible() == 1
            savepoint = db.session.begin_nested()
        assert visible() == 0
        savepoint.rollback()
        assert visible() == 0, "after rolling back to a savepoint"
        db.session.rollback()
        assert visible() == 0, "after a rollback"
    assert visible() == 1
    db.session.commit()
    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT current_user <> :role"), {"role": SCOPED_ROLE}).scalar()


def test_unscoped_work_costs_no_statement(make: Factories) -> None:
    seen: list[str] = []
    db.session.commit()
    event.listen(db.engine, "before_cursor_execute", lambda *call: seen.append(call[2]))
    db.session.execute(select(ScreeningEntry.id)).all()
    assert len(seen) == 1


def test_the_planner_knows_that_a_city_has_many_rows(app: Flask, make: Factories) -> None:
    """Where it took them for few, it read and sorted a whole city for each page of a list (docs/performance.md)."""
    found = make.venue()
    names = [column.name for column in Venue.__table__.columns if column.name not in ("id", "code")]
    copied = select(*(Venue.__table__.c[name] for name in names), func.concat("PLAN", SERIES)).where(
        Venue.id == found.id
    )
    db.session.execute(insert(Venue.__table__).from_select([*names, "code"], copied))
    db.session.execute(text("ANALYZE venue"))
    with using_scope(scope_of(make.account(Role.CITY_ADMIN))):
        (line,) = db.session.execute(text("EXPLAIN (FORMAT JSON) SELECT id FROM venue")).scalars()
        assert line[0]["Plan"]["Plan Rows"] > COPIES / 4
        assert db.session.execute(text("SHOW plan_cache_mode")).scalar() == "force_custom_plan"
    assert db.session.execute(text("SHOW plan_cache_mode")).scalar() == "auto"


def test_every_table_is_secured(app: Flask) -> None:
    query = text("SELECT relname FROM pg_class WHERE relrowsecurity")
    secured = set(db.session.execute(query).scalars())
    missing = {table.name for table in db.metadata.sorted_tables} - secured
    assert missing == set(), "its migration calls policies.secure(op.get_bind(), table, predicate or None)"


def test_every_model_with_a_rule_has_a_policy_for_the_role(app: Flask) -> None:
    query = text("SELECT tablename FROM pg_policies WHERE policyname = 'row_scope' AND roles = ARRAY[:role]::name[]")
    with_policy = set(db.session.execute(query, {"role": SCOPED_ROLE}).scalars())
    assert {table.name for table in TABLES} - with_policy == set()
    assert Account.__table__ in TABLES and len(TABLES) > 14


def test_a_database_that_lets_us_make_no_role_says_what_to_run(app: Flask) -> None:
    with db.engine.connect() as connection:
        connection.execute(text("CREATE ROLE plain_owner"))
        connection.execute(text("SET LOCAL SESSION AUTHORIZATION plain_owner"))
        assert policies.is_takeable(connection) is False
        assert policies.admit_role(connection) == f"GRANT {SCOPED_ROLE} TO plain_owner;"
        connection.rollback()
    with db.engine.connect() as connection:
        assert policies.admit_role(connection) is None
