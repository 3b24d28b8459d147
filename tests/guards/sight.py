"""Where rows lie, who looks at them, and who may see which: said once more, in the words of the specification.

Not by access/rules.py, so that a rule that is wrong is a difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

from app.domain.roles import Role
from app.domain.screening import ScreeningKind
from app.domain.venues import VenueKind
from tests.factories import COMMUNITY

_FIRST_ID, _APART = 710_000_000, 100  # what a request adds gets the numbers between
ACCOUNTS = "ab_user"


def key_of(number: int) -> int:
    """The key of the row with this mark."""
    return _FIRST_ID + number * _APART


@dataclass(frozen=True)
class Site:
    """Where rows lie, as seen from the community in the middle."""

    relation: str
    area: str
    kind: VenueKind = VenueKind.COMPOUND
    way: str = "PLANE"
    role: Role = Role.COMPOUND_ADMIN
    is_ended: bool = False


OWN, ENDED = "own", "ended"
SITES = (
    Site(OWN, COMMUNITY),
    Site(ENDED, COMMUNITY, is_ended=True),
    Site("neighbour", COMMUNITY, way="HIGH_SPEED_RAIL"),
    Site("bus", COMMUNITY, VenueKind.BUS, way="TRAIN", role=Role.SECTOR_ADMIN),
    Site("taxi", COMMUNITY, VenueKind.TAXI, way="COACH", role=Role.SECTOR_ADMIN),
    Site("hospital", COMMUNITY, VenueKind.MEDICAL_INSTITUTION, role=Role.MEDICAL_INSTITUTION),
    Site("sibling community", "410102001003", role=Role.COMMUNITY_ADMIN),
    Site("sibling street", "410102003001", way="TRAIN"),
    Site("sibling district", "410105001001", VenueKind.BUS, role=Role.STREET_ADMIN),
    Site("compound of a sibling district", "410105008009", way="HIGH_SPEED_RAIL"),
    Site("street", "410102001", role=Role.STREET_ADMIN),
    Site("district", "410102", role=Role.DISTRICT_ADMIN),
    Site("city", "4101", role=Role.CITY_ADMIN),
    Site("another city", "411002001001"),
    Site("bus of another city", "411002001001", VenueKind.BUS, role=Role.SECTOR_ADMIN),
    Site("province", "41", role=Role.SYSTEM_ADMIN),
)


@dataclass(frozen=True)
class Thing:
    """One row with its mark; `account` is whose work it is."""

    number: int
    table: Table
    row: dict[str, Any]
    site: Site
    account: int
    is_in_hand: bool = False  # of the compound that the compound's manager has


@dataclass(frozen=True)
class Viewer:
    """An account that looks at all of it."""

    role: Role
    area: str
    account: int
    kind: VenueKind | None = None

    def __str__(self) -> str:
        return self.role.name

    def is_above(self, thing: Thing) -> bool:
        return thing.site.area.startswith(self.area)


_AUDITORS = (Role.AUDITOR, Role.SYSTEM_ADMIN)
_BRINGERS = (Role.DATA_REPORTER, Role.MEDICAL_INSTITUTION)
WAYS = {Role.FLIGHT_TEAM: "PLANE", Role.HIGH_SPEED_RAIL_TEAM: "HIGH_SPEED_RAIL", Role.RAILWAY_TEAM: "TRAIN"}


def _of_area(who: Viewer, thing: Thing) -> bool:
    return who.role not in (Role.COMPOUND_ADMIN, Role.SECTOR_ADMIN) and who.is_above(thing)


def _of_sector(who: Viewer, thing: Thing) -> bool:
    return _of_area(who, thing) or (
        who.role is Role.SECTOR_ADMIN and who.is_above(thing) and thing.site.kind is who.kind
    )


def _of_venue(who: Viewer, thing: Thing) -> bool:
    return _of_sector(who, thing) or (who.role is Role.COMPOUND_ADMIN and thing.is_in_hand)


def _own(who: Viewer, thing: Thing) -> bool:
    return thing.account == who.account


def _own_or_audited(who: Viewer, thing: Thing) -> bool:
    return _own(who, thing) or who.role in _AUDITORS


def _account(who: Viewer, thing: Thing) -> bool:
    return key_of(thing.number) == who.account or _of_area(who, thing)


def _message(who: Viewer, thing: Thing) -> bool:
    return who.role in _AUDITORS and who.is_above(thing)


def _listed(who: Viewer, thing: Thing) -> bool:
    if who.role in WAYS:
        returnee = thing.table.name != "screening_entry" or thing.row["kind"] is ScreeningKind.OVERSEAS_RETURNEE
        return returnee and thing.site.way == WAYS[who.role] and who.is_above(thing)
    if who.role is Role.COMPOUND_ADMIN:
        return thing.is_in_hand
    return who.role not in _BRINGERS and _of_area(who, thing)


def _batch(who: Viewer, thing: Thing) -> bool:
    return _of_area(who, thing) and (who.role not in _BRINGERS or _own(who, thing))


def _file(who: Viewer, thing: Thing) -> bool:
    return _batch(who, thing) or _of_area(who, thing)  # of a batch, or the photo of an appeal


def _nobody(_who: Viewer, _thing: Thing) -> bool:
    return False


def _trail_check(who: Viewer, _thing: Thing) -> bool:
    return who.role in (*_AUDITORS, Role.CITY_ADMIN)


def _trail(who: Viewer, thing: Thing) -> bool:
    return who.is_above(thing)


# Of each table, who sees a row; of any other table nobody does.
_SEEN_BY = {
    **dict.fromkeys(("venue", "residency", "registration", "entry_record", "person", "poster_check"), _of_venue),
    **dict.fromkeys(("entry_hour_total", "venue_entry_total", "color_change", "health_state"), _of_venue),
    **dict.fromkeys(("code_batch", "code_print", "area_entry_total"), _of_sector),
    **dict.fromkeys(("evidence", "change_set", "appeal", "appeal_photo", "column_mapping", "account_venue"), _of_area),
    **dict.fromkeys(("comparison", "comparison_match", "export_file"), _own),
    **dict.fromkeys(("stored_file", "stored_piece"), _file),
    **dict.fromkeys(("screening_entry", "screening_outcome"), _listed),
    **dict.fromkeys(("area_move", "compound_closure", "double_sighting", "phone_change", "entry_doubt"), _of_area),
    **dict.fromkeys(("account_import", "sign_in_session", "second_factor", "recovery_code"), _own),
    ACCOUNTS: _account,
    "audit_check": _trail_check,
    "import_batch": _batch,
    "look_up": _own_or_audited,
    "outgoing_message": _message,
    "audit_event": _trail,
}


def sees(who: Viewer, thing: Thing) -> bool:
    """Whether the viewer may see the row; of a table that is not named above nobody does."""
    return _SEEN_BY.get(thing.table.name, _nobody)(who, thing)
