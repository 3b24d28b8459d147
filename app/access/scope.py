"""The scope of the work in hand: which rows exist for it. Closed until somebody says otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import g, has_app_context

from app.domain.roles import Role
from app.domain.venues import VenueKind
from app.models import Account


class ScopeViolation(PermissionError):
    """A statement reached for rows outside the scope of the work in hand."""


@dataclass(frozen=True)
class Scope:
    """What an account (or a system job) may reach.

    `is_everything` is for the public pages and system jobs, which say so explicitly. Otherwise rows lie below
    `area_prefix`; `venue_ids` narrows further to single compounds, `venue_kind` to one sector's venues.
    """

    reason: str
    is_everything: bool = False
    area_prefix: str | None = None
    venue_ids: frozenset[int] | None = None
    venue_kind: VenueKind | None = None
    account_id: int | None = None
    role: Role | None = None

    @property
    def is_closed(self) -> bool:
        return not self.is_everything and self.area_prefix is None

    def covers(self, area_code: str | None) -> bool:
        """Return whether a row of `area_code` lies below this scope's area."""
        if self.is_everything:
            return True
        return bool(self.area_prefix) and area_code is not None and area_code.startswith(str(self.area_prefix))


CLOSED = Scope(reason="nothing was said")

# Roles whose scope is the compounds in their hands rather than an area below them.
_BY_COMPOUND = frozenset({Role.COMPOUND_ADMIN})
_BY_SECTOR = frozenset({Role.SECTOR_ADMIN})


def scope_of(account: Account) -> Scope:
    """Return the scope of a signed-in account; an account without role or area sees nothing."""
    if account.role is None or not account.area_code:
        return CLOSED
    venue_ids = None
    if account.role in _BY_COMPOUND:
        venue_ids = frozenset(link.venue_id for link in account.venue_links)
    return Scope(
        reason=f"account {account.id}",
        area_prefix=account.area_code,
        venue_ids=venue_ids,
        venue_kind=account.venue_kind if account.role in _BY_SECTOR else None,
        account_id=account.id,
        role=account.role,
    )


def current_scope() -> Scope:
    """Return the scope in force; outside any application context, and before anybody set one, nothing."""
    if not has_app_context():
        return CLOSED
    scope: Scope = g.get("scope", CLOSED)
    return scope


def enter_scope(scope: Scope) -> None:
    """Make `scope` the one in force until the application context ends."""
    g.scope = scope


@contextmanager
def using_scope(scope: Scope) -> Iterator[None]:
    """Run a block under `scope`, then return to the one before."""
    before = current_scope()
    g.scope = scope
    try:
        yield
    finally:
        g.scope = before


@contextmanager
def everything(reason: str) -> Iterator[None]:
    """Run a block without narrowing; `reason` says in the code why that is right."""
    with using_scope(Scope(reason=reason, is_everything=True)):
        yield
