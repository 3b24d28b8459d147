"""Looking at a shown code (X6): what it is at this moment, on record, within limits, and not at two places at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import delete, select

from app.access import everything
from app.domain.code_tokens import NUMBER_DIGITS
from app.domain.colors import Color
from app.domain.errors import DomainError
from app.domain.labels import N_, Text
from app.domain.masking import mask_name
from app.domain.sightings import Sighting, elsewhere
from app.extensions import db
from app.models import Account, HealthCode, TokenSighting
from app.profiles import Profile, load_profile
from app.services import code_tokens, double_sightings, health_colors, look_ups
from app.services.double_sightings import Seen
from app.services.limits import Counter, Limit, take
from app.services.transaction import transactional

_NUMBER = re.compile(rf"[0-9]{{{NUMBER_DIGITS}}}")
_MINUTE, _DAY = 60, 86_400
_ANYBODY = "whoever checks sees any code that is shown, masked, on record and within limits"


@dataclass(frozen=True)
class CheckedCode:
    """What whoever checks learns: no more than the owner's page shows from afar, and whether the code is elsewhere too.

    `age` is that of the token in seconds, None where the digits were typed.
    """

    color: Color
    masked_name: str
    sentences: tuple[Text, ...]
    may_pass: bool
    age: int | None
    is_elsewhere: bool


def check(shown: str, *, account: Account, place: str, moment: datetime) -> CheckedCode:
    """Return what the code says at `moment`; `shown` is what a camera read, or the twelve digits.

    Errors: check_too_often, code_unknown, and those of domain.code_tokens.verify.
    """
    region = load_profile(current_app.config["REGION"])
    _count(account, region)
    digits = re.sub(r"[\s-]", "", shown)
    if _NUMBER.fullmatch(digits):
        return _look(digits, None, account=account, place=place, moment=moment)
    token = code_tokens.check(shown.strip(), moment)
    return _look(token.number, token.issued_at, account=account, place=place, moment=moment)


@transactional
def purge_sightings(moment: datetime) -> int:
    """Remove every sighting older than the region keeps them; return how many."""
    kept = timedelta(hours=load_profile(current_app.config["REGION"]).codes.sightings_kept_hours)
    old = delete(TokenSighting.__table__).where(TokenSighting.__table__.c.seen_at < moment - kept)
    removed: int = db.session.execute(old).rowcount
    return removed + double_sightings.purge(moment)


def _count(account: Account, region: Profile) -> None:
    limits = region.codes
    waiting = take(
        Counter(Limit("code:check:minute", limits.lookups_a_minute, _MINUTE), str(account.id)),
        Counter(Limit("code:check:day", limits.lookups_a_day, _DAY), str(account.id)),
    )
    if waiting:
        raise DomainError(
            N_("核验次数过多，请%(seconds)s秒后再试；人流较大时请增加值守账号"), code="check_too_often", seconds=waiting
        )


@transactional
def _look(number: str, issued_at: datetime | None, *, account: Account, place: str, moment: datetime) -> CheckedCode:
    with everything(_ANYBODY):
        # Locked, so that two places at once see each other's sighting.
        query = select(HealthCode).where(HealthCode.number == number).with_for_update()
        code = db.session.execute(query).scalar_one_or_none()
        if code is None:
            raise DomainError(N_("没有这个健康码，请核对12位编号"), code="code_unknown", field="shown")
        is_elsewhere = _seen(code, issued_at, account=account, now=Sighting(place, moment))
        colored = health_colors.color_of(code.person.document_index, moment)
        look_ups.looked(code.person.document_index, account=account)
        return CheckedCode(
            color=colored.color,
            masked_name=mask_name(code.person.name),
            sentences=tuple(dict.fromkeys(reason.sentence for reason in colored.reasons)),
            may_pass=load_profile(current_app.config["REGION"]).may_pass(colored.color),
            age=int((moment - issued_at).total_seconds()) if issued_at else None,
            is_elsewhere=is_elsewhere,
        )


def _seen(code: HealthCode, issued_at: datetime | None, *, account: Account, now: Sighting) -> bool:
    """Whether the code was shown at another place within the window; this sighting is kept either way."""
    window = timedelta(seconds=load_profile(current_app.config["REGION"]).codes.sighting_window_seconds)
    seen = TokenSighting.__table__.c
    query = select(seen.place, seen.seen_at, seen.account_id)
    query = query.where(seen.code_id == code.id, seen.seen_at > now.seen_at - window)
    before = {Sighting(row.place, row.seen_at): row.account_id for row in db.session.execute(query)}
    other = elsewhere(before, now, window=window)
    row = TokenSighting(
        code_id=code.id,
        issued_at=issued_at,
        seen_at=now.seen_at,
        place=now.place,
        account_id=account.id,
        is_elsewhere=other is not None,
    )
    db.session.add(row)
    if other is not None:
        double_sightings.flag(code, first=Seen(other, before[other]), second=Seen(now, account.id))
    return other is not None
