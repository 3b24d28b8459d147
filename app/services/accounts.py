"""Appointing, changing and suspending accounts of the roles that one appoints, inside one's own area (Z-A6, Z-A7)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.exc import IntegrityError

from app.access import everything
from app.domain.areas import CODE_LENGTHS, area_level, lies_within
from app.domain.documents import check_phone
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.masking import mask_phone
from app.domain.roles import Role
from app.domain.text import person_name
from app.domain.venues import VenueFamily, VenueKind
from app.extensions import db
from app.gateways.sms import SmsTemplate
from app.models import Account, AccountVenue, Area, Venue
from app.services import audit, passwords
from app.services.audit import Actor
from app.services.messages import queue_message
from app.services.transaction import transactional

_LONGEST_NAME = 30


@dataclass(frozen=True)
class Appointment:
    """Whom to appoint as what and where. Compound managers stand where their compounds are, so they have no area."""

    phone: str
    name: str
    role: Role
    area_code: str | None = None
    venue_ids: frozenset[int] = frozenset()
    venue_kind: VenueKind | None = None


@dataclass(frozen=True)
class Correction:
    """What changes of an account; None and nothing stay as they are."""

    phone: str = ""
    name: str = ""
    venue_ids: frozenset[int] | None = None


@dataclass(frozen=True)
class _Place:
    area_code: str
    venues: Sequence[Venue] = ()


@transactional
def appoint(appointment: Appointment, *, appointer: Account) -> Account:
    """Return the new account; its temporary password is on the way to its phone.

    Error codes: phone, phone_taken, name, rank, area, compounds, venue_kind.
    """
    if not (appointer.role and appointer.role.can_appoint(appointment.role)):
        raise _beyond_rank()
    phone, name = check_phone(appointment.phone), _checked_name(appointment.name)
    place = _place(appointment, appointer)
    if (appointment.venue_kind is not None) != (appointment.role is Role.SECTOR_ADMIN):
        raise DomainError(N_("请选择行业"), code="venue_kind", field="venue_kind")
    _check_free(phone)
    account = Account(
        username=phone,
        first_name=name,
        last_name="",
        # The framework's table wants one that nobody else has; nothing is ever sent there.
        email=f"{secrets.token_hex(12)}@account.invalid",
        active=True,
        role=appointment.role,
        area_code=place.area_code,
        venue_kind=appointment.venue_kind,
        # Not the framework's default, which knows nobody in a job or a command.
        created_by_fk=appointer.id,
    )
    account.venue_links = [AccountVenue(venue_id=venue.id, area_code=venue.area_code) for venue in place.venues]
    db.session.add(account)
    invite(account)
    _flush_free()
    audit.record(
        Actor.of(appointer),
        "appoint",
        subject=account,
        area_code=place.area_code,
        changes={
            "role": [None, appointment.role.name],
            "phone": [None, mask_phone(phone)],
            "compounds": [None, _names(place.venues)],
        },
    )
    return account


@transactional
def correct(account: Account, correction: Correction, *, appointer: Account) -> None:
    """Phone, name and compounds are as `correction` says; a new phone gets a temporary password, the old one word.

    All sessions end with a new phone: it may be another person's. Error codes as of `appoint`.
    """
    check_authority(account, appointer)
    changes: dict[str, list[str]] = {}
    name = _checked_name(correction.name) if correction.name else account.first_name
    if name != account.first_name:
        changes["name"] = [account.first_name, name]
        account.first_name = name
    if correction.venue_ids is not None and account.role is Role.COMPOUND_ADMIN:
        changes |= _move(account, correction.venue_ids)
    phone = check_phone(correction.phone) if correction.phone else account.username
    if phone != account.username:
        changes["phone"] = [mask_phone(account.username), mask_phone(phone)]
        _change_phone(account, phone)
    if changes:
        audit.record(
            Actor.of(appointer),
            "correct_account",
            subject=account,
            area_code=str(account.area_code),
            changes=changes,
        )


def may_change(account: Account, appointer: Account) -> bool:
    """Whether `appointer` changes or suspends `account`: of a role that it appoints, inside its area, never itself."""
    if appointer.role is None or account.role is None or not appointer.area_code or account.id == appointer.id:
        return False
    if account.role.is_of_appointer and account.created_by_fk != appointer.id:
        return False
    return appointer.role.can_appoint(account.role) and lies_within(account.area_code or "", appointer.area_code)


def appointed_by(appointer: Account, roles: frozenset[Role]) -> ColumnElement[bool]:
    """What narrows accounts to those of `roles` that `appointer` changes; row scope narrows them to its area."""
    free = [role for role in roles if not role.is_of_appointer]
    own = and_(Account.role.in_(roles), Account.created_by_fk == appointer.id)
    return and_(or_(Account.role.in_(free), own), Account.id != appointer.id)


def check_authority(account: Account, appointer: Account) -> None:
    """Pass for an account that `appointer` may change. Error: rank."""
    if not may_change(account, appointer):
        raise _beyond_rank()


def _beyond_rank() -> DomainError:
    return DomainError(N_("您不能任命或修改这一级的账号"), code="rank", field="role")


def _checked_name(typed: str) -> str:
    name = person_name(typed)
    if not name or len(name) > _LONGEST_NAME:
        raise DomainError(N_("请填写姓名（最多30个字）"), code="name", field="name")
    return name


def _check_free(phone: str) -> None:
    """Phones are unique over the whole installation, seen from here or not."""
    with everything("a phone number is one account's everywhere"):
        is_taken = db.session.execute(select(exists().where(Account.__table__.c.username == phone))).scalar_one()
    if is_taken:
        raise _phone_taken()


def _flush_free() -> None:
    try:
        db.session.flush()
    except IntegrityError as fault:  # another appointed the same phone in this moment
        raise _phone_taken() from fault


def _phone_taken() -> DomainError:
    return DomainError(N_("该手机号已开通账号"), code="phone_taken", field="phone_number")


def _place(appointment: Appointment, appointer: Account) -> _Place:
    """Where the new account stands: its compounds' common area, or the chosen area of its role's level."""
    if appointment.role is Role.COMPOUND_ADMIN:
        return _compound_place(appointment.venue_ids)
    # Without a choice: where the appointer stands, which is right for the roles of one's own level.
    code = appointment.area_code or str(appointer.area_code)
    is_known = len(code) in CODE_LENGTHS.values() and db.session.get(Area, code) is not None
    if not (is_known and lies_within(code, str(appointer.area_code))):
        raise DomainError(N_("请选择管辖范围内的区域"), code="area", field="area_code")
    level = appointment.role.level
    if level not in (None, area_level(code)):
        message = N_("%(role)s的管辖区域应选择一个%(level)s")
        raise DomainError(message, code="area", field="area_code", role=appointment.role.label, level=level.label)
    return _Place(code)


def _compound_place(venue_ids: Iterable[int]) -> _Place:
    wanted = frozenset(venue_ids)
    venues = db.session.execute(compounds().where(Venue.id.in_(wanted))).scalars().all()
    if not wanted or len(venues) != len(wanted):
        raise DomainError(N_("请选择管辖范围内的小区"), code="compounds", field="venue_ids")
    return _Place(common_area(venue.area_code for venue in venues), venues)


def compounds() -> Select[tuple[Venue]]:
    """Return the select of compounds that can be put into somebody's hands; row scope narrows it."""
    return select(Venue).where(Venue.kind.in_(VenueFamily.COMPOUND.kinds), Venue.closed_at.is_(None))


