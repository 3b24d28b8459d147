"""When a session of the back office opens nothing any more, and what keeping it costs (Z-A3)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

from app import clock
from app.domain.roles import Role
from app.extensions import db
from app.models import Account, SignInSession
from app.services import sessions
from app.services.sessions import Origin
from tests.factories import Factories

PHONE_BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605 Version/17.4 Safari/604.1"


@pytest.fixture
def manager(make: Factories) -> Account:
    account = make.account(Role.COMPOUND_ADMIN, "410102001002", venues=[make.venue()])
    db.session.commit()
    return account


def begin(account: Account) -> str:
    return sessions.begin(account, Origin("203.0.113.77", PHONE_BROWSER))


def set_back(**times: timedelta) -> None:
    """Let what happened have happened earlier."""
    moved = {name: clock.now() - by for name, by in times.items()}
    db.session.execute(update(SignInSession).values(**moved))
    db.session.commit()


def test_a_session_is_found_by_its_secret_with_the_account_and_its_compounds(manager: Account) -> None:
    found = sessions.resume(begin(manager))
    assert found is not None
    assert (found[0].id, len(found[0].venue_links), found[1].has_second_factor) == (manager.id, 1, False)


@pytest.mark.parametrize("secret", ["", "1", "1.0", "x" * 43])
def test_no_other_secret_opens_anything(manager: Account, secret: str) -> None:
    begin(manager)
    assert sessions.resume(secret) is None


def test_the_database_has_neither_secret_nor_whole_address(manager: Account) -> None:
    secret = begin(manager)
    row = db.session.execute(select(SignInSession)).scalar_one()
    assert secret.encode() not in row.digest and len(row.digest) == 32
    assert (row.network, row.browser.name, row.system.name) == ("203.0.113.*", "SAFARI", "IPHONE")


def test_half_an_hour_without_a_request_ends_it(manager: Account) -> None:
    secret = begin(manager)
    set_back(last_seen_at=timedelta(minutes=29))
    assert sessions.resume(secret) is not None, "and this was a request"
    set_back(last_seen_at=timedelta(minutes=30, seconds=1))
    assert sessions.resume(secret) is None


def test_what_a_page_asks_for_by_itself_is_no_use_of_it(manager: Account) -> None:
    secret = begin(manager)
    set_back(last_seen_at=timedelta(minutes=29))
    assert sessions.resume(secret, is_used=False) is not None
    set_back(last_seen_at=timedelta(minutes=30, seconds=1))
    assert sessions.resume(secret, is_used=False) is None


def test_it_ends_with_the_working_day_however_busy(manager: Account) -> None:
    secret = begin(manager)
    set_back(started_at=timedelta(hours=11, minutes=59))
    assert sessions.resume(secret) is not None
    set_back(started_at=timedelta(hours=12, seconds=1))
    assert sessions.resume(secret) is None


@pytest.mark.parametrize("change", [{"active": False}, {"session_stamp": 1}], ids=["suspension", "a new password"])
def test_what_ends_an_accounts_sessions(manager: Account, change: dict[str, object]) -> None:
    secret = begin(manager)
    for name, value in change.items():
        setattr(manager, name, value)
    db.session.commit()
    assert sessions.resume(secret) is None


def test_it_is_written_once_a_minute_however_many_requests_come(app: Flask, manager: Account) -> None:
    secret = begin(manager)
    written: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        written.extend([statement] if statement.startswith("UPDATE") else [])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        for _ in range(5):
            sessions.resume(secret)
        assert written == []
        set_back(last_seen_at=timedelta(seconds=61))
        written.clear()
        found = [sessions.resume(secret) for _ in range(5)]
        assert len(written) == 1
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert all(each is not None and len(each[0].venue_links) == 1 for each in found)


def test_ending_the_others_leaves_this_one_and_other_accounts_alone(make: Factories, manager: Account) -> None:
    other = make.account(Role.DISTRICT_ADMIN, "410102")
    here, elsewhere, others = begin(manager), begin(manager), begin(other)
    found = sessions.resume(here)
    assert found is not None
    assert sessions.end_others(manager, found[1]) == 1
    assert [sessions.resume(each) is not None for each in (here, elsewhere, others)] == [True, False, True]
    assert not sessions.end_one(other, found[1].id), "nobody ends another's session by its number"


def test_what_has_ended_by_its_time_is_removed(manager: Account) -> None:
    begin(manager)
    set_back(last_seen_at=timedelta(minutes=31))
    here = begin(manager)
    assert sessions.purge(clock.now()) == 1
    assert sessions.purge(clock.now()) == 0
    assert db.session.execute(select(func.count()).select_from(SignInSession)).scalar() == 1
    assert sessions.resume(here) is not None
