"""Returnees from abroad: who works on them, in which statuses, and what changes by itself (Z-T7, Z-T8)."""

from enum import Enum

from app.domain.labels import N_, Labelled
from app.domain.returns import Transport
from app.domain.roles import Role
from app.domain.screening import OverseasStatus
from app.domain.venues import VenueKind

_WAYS: dict[Role, frozenset[Transport]] = {
    Role.FLIGHT_TEAM: frozenset({Transport.PLANE}),
    Role.HIGH_SPEED_RAIL_TEAM: frozenset({Transport.HIGH_SPEED_RAIL}),
    Role.RAILWAY_TEAM: frozenset({Transport.TRAIN}),
}
HUB_TEAMS = frozenset(_WAYS)

# What a hub team may record once it has received the report (checklist Z124).
HUB_OUTCOMES = (
    OverseasStatus.ARRIVED,
    OverseasStatus.OVERDUE,
    OverseasStatus.LEFT_CITY,
    OverseasStatus.COLLECTED_BY_DISTRICT,
    OverseasStatus.FEVER_TO_HOSPITAL,
)
# The nine of the districts, in the manual's order (checklist Z126).
DISTRICT_OUTCOMES = (
    OverseasStatus.LEFT_CITY,
    OverseasStatus.COLLECTED_BY_DISTRICT,
    OverseasStatus.FEVER_TO_HOSPITAL,
    OverseasStatus.CENTRALIZED,
    OverseasStatus.NOT_RETURNED,
    OverseasStatus.CREW_MEMBER,
    OverseasStatus.NEVER_LEFT_COUNTRY,
    OverseasStatus.OVER_FOURTEEN_DAYS,
    OverseasStatus.HOME,
)
# Said in the manual's words where the status is chosen; the names of its own city left out.
EXPLANATIONS: dict[Labelled, str] = {
    OverseasStatus.LEFT_CITY: N_("在交通枢纽被转运到市外其他省、地市"),
    OverseasStatus.COLLECTED_BY_DISTRICT: N_("一般为三大枢纽专班处置后，待各区县接走状态"),
    OverseasStatus.FEVER_TO_HOSPITAL: N_("三大枢纽量体温因发热送医院状态"),
    OverseasStatus.CENTRALIZED: N_("扫描集中隔离点二维码、区县排查自行发现应隔离未隔离可反馈此状态"),
    OverseasStatus.NOT_RETURNED: N_("排查发现此人并未回到本市"),
    OverseasStatus.CREW_MEMBER: N_("此人属于机组成员，机场并未回馈该状态，造成人员滞留此状态，排查时可回复该状态"),
    OverseasStatus.NEVER_LEFT_COUNTRY: N_("此人信息在预警信息中，但是摸排后发现此人从未出境"),
    OverseasStatus.OVER_FOURTEEN_DAYS: N_("预警信息中，摸排发现境外返回已超过十四天，不需要再集中隔离"),
    OverseasStatus.HOME: N_("70 岁以上、18 周岁以下、孕妇等特殊人群，可不集中隔离，为居家隔离，可选择该状态"),
}


class Sighting(Enum):
    """What the system learns of a returnee without anybody typing it; the value names it in the operation log."""

    FORWARD_TEAM_SCAN = "seen_by_forward_team"
    QUARANTINE_SITE_SCAN = "seen_at_quarantine_site"
    COMPOUND_CONFIRMED = "confirmed_by_compound"


_BEFORE_ARRIVAL = frozenset(
    {OverseasStatus.PENDING, OverseasStatus.RECEIVED, OverseasStatus.OVERDUE, OverseasStatus.NOT_RETURNED}
)
_ON_THE_WAY = _BEFORE_ARRIVAL | {
    OverseasStatus.ARRIVED,
    OverseasStatus.ARRIVED_IN_BEIJING,
    OverseasStatus.COLLECTED_BY_DISTRICT,
    OverseasStatus.FEVER_TO_HOSPITAL,
}
_EFFECTS: dict[Sighting, tuple[frozenset[OverseasStatus], OverseasStatus]] = {
    Sighting.FORWARD_TEAM_SCAN: (_BEFORE_ARRIVAL, OverseasStatus.ARRIVED_IN_BEIJING),
    # Also from home: some are moved later. Those who left or were never abroad stay what they are.
    Sighting.QUARANTINE_SITE_SCAN: (_ON_THE_WAY | {OverseasStatus.HOME}, OverseasStatus.CENTRALIZED),
    # Not from an isolation point: a compound that confirms on paper does not take anybody out of it.
    Sighting.COMPOUND_CONFIRMED: (_ON_THE_WAY, OverseasStatus.HOME),
}


_SIGHTING_AT = {
    VenueKind.FORWARD_TEAM: Sighting.FORWARD_TEAM_SCAN,
    VenueKind.QUARANTINE_SITE: Sighting.QUARANTINE_SITE_SCAN,
}


def sighting_at(kind: VenueKind) -> Sighting | None:
    """What a scan at a venue of `kind` tells of a returnee; None for nearly all kinds."""
    return _SIGHTING_AT.get(kind)


def status_after(sighting: Sighting) -> OverseasStatus:
    """The status that the sighting leads to (checklist Z130, Z134, Z135)."""
    return _EFFECTS[sighting][1]


def changed_by(sighting: Sighting) -> frozenset[OverseasStatus]:
    """The statuses that the sighting changes; somebody in any other stays as a person has judged."""
    return _EFFECTS[sighting][0]


def ways_of(role: Role) -> frozenset[Transport]:
    """The ways of return whose reports come to a hub team; none for other roles (checklist Z122)."""
    return _WAYS.get(role, frozenset())


def way_named(text: str | None) -> Transport | None:
    """The way of return that a sheet or a form names: 飞机 and 航班 are one, None for none that we know."""
    words = {"航班": Transport.PLANE, "动车": Transport.HIGH_SPEED_RAIL, "列车": Transport.TRAIN}
    name = (text or "").strip()
    return words.get(name) or Transport.from_label(name)
