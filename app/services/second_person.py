"""Whether an account is the second person of a decision: somebody else, and not the same hands in two accounts (X3, X4)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import and_, or_, select

from app import clock
from app.access import everything
from app.domain.approval import HANDED_OVER_DAYS, Officer, check_hands, check_second_person
from app.domain.roles import Role
from app.extensions import db
from app.models import Account, AuditEvent
from app.services import health_rules

# What puts an account into the hands of whoever holds a phone; a correction does so where it changes the phone.
_HANDED_OVER = ("appoint", "correct_account")


def check(proposer_id: int | None, account: Account, *, area_code: str) -> None:
    """Pass where `account` may agree to what `proposer_id` proposed. Errors: role, area, own, level, own_hands."""
    check_standing(proposer_id, account, area_code=area_code)
    if proposer_id is not None:
        check_hands(is_handed_over=_is_handed_over(proposer_id, account.id))


def check_standing(proposer_id: int | None, account: Account, *, area_code: str) -> None:
    """The same where one person is enough, for the way back. Errors: role, area, own, level."""
    proposer, deciders = _proposer(proposer_id), health_rules.policy().approvers
    check_second_person(proposer, officer(account), area_code=area_code, deciders=deciders)


def check_owner(owner: Role, account: Account, *, area_code: str) -> None:
    """Pass where `account` answers for what belongs to `owner`, or stands above it. Errors: role, area, level."""
    proposer = Officer(0, owner, area_code)
    check_second_person(proposer, officer(account), area_code=area_code, deciders=health_rules.policy().approvers)


def officer(account: Account) -> Officer:
    """The account as the rule of two people sees it."""
    return Officer(account.id, account.role, account.area_code)


def _proposer(account_id: int | None) -> Officer | None:
    """Who proposed something, wherever that account stands."""
    with everything("who proposed decides who may approve"):
        found = db.session.get(Account, account_id) if account_id else None
        return officer(found) if found else None


def _is_handed_over(one: int, other: int) -> bool:
    """Whether either of the two lately gave the other's account a phone: the trail, which nobody rewrites, knows."""
    of_one = and_(AuditEvent.actor_id == one, AuditEvent.subject_id == str(other))
    of_other = and_(AuditEvent.actor_id == other, AuditEvent.subject_id == str(one))
    query = select(AuditEvent.changes).where(
        AuditEvent.subject_type == Account.__tablename__,
        or_(of_one, of_other),
        AuditEvent.action.in_(_HANDED_OVER),
        AuditEvent.recorded_at > clock.now() - timedelta(days=HANDED_OVER_DAYS),
    )
    with everything("what two accounts did to one another"):
        return any("phone" in changes for changes in db.session.execute(query).scalars())
