"""Who changes whom: every role against every other, here, below, above and elsewhere (Z-A6, Z-A7)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from flask import Flask

from app.domain.errors import DomainError
from app.domain.roles import Role
from app.models import Account
from app.services import account_states, accounts
from app.services.accounts import Appointment, Correction

OWN, BELOW, ABOVE, ELSEWHERE = "410102", "410102001", "4101", "410105"


def account(role: Role | None, area: str | None, key: int = 1, *, made_by: int | None = None) -> Account:
    return Account(id=key, role=role, area_code=area, active=True, first_name="某", created_by_fk=made_by)


def test_an_account_is_changed_by_who_appoints_its_role_inside_the_area_and_by_nobody_else() -> None:
    places = (OWN, BELOW, ABOVE, ELSEWHERE)
    for one, other in product(Role, Role):
        appointer = account(one, OWN)
        found = {area for area in places if accounts.may_change(account(other, area, 2, made_by=1), appointer)}
        assert found == ({OWN, BELOW} if other in one.appoints else set()), (one, other)


def test_nobody_changes_an_own_account_a_superior_or_one_without_a_role(app: Flask) -> None:
    changes: tuple[Callable[[Account, Account], None], ...] = (
        lambda t, own: accounts.correct(t, Correction(phone="13900139001", name="改"), appointer=own),
        lambda t, own: account_states.suspend(t, reason="试试", appointer=own),
        lambda t, own: account_states.resume(t, reason="试试", appointer=own),
        lambda t, own: account_states.renew_password(t, reason="试试", appointer=own),
    )
    for role in Role:
        own = account(role, OWN)
        superiors = [account(other, OWN, 2) for other in Role if role in other.appoints]
        others = [own, account(role, OWN, 3), account(None, OWN, 4), account(role, None, 5), *superiors]
        for target, change in product(others, changes):
            with pytest.raises(DomainError) as refusal:
                change(target, own)
            assert refusal.value.code == "rank"
            assert (target.first_name, target.active, target.password) == ("某", True, None)


def test_nobody_hands_out_what_the_role_does_not(app: Flask) -> None:
    for one, other in product(Role, Role):
        if other not in one.appoints:
            with pytest.raises(DomainError) as refusal:
                accounts.appoint(Appointment("13900139001", "某", other, OWN), appointer=account(one, OWN))
            assert refusal.value.code == "rank"


def test_who_has_no_area_changes_nobody() -> None:
    assert not accounts.may_change(account(Role.STREET_ADMIN, OWN, 2), account(Role.DISTRICT_ADMIN, None))
    assert not accounts.may_change(account(Role.STREET_ADMIN, OWN, 2), account(None, OWN))


def test_no_chain_of_appointments_leads_back_up() -> None:
    """Whoever can be made by somebody below could raise themselves through them."""
    below: dict[Role, set[Role]] = {role: set(role.appoints) for role in Role}
    for middle, start in product(Role, Role):
        if middle in below[start]:
            below[start] |= below[middle]
    assert [role for role in Role if role in below[role]] == []
