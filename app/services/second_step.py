"""The second step of a sign-in: between the password and the session, for accounts with a second factor (Z-A3)."""

from __future__ import annotations

from app.access import everything
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.models import Account
from app.services import second_factor, sign_in, tickets
from app.services.sessions import Origin
from app.services.tickets import Errand

_REASON = "whoever is between two steps is not signed in yet"


def ticket_for(account: Account) -> str | None:
    """Return a ticket for the second step of the account's sign-in; None where it has no such step."""
    return tickets.issue(Errand.SECOND_STEP, account) if second_factor.is_enrolled(account) else None


def is_waiting(ticket: str | None) -> bool:
    """Whether the ticket still leads to a second step."""
    return tickets.holder(Errand.SECOND_STEP, ticket) is not None


def take(ticket: str | None, typed: str, origin: Origin) -> tuple[Account, str]:
    """Return the account and the secret of its session. Errors: ticket, too_often, second_code."""
    with everything(_REASON):
        account = tickets.holder(Errand.SECOND_STEP, ticket)
        if account is None:
            raise _timed_out()
        try:
            second_factor.check(account, typed)
        except DomainError as fault:
            sign_in.note_failure(account, {"reason": fault.message})
            raise
        if tickets.use(Errand.SECOND_STEP, ticket) is None:
            raise _timed_out()
        return account, sign_in.start(account, origin, has_second_factor=True)


def _timed_out() -> DomainError:
    return DomainError(N_("登录已超时，请重新登录"), code="ticket")