def common_area(codes: Iterable[str]) -> str:
    """Return the code of the smallest area in which all `codes` lie."""
    first, *others = codes
    for length in sorted(CODE_LENGTHS.values(), reverse=True):
        if length <= len(first) and all(code.startswith(first[:length]) for code in others):
            return first[:length]
    raise ValueError("areas of different provinces have none in common")


def _move(account: Account, venue_ids: frozenset[int]) -> dict[str, list[str]]:
    """The account holds these compounds; return what changed."""
    before = [link.venue for link in account.venue_links]
    if {venue.id for venue in before} == venue_ids:
        return {}
    place = _compound_place(venue_ids)
    kept = [link for link in account.venue_links if link.venue_id in venue_ids]
    present = {link.venue_id for link in kept}
    added = [AccountVenue(venue_id=v.id, area_code=v.area_code) for v in place.venues if v.id not in present]
    account.venue_links = [*kept, *added]
    account.area_code = place.area_code
    return {"compounds": [_names(before), _names(place.venues)]}


def _names(venues: Sequence[Venue]) -> str:
    return "、".join(venue.name for venue in venues)


def _change_phone(account: Account, phone: str) -> None:
    _check_free(phone)
    old, account.username = account.username, phone
    _flush_free()
    invite(account)
    queue_message(
        old,
        SmsTemplate.PHONE_CHANGED,
        {"old_phone": mask_phone(old), "new_phone": mask_phone(phone)},
        f"phone-{secrets.token_hex(16)}",
        area_code=account.area_code,
    )


def invite(account: Account, template: SmsTemplate = SmsTemplate.ACCOUNT_CREATED) -> None:
    """A temporary password goes to the account's phone (Z-A6); the one before and every session have ended."""
    assert account.role is not None
    password = passwords.put_temporary(account, lifetime=timedelta(days=passwords.INVITATION_DAYS))
    told = {
        "role": account.role.label,
        "password": password,
        "days": str(passwords.INVITATION_DAYS),
        "url": current_app.config["PUBLIC_URL"],
    }
    queue_message(
        account.username,
        template,
        told,
        f"invitation-{secrets.token_hex(16)}",
        area_code=account.area_code,
    )
