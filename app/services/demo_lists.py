"""Rows of every screening list for the demo city, so that no page is empty; all of it invented."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from app import clock
from app.domain.documents import check_character
from app.domain.screening import EntryOrigin, ScreeningKind
from app.extensions import db
from app.models import Residency, ScreeningEntry
from app.profiles import Profile
from app.services import screening
from app.services.audit import SYSTEM
from app.services.demo_content import GIVEN_NAMES, SURNAMES

_ROWS = 6
_PHONES_FROM = 13_700_000_000
_DISTRICTS = ("410102", "410105", "410103")
_RETURNS = (
    ("韩国", "青岛", "飞机", "CZ682"),
    ("英国", "上海", "高铁", "G1814"),
    ("泰国", "广州", "飞机", "CZ8336"),
    ("俄罗斯", "满洲里", "火车", "K602"),
    ("日本", "上海", "自驾", "豫A1K2M3"),
    ("美国", "北京", "飞机", "CA1331"),
)
_WORDS: dict[ScreeningKind, dict[str, str]] = {
    ScreeningKind.TELECOM: {"home_province": "湖北", "home_city": "武汉", "station_district": "金水区"},
    ScreeningKind.RAILWAY: {"train_number": "G506", "boarding_station": "武汉站", "alighting_station": "郑州东站"},
    ScreeningKind.HEADQUARTERS: {"departure_country": "意大利", "connection_number": "CZ618"},
    ScreeningKind.RISK_AREA_RETURNEE: {"origin": "黑龙江省绥芬河市", "transport": "火车", "color": "黄码"},
    ScreeningKind.FEVER: {"temperature": "37.8", "symptoms": "发热、咳嗽", "institution": "第一人民医院"},
    ScreeningKind.NUCLEIC_TEST: {"site": "人民路核酸检测点", "institution": "疾控中心"},
    ScreeningKind.PATROL_STAFF: {"unit": "街道办事处", "duty": "巡查员", "beat": "辖区小区门口"},
    ScreeningKind.DISEASE_CONTROL: {"category": "密切接触者", "institution": "市疾控中心"},
}
_AT_HOME = frozenset({ScreeningKind.POLICE, ScreeningKind.FEVER, ScreeningKind.OVERSEAS_RETURNEE})
# What was done with the second and the third row of a list; the others wait.
_OUTCOMES = {
    ScreeningKind.TELECOM: ("NORMAL", "UNREACHABLE"),
    ScreeningKind.RAILWAY: ("NORMAL", "QUARANTINED"),
    ScreeningKind.POLICE: ("CONFIRMED", "UNREACHABLE"),
    ScreeningKind.HEADQUARTERS: ("HOME", "NOT_IN_AREA"),
    ScreeningKind.RISK_AREA_RETURNEE: ("TESTED_NEGATIVE", "HOME"),
    ScreeningKind.FEVER: ("WATCHED", "CLEARED"),
    ScreeningKind.OVERSEAS_RETURNEE: ("COLLECTED_BY_DISTRICT", "CENTRALIZED"),
    ScreeningKind.NUCLEIC_TEST: ("NEGATIVE", "POSITIVE"),
    ScreeningKind.PATROL_STAFF: ("OFF_DUTY", "OFF_DUTY"),
    ScreeningKind.DISEASE_CONTROL: ("QUARANTINED", "UNREACHABLE"),
}
_CATEGORIES = ("AIRPORT", "HIGH_SPEED_RAIL", "RAILWAY", "POLICE", "BORDER", "OTHER")


def load(profile: Profile, ties: Sequence[Residency], moment: datetime) -> None:
    """Put a few rows on every list, some worked on, one waiting for its district; in the transaction in hand."""
    for at, kind in enumerate(_OUTCOMES):
        rows = [screening.add_entry(kind, **given) for given in _plans(kind, at, profile, ties, moment)]
        for row, status in zip(rows[1:3], _OUTCOMES[kind], strict=True):
            screening.record_outcome(row, status=status, remark="", actor=SYSTEM)
        if kind not in _AT_HOME and kind is not ScreeningKind.PATROL_STAFF:
            _send_back(rows[-1], profile)
    db.session.flush()


def _plans(
    kind: ScreeningKind, at: int, profile: Profile, ties: Sequence[Residency], moment: datetime
) -> Iterator[dict[str, Any]]:
    """What `add_entry` is given for each row: half of the lists' people live in the demo's compounds."""
    for number in range(_ROWS):
        tie = ties[(number * 7 + at) % len(ties)] if kind in _AT_HOME else None
        day = clock.local_date(moment - timedelta(days=number % 3), profile.zone)
        values: dict[str, Any] = {**_person(at * _ROWS + number, tie), **_WORDS.get(kind, {}), "listed_on": day}
        places: dict[str, Any] = {"area_code": tie.area_code if tie else _DISTRICTS[number % len(_DISTRICTS)]}
        if tie:
            places["venue_id"] = tie.venue_id
        if kind is ScreeningKind.OVERSEAS_RETURNEE:
            values |= _journey(number, moment, profile)
        if kind is ScreeningKind.HEADQUARTERS:
            values["entered_at"] = moment.astimezone(profile.zone).replace(tzinfo=None) - timedelta(days=number % 3)
            places["category"] = _CATEGORIES[number % len(_CATEGORIES)]
        source = EntryOrigin.REPORT if kind is ScreeningKind.OVERSEAS_RETURNEE else EntryOrigin.MANUAL
        yield {"values": values, "source": source, **places}


def _person(serial: int, tie: Residency | None) -> dict[str, Any]:
    if tie is not None:
        person = tie.person
        return {"name": person.name, "document_number": person.document_number, "phone": person.phone}
    body = f"4201061988{1 + serial % 12:02d}{1 + serial % 28:02d}{100 + serial}"
    return {
        "name": SURNAMES[serial % len(SURNAMES)] + GIVEN_NAMES[serial * 3 % len(GIVEN_NAMES)],
        "document_number": body + check_character(body),
        "phone": str(_PHONES_FROM + serial),
    }


def _journey(number: int, moment: datetime, profile: Profile) -> dict[str, Any]:
    country, port, way, connection = _RETURNS[number % len(_RETURNS)]
    local = moment.astimezone(profile.zone).replace(tzinfo=None, second=0, microsecond=0)
    journey: dict[str, Any] = {"country": country, "entry_port": port, "way": way, "connection_number": connection}
    journey["expected_at"] = local - timedelta(hours=9 * number)
    if number == _ROWS - 1:
        journey["arrived_at"] = local - timedelta(hours=6)  # still 待反馈: somebody has to look
    return journey


def _send_back(row: ScreeningEntry, profile: Profile) -> None:
    """The row waits at the city for its district."""
    row.area_code, row.dispatched_at, row.undispatched_reason = profile.area_code, None, "NO_DISTRICT"
