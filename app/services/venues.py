"""Compounds and what belongs to their family: made with a code for the poster, closed when they are no more (Z-R9)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping

from flask import current_app
from sqlalchemy import select

from app import clock
from app.access import current_scope, everything
from app.domain.areas import AreaLevel
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.text import clean
from app.domain.venues import VenueFamily, VenueKind
from app.extensions import db
from app.models import Area, Venue
from app.services import audit
from app.services.audit import Actor
from app.services.transaction import transactional

# Without letters and digits that look alike on paper.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_RANDOM_CHARACTERS = 10


def new_code(kind: VenueKind, *, choose: Callable[[str], str] = secrets.choice) -> str:
    """Return a fresh public code: the kind's two letters and ten random characters (49 bits: not to be guessed)."""
    return kind.abbr + "".join(choose(_ALPHABET) for _ in range(_RANDOM_CHARACTERS))


def scan_address(venue: Venue) -> str:
    """Return the address behind the poster of `venue` (Z-S1)."""
    base = str(current_app.config["PUBLIC_URL"]).rstrip("/")
    return f"{base}/s/{venue.code}"


def _unused_code(kind: VenueKind) -> str:
    with everything("a code is unique in the whole region"):
        while True:
            code = new_code(kind)
            if db.session.execute(select(Venue.id).where(Venue.code == code)).scalar() is None:
                return code


@transactional
def create(*, kind: VenueKind, name: str, area_code: str, address: str, actor: Actor) -> Venue:
    """Return a new compound (or village, site …) of a community inside the scope in hand.

    Errors: venue_kind, venue_name, venue_area, venue_exists.
    """
    if kind.family is not VenueFamily.COMPOUND:
        raise DomainError(N_("请选择小区类型"), code="venue_kind", field="kind")
    _check_community(area_code)
    return _add(kind, name=name, area_code=area_code, address=address, actor=actor)


@transactional
def create_checkpoint(*, kind: VenueKind, name: str, district_code: str, actor: Actor) -> Venue:
    """Return a new checkpoint of a district inside the scope in hand (Z-S6).

    Errors: venue_kind, venue_name, venue_area, venue_exists.
    """
    if kind.family is not VenueFamily.CHECKPOINT:
        raise DomainError(N_("请选择卡口类型"), code="venue_kind", field="kind")
    _check_district(district_code)
    return _add(kind, name=name, area_code=district_code, address="", actor=actor)


def _add(kind: VenueKind, *, name: str, area_code: str, address: str, actor: Actor) -> Venue:
    name, moment = _checked_name(name, area_code), clock.now()
    venue = Venue(
        kind=kind,
        name=name,
        area_code=area_code,
        address=clean(address) or None,
        code=_unused_code(kind),
        created_at=moment,
        updated_at=moment,
    )
    db.session.add(venue)
    db.session.flush()
    changes = {"name": [None, name], "kind": [None, kind.name], "address": [None, venue.address]}
    audit.record(actor, "create_venue", subject=venue, area_code=area_code, changes=changes)
    return venue


@transactional
def edit(venue: Venue, *, name: str, address: str, actor: Actor) -> None:
    """The place has this name and address, on its scan page too from now on.

    Errors: venue_closed, venue_name, venue_exists.
    """
    _check_open(venue)
    values = {"name": _checked_name(name, venue.area_code, but=venue.id), "address": clean(address) or None}
    _change(venue, values, actor=actor)


@transactional
def edit_checkpoint(venue: Venue, *, name: str, district_code: str, actor: Actor) -> None:
    """The checkpoint has this name and belongs to this district; what was registered stays with the one before.

    Errors: venue_closed, venue_area, venue_name, venue_exists.
    """
    _check_open(venue)
    _check_district(district_code)
    values = {"name": _checked_name(name, district_code, but=venue.id), "area_code": district_code}
    _change(venue, values, actor=actor)


def _change(venue: Venue, values: Mapping[str, str | None], *, actor: Actor) -> None:
    changes = {key: [getattr(venue, key), value] for key, value in values.items() if getattr(venue, key) != value}
    if not changes:
        return
    for key, value in values.items():
        setattr(venue, key, value)
    venue.updated_at = clock.now()
    audit.record(actor, "edit_venue", subject=venue, area_code=venue.area_code, changes=changes)


def _check_district(code: str) -> None:
    if len(code) != AreaLevel.DISTRICT.code_length or not current_scope().covers(code):
        raise DomainError(N_("请选择管辖范围内的区县"), code="venue_area", field="area_code")


def _check_community(area_code: str) -> None:
    is_community = len(area_code) == AreaLevel.COMMUNITY.code_length
    known = is_community and db.session.execute(select(Area.code).where(Area.code == area_code)).scalar() is not None
    if not known or not current_scope().covers(area_code):
        raise DomainError(N_("请选择管辖范围内的社区"), code="venue_area", field="area_code")


def _checked_name(name: str, area_code: str, *, but: int | None = None) -> str:
    """Return the name, cleaned, if no open venue there but this one bears it."""
    name = clean(name)
    if not name:
        raise DomainError(N_("请填写名称"), code="venue_name", field="name")
    query = select(Venue.id).where(Venue.area_code == area_code, Venue.name == name, Venue.closed_at.is_(None))
    if any(found != but for found in db.session.execute(query).scalars()):
        is_district = len(area_code) == AreaLevel.DISTRICT.code_length
        message = N_("该区县已有同名场所") if is_district else N_("该社区已有同名小区")
        raise DomainError(message, code="venue_exists", field="name")
    return name


def _check_open(venue: Venue) -> None:
    if not venue.is_open:
        raise DomainError(N_("该场所已停用"), code="venue_closed")


@transactional
def close(venue: Venue, *, actor: Actor) -> None:
    """Make the poster of `venue` useless; its residents and entries stay. Error: venue_closed."""
    _check_open(venue)
    venue.closed_at = venue.updated_at = clock.now()
    audit.record(actor, "close_venue", subject=venue, area_code=venue.area_code, changes={"closed": [False, True]})


@transactional
def reopen(venue: Venue, *, actor: Actor) -> None:
    """The poster of `venue` is of use again. Errors: venue_open, venue_exists."""
    if venue.is_open:
        raise DomainError(N_("该场所没有停用"), code="venue_open")
    _checked_name(venue.name, venue.area_code, but=venue.id)
    venue.closed_at, venue.updated_at = None, clock.now()
    audit.record(actor, "reopen_venue", subject=venue, area_code=venue.area_code, changes={"closed": [True, False]})
