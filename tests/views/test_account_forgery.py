"""Forged forms and addresses, tried as every role: nobody rises, nobody reaches another's password (issue 6)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.roles import Role
from app.extensions import db
from app.models import Account, OutgoingMessage
from tests.factories import COMMUNITY, Factories
from tests.web import csrf_token

AREAS = {"CITY": "4101", "DISTRICT": "410102", "STREET": "410102001", "COMMUNITY": COMMUNITY}
SCREENS = ("/accounts/", "/compound-accounts/")
ACTIONS = ("correct", "suspend", "resume", "renew_password", "reset_second_factor")
PHONE = "13900139000"
# What no form has: every column of the table, and what the framework's own views would take.
CRAFTED = {
    "id": "1", "pk": "1", "username": PHONE, "password": "x", "conf_password": "x", "active": "", "email": "x@x.x",
    "session_stamp": "99", "must_change_password": "", "password_changed_at": "2099-01-01", "roles": "1", "groups": "1",
    "password_expires_at": "2099-01-01", "created_by_fk": "1", "changed_by_fk": "1", "login_count": "9", "last_name": "改",
    "fail_login_count": "0", "user_id": "1", "account_id": "1", "appointer": "1", "is_submitted": "1",
}  # fmt: skip


@pytest.fixture
def attacker(login_as: Any, make: Factories, role: Role) -> Any:
    venues = [make.venue()] if role is Role.COMPOUND_ADMIN else ()
    return login_as(role, AREAS[role.level.name] if role.level else COMMUNITY, venues=venues)


def everybody() -> dict[int, tuple[Any, ...]]:
    """Each account as it is in the table."""
    db.session.rollback()
    rows = db.session.execute(select(Account.__table__).order_by(Account.__table__.c.id)).all()
    return {row.id: tuple(row) for row in rows}


def bystanders(make: Factories, role: Role, own_area: str) -> list[int]:
    """Accounts that `role` must not touch: its own rank, a superior, and those it appoints, but above and elsewhere.

    All the others are tried against the service (tests/services/test_accounts.py).
    """
    superior = next((other for other in Role if role in other.appoints), Role.SYSTEM_ADMIN)
    made = [make.account(role, own_area), make.account(superior, own_area)]
    if role.appoints:
        below = min(role.appoints, key=lambda other: other.name)
        made += [make.account(below, "41"), make.account(below, "411002001001")]
    db.session.commit()
    return [account.id for account in made]


@pytest.mark.parametrize("role", Role, ids=lambda role: role.name)
def test_no_forged_address_reaches_an_account_that_is_not_ones_to_change(
    attacker: Any, make: Factories, role: Role
) -> None:
    own_area = AREAS[role.level.name] if role.level else COMMUNITY
    targets = [attacker.account_id, *bystanders(make, role, own_area)]
    before, token = everybody(), csrf_token(attacker)
    data = {**CRAFTED, "csrf_token": token, "reason": "没有理由", "name": "改", "phone_number": PHONE,
            "role": "SYSTEM_ADMIN", "area_code": "41", "venue_kind": "BUS", "confirmed": "1"}  # fmt: skip
    refused = set()
    for number, key in enumerate(targets):
        screen = SCREENS[number % 2] if role is not Role.COMMUNITY_ADMIN else SCREENS[1]
        refused |= {attacker.post(f"{screen}{key}/do/{action}", data=data).status_code for action in ACTIONS}
        refused.add(attacker.get(f"{screen}{key}").status_code)
        refused.add(attacker.post(f"/reveal/account/{key}", data={**data, "reason": "想看看号码"}).status_code)
    assert refused <= {403, 404}
    assert everybody() == before
    assert db.session.execute(select(OutgoingMessage)).all() == []


@pytest.mark.parametrize("role", Role, ids=lambda role: role.name)
def test_no_forged_form_makes_an_account_of_a_role_or_area_that_one_does_not_hand_out(
    attacker: Any, make: Factories, role: Role
) -> None:
    foreign = make.venue(area_code="410105001001")
    db.session.commit()
    before, token, screen = everybody(), csrf_token(attacker), SCREENS[0]
    if attacker.get(f"{screen}new").status_code == 403:
        screen = SCREENS[1]
    wanted = [other for other in Role if other not in role.appoints]
    for other in wanted if role.appoints else wanted[:1]:
        data = {**CRAFTED, "csrf_token": token, "phone_number": PHONE, "name": "某", "role": other.name,
                "area_code": "4101", "venue_kind": "BUS", "venue_ids": str(foreign.id)}  # fmt: skip
        assert attacker.post(f"{screen}new", data=data).status_code in (200, 403, 404)
    for other in role.appoints:
        data = {"csrf_token": token, "phone_number": PHONE, "name": "某", "role": other.name, "area_code": "41",
                "venue_kind": "BUS", "venue_ids": str(foreign.id)}  # fmt: skip
        assert attacker.post(f"{screen}new", data=data).status_code in (200, 403)
    assert everybody() == before


@pytest.mark.parametrize("role", Role, ids=lambda role: role.name)
def test_a_change_of_password_is_of_ones_own_whatever_the_form_says(attacker: Any, make: Factories, role: Role) -> None:
    victim = make.account(Role.SYSTEM_ADMIN)
    db.session.commit()
    key = victim.id
    before = everybody()
    data = {**CRAFTED, "csrf_token": csrf_token(attacker), "id": str(key), "pk": str(key), "user_id": str(key),
            "username": victim.username, "old_password": Factories.password, "new_password": "correct horse battery",
            "repeated": "correct horse battery"}  # fmt: skip
    assert attacker.post(f"/account/password/?pk={key}&id={key}", data=data).status_code == 302
    after = everybody()
    assert after.pop(key) == before.pop(key)
    own = attacker.account_id
    assert {each for each in before if each != own and before[each] != after[each]} == set()
    changed = db.session.get_one(Account, own)
    assert (changed.role, changed.username != victim.username, changed.active) == (role, True, True)


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.CITY_ADMIN], ids=lambda role: role.name)
def test_the_frameworks_own_pages_of_accounts_do_not_exist(app: Flask, attacker: Any, role: Role) -> None:
    addresses = ("/users/list/", "/users/edit/1", "/roles/list/", "/resetpassword/form?pk=1", "/resetmypassword/form",
                 "/userinfoeditview/form", "/api/v1/security/login", "/api/v1/security/users/", "/users/userinfo/")  # fmt: skip
    assert {attacker.get(address).status_code for address in addresses} == {404}
