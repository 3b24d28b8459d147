"""What the demo city consists of, as tables: places, accounts, names and the stories of its residents. All invented."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.quarantine import QuarantineStatus
from app.domain.returns import QuarantineMethod, Transport
from app.domain.roles import Role
from app.domain.venues import VenueFamily, VenueKind

PASSWORD = "Demo-2020-City"  # noqa: S105 - printed by `make run`; no such account exists outside a demo


@dataclass(frozen=True)
class DemoVenue:
    """A place with a poster; the area codes are official ones, `residents` is how many are tied to it."""

    kind: VenueKind
    name: str
    area_code: str
    address: str
    residents: int = 0


@dataclass(frozen=True)
class DemoAccount:
    """An account; `venues` are positions in VENUES."""

    role: Role
    area_code: str
    name: str
    venues: tuple[int, ...] = ()
    venue_kind: VenueKind | None = None


@dataclass(frozen=True, kw_only=True)
class Story:
    """What happened to a resident; `days` is how long ago the person came back, None for who was never away."""

    status: QuarantineStatus = QuarantineStatus.NOT_REQUIRED
    days: int | None = None
    origin: str | None = None
    country: str | None = None
    transport: Transport = Transport.HIGH_SPEED_RAIL
    method: QuarantineMethod = QuarantineMethod.HOME
    release_reason: str = ""
    has_health_certificate: bool = False


VENUES: tuple[DemoVenue, ...] = (
    DemoVenue(VenueKind.COMPOUND, "建设新苑小区", "410102001002", "建设西路 18 号", residents=36),
    DemoVenue(VenueKind.COMPOUND, "碧沙花园小区", "410102001002", "嵩山北路 27 号", residents=18),
    DemoVenue(VenueKind.COMPOUND, "棉纺三号院", "410102003001", "棉纺东路 3 号", residents=10),
    DemoVenue(VenueKind.COMPOUND, "锦绣家园小区", "410102003008", "桐柏北路 66 号", residents=8),
    DemoVenue(VenueKind.COMPOUND, "农科路二号院", "410105008009", "农科路 2 号", residents=16),
    DemoVenue(VenueKind.COMPOUND, "金水嘉苑小区", "410105008013", "文化路 101 号", residents=12),
    DemoVenue(VenueKind.VIRTUAL_COMPOUND, "国贸沿街商户", "410105008014", "花园路沿街", residents=8),
    DemoVenue(VenueKind.VILLAGE, "刘胡垌村", "410103100202", "马寨镇", residents=12),
    DemoVenue(VenueKind.QUARANTINE_SITE, "五里堡集中隔离点", "410103006004", "建新街 5 号"),
    DemoVenue(VenueKind.TESTING_SITE, "人民路核酸检测点", "410105003001", "人民路 12 号"),
    DemoVenue(VenueKind.FORWARD_TEAM, "北京专班登记点", "410105003001", "首都机场到达厅"),
)

# The region that all this was invented for.
HOME = "4101"
ACCOUNTS: tuple[DemoAccount, ...] = (
    DemoAccount(Role.CITY_ADMIN, "4101", "周建国"),
    DemoAccount(Role.DISTRICT_ADMIN, "410102", "王海燕"),
    DemoAccount(Role.DISTRICT_ADMIN, "410105", "李志强"),
    DemoAccount(Role.STREET_ADMIN, "410102001", "赵春梅"),
    DemoAccount(Role.COMMUNITY_ADMIN, "410102001002", "刘向东"),
    DemoAccount(Role.COMPOUND_ADMIN, "410102001002", "陈玉兰", venues=(0, 1)),
    DemoAccount(Role.COMPOUND_ADMIN, "410105008009", "孙宏伟", venues=(4,)),
    DemoAccount(Role.SECTOR_ADMIN, "4101", "马国庆", venue_kind=VenueKind.BUS),
    DemoAccount(Role.FLIGHT_TEAM, "4101", "胡立新"),
    DemoAccount(Role.HIGH_SPEED_RAIL_TEAM, "4101", "郭明辉"),
    DemoAccount(Role.RAILWAY_TEAM, "4101", "高秀英"),
    DemoAccount(Role.DATA_REPORTER, "4101", "林晓峰"),
    DemoAccount(Role.MEDICAL_INSTITUTION, "410105003001", "何文静"),
    DemoAccount(Role.UNIT_ADMIN, "410105003001", "罗建军"),
    DemoAccount(Role.SCANNER, "410105003001", "梁小丽"),
    DemoAccount(Role.AUDITOR, "4101", "宋正平"),
    DemoAccount(Role.SYSTEM_ADMIN, "4101", "唐志远"),
    # Second persons, for what one alone may not do.
    DemoAccount(Role.CITY_ADMIN, "4101", "吴晓东"),
    DemoAccount(Role.DISTRICT_ADMIN, "410102", "许文斌"),
    # The sectors that have no manager above.
    *(
        DemoAccount(Role.SECTOR_ADMIN, "4101", f"{kind.label}专干", venue_kind=kind)
        for kind in VenueFamily.SECTOR.kinds
        if kind is not VenueKind.BUS
    ),
)

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN_NAMES = (
    "伟", "芳", "秀英", "敏", "静", "丽娟", "强", "磊", "洋", "艳红", "勇", "军", "杰", "秀兰", "霞", "平", "桂英",
    "晓明", "建华", "志刚", "玉梅", "海波", "雪梅", "春生", "国栋", "文博", "思远", "雨桐", "子涵", "浩然",
)  # fmt: skip

LOCAL = Story()
BACK_FROM_ELSEWHERE = Story(days=4, origin="310115", transport=Transport.PLANE, method=QuarantineMethod.NONE)
RETURNS: tuple[Story, ...] = (
    Story(status=QuarantineStatus.PENDING, days=1, origin="420106"),
    Story(status=QuarantineStatus.CONFIRMED, days=5, origin="420111", transport=Transport.SELF_DRIVE),
    Story(status=QuarantineStatus.CONFIRMED, days=11, origin="420102"),
    Story(status=QuarantineStatus.NOT_ARRIVED, days=3, origin="411502", transport=Transport.COACH),
    Story(status=QuarantineStatus.RELEASED, days=21, origin="420103", release_reason="隔离期满，系统自动解除"),
    Story(status=QuarantineStatus.PENDING, days=9, origin="411302", transport=Transport.COACH),
    Story(status=QuarantineStatus.CONFIRMED, days=7, origin="411702", transport=Transport.TRAIN),
    Story(
        status=QuarantineStatus.RELEASED,
        days=6,
        country="SG",
        transport=Transport.PLANE,
        release_reason="已提交健康证明，社区核实无异常",
        has_health_certificate=True,
    ),
    Story(
        status=QuarantineStatus.CONFIRMED,
        days=2,
        country="GB",
        transport=Transport.PLANE,
        method=QuarantineMethod.CENTRALIZED,
    ),
    Story(status=QuarantineStatus.NOT_ARRIVED, days=10, origin="420281", transport=Transport.OTHER),
    Story(status=QuarantineStatus.CONFIRMED, days=13, origin="411503", transport=Transport.SELF_DRIVE),
)

_BLOCK = 12
_AT_HOME = 7


def story_of(number: int) -> Story:
    """Return the story of the resident with this number: seven of twelve need not isolate, the rest take turns."""
    block, place = divmod(number, _BLOCK)
    if place < _AT_HOME:
        return BACK_FROM_ELSEWHERE if place == _AT_HOME - 1 else LOCAL
    return RETURNS[(block * (_BLOCK - _AT_HOME) + place - _AT_HOME) % len(RETURNS)]


def phone_of(position: int) -> str:
    """Return the phone number, which is the user name, of the account at `position` of ACCOUNTS."""
    return f"138{position + 1:08d}"
