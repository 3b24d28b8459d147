"""Clients of every role, with the compound in hand where the role holds one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.domain.roles import Role
from tests.factories import COMMUNITY, Factories

AREAS = {Role.DISTRICT_ADMIN: COMMUNITY[:6], Role.STREET_ADMIN: COMMUNITY[:9], Role.COMMUNITY_ADMIN: COMMUNITY}


@pytest.fixture
def compound(make: Factories) -> Any:
    return make.venue()


@pytest.fixture
def signed_in(login_as: Any, compound: Any) -> Callable[[Role], Any]:
    """Return a function (role) -> a client of that role, with the compound in hand where it holds one."""

    def sign_in(role: Role) -> Any:
        holds = {"venues": [compound]} if role is Role.COMPOUND_ADMIN else {}
        return login_as(role, AREAS.get(role, COMMUNITY if holds else "4101"), **holds)

    return sign_in
