"""A sector's venues: a code handed out becomes a place when somebody on the spot activates it (Z-S7), and is edited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app import clock
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.masking import mask_name, mask_phone
from app.domain.sectors import SECTORS, CodeState, Particular, VenueSubtype
from app.extensions import db
from app.models import Venue
from app.models.encryption import phone_index
from app.services import audit
from app.services.audit import Actor
from app.services.transaction import transactional
from app.services.verification import CodeRequest, Purpose, check_code, send_code

Values = Mapping[Particular, str]


def send_activation_code(phone: str, *, area_code: str, address: str | None) -> None:
    """A code is on its way to the contact's phone (Z-A8). Error: sms_too_often."""
    send_code(CodeRequest(phone, Purpose.ACTIVATION, address, area_code))


@transactional
def activate(venue_id: int, values: Values, *, sms_code: str) -> Venue:
    """The code is the page of a place with these particulars. Errors: activated, not_handed_out, sms_code."""
    query = select(Venue).where(Venue.id == venue_id).with_for_update()
    venue = db.session.execute(query.execution_options(populate_existing=True)).scalar_one()
    if venue.code_state is CodeState.GENERATED:
        raise DomainError(N_("此二维码尚未下发，不能激活"), code="not_handed_out")
    if venue.code_state is not CodeState.HANDED_OUT:
        raise DomainError(N_("此二维码已激活"), code="activated")
    check_code(values[Particular.CONTACT_PHONE], sms_code, purpose=Purpose.ACTIVATION)
    moment = clock.now()
    _apply(venue, values, moment)
    venue.code_state, venue.activated_at = CodeState.ACTIVE, moment
    changes = {"state": [CodeState.HANDED_OUT.name, CodeState.ACTIVE.name], **_told({}, values)}
    audit.record(audit.CITIZEN, "activate_code", subject=venue, area_code=venue.area_code, changes=changes)
    return venue


@transactional
def edit(venue: Venue, values: Values, *, actor: Actor) -> None:
    """The place has these particulars, on its scan page too from now on (Z-V3). Error: not_active."""
    if venue.code_state is not CodeState.ACTIVE:
        raise DomainError(N_("只能编辑已激活的二维码"), code="not_active")
    before = values_of(venue)
    _apply(venue, values, clock.now())
    audit.record(actor, "edit_venue", subject=venue, area_code=venue.area_code, changes=_told(before, values))


def values_of(venue: Venue) -> Values:
    """What is known of a sector's venue, in the words of its form."""
    found = {key: getattr(venue, key.value) for key in SECTORS[venue.kind].particulars}
    return {key: value.name if isinstance(value, VenueSubtype) else value or "" for key, value in found.items()}


def _apply(venue: Venue, values: Values, moment: datetime) -> None:
    for key, value in values.items():
        setattr(venue, key.value, VenueSubtype[value] if key is Particular.SUBTYPE else value)
    venue.name = SECTORS[venue.kind].name_of(values)
    venue.contact_phone_index = phone_index(values[Particular.CONTACT_PHONE])
    venue.updated_at = moment


def _told(before: Values, after: Values) -> dict[str, Any]:
    """What changed, for the record: the contact's name and phone masked."""
    changed = {key: (before.get(key), value) for key, value in after.items() if before.get(key) != value}
    return {key.value: [_masked(key, old), _masked(key, new)] for key, (old, new) in changed.items()}


def _masked(key: Particular, value: str | None) -> str | None:
    if value and key is Particular.CONTACT_PHONE:
        return mask_phone(value)
    return mask_name(value) if value and key is Particular.CONTACT_NAME else value
