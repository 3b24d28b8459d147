"""A second factor put into use, asked for, spent, removed and reset (issue 5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from app import clock
from app.domain import one_time_codes
from app.domain.errors import DomainError
from app.domain.roles import Role
from app.extensions import db
from app.models import Account, AuditEvent, OutgoingMessage, SecondFactor
from app.services import second_factor, sessions
from app.services.sessions import Origin, SessionInHand
from tests.factories import Factories
from tests.second_factors import app_code, enrol, next_step, secret_in


@pytest.fixture
def account(make: Factories) -> Account:
    found = make.account(Role.DISTRICT_ADMIN, "410102")
    db.session.commit()
    return found


@pytest.fixture
def session(account: Account) -> SessionInHand:
    found = sessions.resume(sessions.begin(account, Origin(None, "")))
    assert found is not None
    return found[1]


@pytest.fixture
def codes(account: Account, session: SessionInHand) -> list[str]:
    """The recovery codes of the account, whose app has been put into use."""
    return enrol(account, session)


def refused(action: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as fault:
        action()
    return fault.value.code


def try_to_enrol(
    account: Account, session: SessionInHand, *, password: str = Factories.password, code: str = "000000"
) -> str:
    return refused(lambda: second_factor.enrol(account, password=password, code=code, session=session))


def test_an_app_is_in_use_once_its_code_was_right(account: Account, session: SessionInHand) -> None:
    second_factor.offer(account, session)
    assert try_to_enrol(account, session) == "second_code"
    assert not second_factor.is_enrolled(account)
    assert len(enrol(account, session)) == 10
    standing = second_factor.standing(account)
    assert standing is not None and standing.codes_left == 10


def test_an_open_session_alone_puts_no_app_into_use(account: Account, session: SessionInHand) -> None:
    code = one_time_codes.code_at(secret_in(second_factor.offer(account, session).address), next_step() - 2)
    refusals = [try_to_enrol(account, session, password="not-the-owner", code=code) for _ in range(6)]
    assert refusals == ["wrong"] * 5 + ["too_often"]
    assert not second_factor.is_enrolled(account)


def test_without_an_offer_no_code_is_right(account: Account, session: SessionInHand) -> None:
    assert try_to_enrol(account, session) == "second_code"


def test_the_offer_stays_the_same_until_it_is_taken(account: Account, session: SessionInHand) -> None:
    offer = second_factor.offer(account, session)
    assert second_factor.offer(account, session) == offer
    assert "****" in offer.address and account.phone not in offer.address


def test_whoever_has_the_password_elsewhere_is_not_shown_what_the_owner_takes(
    account: Account, session: SessionInHand
) -> None:
    thief = sessions.resume(sessions.begin(account, Origin(None, "")))
    assert thief is not None
    seen = secret_in(second_factor.offer(account, thief[1]).address)
    enrol(account, session)
    assert db.session.get_one(SecondFactor, account.id).secret != seen.hex()
    assert try_to_enrol(account, thief[1]) == "second_code"


def test_putting_it_into_use_ends_the_sessions_that_began_without(account: Account, session: SessionInHand) -> None:
    elsewhere = sessions.begin(account, Origin(None, ""))
    enrol(account, session)
    assert sessions.resume(elsewhere) is None
    assert db.session.execute(text("SELECT has_second_factor FROM sign_in_session")).scalars().all() == [True]


def test_neither_secret_nor_recovery_codes_lie_open(account: Account, codes: list[str]) -> None:
    sealed = db.session.execute(text("SELECT secret FROM second_factor")).scalar_one()
    opened = db.session.get_one(SecondFactor, account.id).secret
    assert opened.encode() not in bytes(sealed)
    digests = db.session.execute(text("SELECT digest FROM recovery_code")).scalars().all()
    plain = {str(one_time_codes.plain_recovery_code(code)).encode() for code in codes}
    assert len(digests) == 10 and all(len(bytes(each)) == 16 for each in digests)
    assert not any(each in bytes(digest) for each in plain for digest in digests)


def test_a_code_opens_once(account: Account, codes: list[str]) -> None:
    code = app_code(account, next_step())
    second_factor.check(account, code)
    assert refused(lambda: second_factor.check(account, code)) == "second_code"


def test_the_code_that_put_it_into_use_opens_nothing_more(account: Account, session: SessionInHand) -> None:
    second_factor.offer(account, session)
    step = one_time_codes.step_at(clock.now())
    enrol(account, session, step=step)
    assert refused(lambda: second_factor.check(account, app_code(account, step))) == "second_code"


def test_a_recovery_code_opens_once_and_its_owner_is_told(account: Account, codes: list[str]) -> None:
    second_factor.check(account, codes[3].lower())
    assert refused(lambda: second_factor.check(account, codes[3])) == "second_code"
    standing = second_factor.standing(account)
    assert standing is not None and standing.codes_left == 9
    told = [row.params for row in db.session.execute(select(OutgoingMessage).order_by(OutgoingMessage.id)).scalars()]
    assert "使用恢复码登录" in told[-1]


def test_a_recovery_code_of_another_account_opens_nothing(
    make: Factories, account: Account, codes: list[str], session: SessionInHand
) -> None:
    other = make.account(Role.DISTRICT_ADMIN, "410105")
    theirs = enrol(other, session)
    assert refused(lambda: second_factor.check(account, theirs[0])) == "second_code"


def test_codes_are_guessed_five_times_in_ten_minutes(account: Account, codes: list[str]) -> None:
    guesses = [refused(lambda: second_factor.check(account, "000000")) for _ in range(7)]
    assert guesses == ["second_code"] * 5 + ["too_often"] * 2
    assert refused(lambda: second_factor.check(account, app_code(account, next_step()))) == "too_often"


def test_removing_takes_password_and_code(account: Account, codes: list[str], session: SessionInHand) -> None:
    def remove(password: str, code: str) -> Callable[[], None]:
        return lambda: second_factor.remove(account, password=password, code=code, session=session)

    assert refused(remove("wrong-password-1", app_code(account, next_step()))) == "wrong"
    assert refused(remove(Factories.password, "000000")) == "second_code"
    remove(Factories.password, codes[0])()
    assert not second_factor.is_enrolled(account)
    assert db.session.execute(text("SELECT count(*) FROM recovery_code")).scalar() == 0
    assert not db.session.execute(text("SELECT has_second_factor FROM sign_in_session")).scalar()


def test_new_recovery_codes_take_password_and_code_and_void_the_old_ones(account: Account, codes: list[str]) -> None:
    def renew(password: str, code: str) -> list[str]:
        return second_factor.renew_recovery_codes(account, password=password, code=code)

    assert refused(lambda: renew("wrong-password-1", codes[0])) == "wrong"
    assert refused(lambda: renew(Factories.password, "000000")) == "second_code"
    step = next_step()
    new = renew(Factories.password, app_code(account, step))
    standing = second_factor.standing(account)
    assert standing is not None and standing.codes_left == len(new) == 10
    assert refused(lambda: second_factor.check(account, codes[1])) == "second_code"
    assert refused(lambda: second_factor.check(account, app_code(account, step))) == "second_code", "the app stays"
    second_factor.check(account, new[0])
    trail = db.session.execute(select(AuditEvent.action).order_by(AuditEvent.id)).scalars().all()
    assert trail == ["enrol_second_factor", "renew_recovery_codes", "use_recovery_code"]
    told = "".join(row.params for row in db.session.execute(select(OutgoingMessage)).scalars())
    assert "更换恢复码" in told


def test_whoever_appoints_the_account_resets_it_with_a_reason(
    make: Factories, account: Account, codes: list[str], session: SessionInHand
) -> None:
    city, sibling = make.account(Role.CITY_ADMIN), make.account(Role.DISTRICT_ADMIN, "410102")
    for appointer, reason, code in (
        (sibling, "手机丢失", "rank"),
        (account, "手机丢失", "rank"),
        (city, " ", "reason"),
    ):
        assert refused(lambda: second_factor.reset(account, reason=reason, appointer=appointer)) == code  # noqa: B023
    assert second_factor.is_enrolled(account)
    stamp = account.session_stamp or 0
    second_factor.reset(account, reason="手机丢失", appointer=city)
    assert not second_factor.is_enrolled(account)
    assert account.session_stamp == stamp + 1, "every session has ended"
    event = db.session.execute(select(AuditEvent).order_by(AuditEvent.id.desc())).scalars().first()
    assert event is not None
    assert (event.action, event.actor_id, event.changes) == ("reset_second_factor", city.id, {"reason": "手机丢失"})


def test_the_shell_resets_it_for_whom_nobody_appoints(app: Flask, make: Factories, session: SessionInHand) -> None:
    system = make.account(Role.SYSTEM_ADMIN)
    enrol(system, session)
    result = app.test_cli_runner().invoke(args=["accounts", "reset-second-factor", system.phone])
    assert result.exit_code == 0, result.output
    assert not second_factor.is_enrolled(system)
    nobody = app.test_cli_runner().invoke(args=["accounts", "reset-second-factor", "13700000009"])
    assert nobody.exit_code == 1 and "没有可用的账号" in nobody.output


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.name)
def test_it_is_demanded_of_city_and_system_administrators_where_the_installation_does(app: Flask, role: Role) -> None:
    account = Account(role=role)
    assert not second_factor.is_demanded(account), "not in a demo"
    app.config["SECOND_FACTOR_REQUIRED"] = True
    try:
        assert second_factor.is_demanded(account) == (role in (Role.CITY_ADMIN, Role.SYSTEM_ADMIN))
    finally:
        app.config["SECOND_FACTOR_REQUIRED"] = False


def test_a_clock_that_is_half_a_minute_off_does_no_harm(account: Account, codes: list[str]) -> None:
    step = one_time_codes.step_at(clock.now() + timedelta(seconds=30))
    second_factor.check(account, app_code(account, step))
