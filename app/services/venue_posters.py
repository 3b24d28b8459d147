"""What stands on a venue's poster (Z-R9)."""

from __future__ import annotations

from flask import current_app

from app import clock
from app.domain.areas import AreaLevel
from app.models import Venue
from app.posters import INSTRUCTIONS, Poster
from app.profiles import load_profile
from app.services import areas
from app.services.venues import scan_address

_GROUP = 4


def poster_of(venue: Venue) -> Poster:
    """Return the poster of `venue`; it is in Chinese, whatever the manager's language."""
    region = load_profile(current_app.config["REGION"])
    return Poster(
        title=region.page(venue.kind).title.zh,
        venue_name=venue.name,
        area_name=areas.full_name(venue.area_code, top=AreaLevel.DISTRICT),
        url=scan_address(venue),
        short_code=short_code(venue.code),
        instructions=_instructions(venue),
        issuer=region.issuer.zh,
        printed_on=clock.local_date(clock.now(), region.zone),
        kind_label=venue.kind.label,
    )


def short_code(code: str) -> str:
    """Return a code as guards compare it by eye."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def _instructions(venue: Venue) -> tuple[str, ...]:
    if not venue.poster_pin:
        return INSTRUCTIONS
    return (*INSTRUCTIONS, f"登记时填写本海报验证码：{venue.poster_pin}")
