"""The sectors of the demo city: two places of each kind with their scans, and what their managers find there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from app.domain.colors import Color
from app.domain.sectors import SECTORS, Particular, VenueSubtype
from app.domain.social_credit import check_character
from app.domain.venues import VenueKind
from app.models import EntryOutcome, EntryRecord, EntrySource, Residency, Venue
from app.models.encryption import phone_index
from app.models.entry import entry_id_floor
from app.services.venues import new_code

_SEED = 410102
_DAYS, _SCANS_A_DAY, _ABNORMAL = 7, 6, 0.04
_ENTRY_ID_BITS = 22
_DISTRICTS = ("410102", "410105")
_NAMES: dict[VenueKind, tuple[str, str]] = {
    VenueKind.METRO_STATION: ("紫荆山站", "二七广场站"),
    VenueKind.RETAIL_STORE: ("丹尼斯百货人民路店", "大商新玛特总店"),
    VenueKind.PUBLIC_SERVICE: ("中原区便民服务中心", "金水区民政局"),
    VenueKind.MEDICAL_INSTITUTION: ("碧沙岗社区医院", "文化路药店"),
    VenueKind.FARMERS_MARKET: ("建设路农贸市场", "农科路农贸市场"),
    VenueKind.SPECIALTY_MARKET: ("中原建材市场", "北环图书市场"),
    VenueKind.OTHER: ("锦绣家园二期工地", "科技园一号办公楼"),
    VenueKind.SCENIC_SPOT: ("碧沙岗公园", "紫荆山公园"),
}
_COMPANIES = {VenueKind.TAXI: "安达出租车公司", VenueKind.COMPANY_SHUTTLE: "中原客车厂"}


def make_venues(moment: datetime) -> list[Venue]:
    """Return two activated places of each kind, the second of them activated today."""
    random = Random(_SEED)  # noqa: S311 - a demo's codes are known to everybody
    return [
        _venue(kind, number, random, moment - timedelta(days=0 if number else _DAYS))
        for kind in SECTORS
        for number in range(len(_DISTRICTS))
    ]


def _venue(kind: VenueKind, number: int, random: Random, moment: datetime) -> Venue:
    values, sector = _particulars(kind, number), SECTORS[kind]
    known = {key.value: value for key, value in values.items() if key in sector.particulars}
    if Particular.SUBTYPE in sector.particulars:
        known[Particular.SUBTYPE.value] = (VenueSubtype.CONSTRUCTION_SITE, VenueSubtype.OFFICE_BUILDING)[number].name
    place = {"area_code": values[Particular.DISTRICT], **known, "name": sector.name_of(values)}
    return Venue(
        kind=kind,
        code=new_code(kind, choose=random.choice),
        contact_phone_index=phone_index(values[Particular.CONTACT_PHONE]),
        activated_at=moment,
        created_at=moment,
        updated_at=moment,
        **place,
    )


def _particulars(kind: VenueKind, number: int) -> dict[Particular, str]:
    """Return whatever any kind asks for; each takes its own."""
    serial = list(SECTORS).index(kind) * 10 + number
    credit = f"91410100MA{serial:07d}"
    return {
        Particular.LINE: f"{serial + 1}路",
        Particular.NAME: _NAMES.get(kind, ("", ""))[number],
        Particular.COMPANY: _COMPANIES.get(kind, ""),
        Particular.PLATE: f"豫A{10_000 + serial}",
        Particular.SOCIAL_CREDIT_CODE: credit + check_character(credit),
        Particular.DISTRICT: _DISTRICTS[number],
        Particular.CONTACT_NAME: ("张建军", "李秀芳")[number],
        Particular.CONTACT_PHONE: f"1360000{serial:04d}",
    }


def entries(ties: Sequence[Residency], venues: Sequence[Venue], moment: datetime) -> Iterator[EntryRecord]:
    """Yield some scans of each day at each place, by residents of the city."""
    random = Random(_SEED)  # noqa: S311 - the same every time
    for venue in venues:
        for day in range(_DAYS):
            for _ in range(random.randrange(1, _SCANS_A_DAY)):
                at = moment - timedelta(days=day, seconds=random.randrange(1, 86_400))
                yield _entry(random.choice(ties), venue, at, random)


def _entry(tie: Residency, venue: Venue, moment: datetime, random: Random) -> EntryRecord:
    return EntryRecord(
        id=entry_id_floor(moment) | random.getrandbits(_ENTRY_ID_BITS),
        recorded_at=moment,
        venue=venue,
        area_code=venue.area_code,
        person=tie.person,
        registration=tie.registration,
        source=EntrySource.SCAN,
        outcome=EntryOutcome.ADMITTED,
        color=Color.YELLOW if random.random() < _ABNORMAL else Color.GREEN,
    )
