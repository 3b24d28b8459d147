"""Returnees from abroad: who records what, what happens by itself, who needs attention (Z-T8 to Z-T10)."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.attention import AttentionPolicy, AttentionReason, attention
from app.domain.completion import Completion
from app.domain.overseas import (
    DISTRICT_OUTCOMES,
    EXPLANATIONS,
    HUB_OUTCOMES,
    Sighting,
    changed_by,
    sighting_at,
    status_after,
    way_named,
    ways_of,
)
from app.domain.returns import Transport
from app.domain.roles import Role
from app.domain.screening import OverseasStatus, ScreeningKind, screened, unscreened
from app.domain.venues import VenueKind

NOW = datetime(2020, 3, 20, 12, tzinfo=UTC)


def test_the_districts_have_the_manuals_nine_and_each_is_explained() -> None:
    assert [status.label for status in DISTRICT_OUTCOMES] == [
        "离开", "各区县接走", "发热送医", "集中隔离", "未回", "机组成员", "从未出境", "境外返回超过十四天", "居家隔离",
    ]  # fmt: skip
    assert set(EXPLANATIONS) == set(DISTRICT_OUTCOMES)
    said = {
        OverseasStatus.LEFT_CITY: "在交通枢纽被转运到市外其他省、地市",
        OverseasStatus.COLLECTED_BY_DISTRICT: "三大枢纽专班处置后，待各区县接走",
        OverseasStatus.FEVER_TO_HOSPITAL: "三大枢纽量体温因发热送医院",
        OverseasStatus.CENTRALIZED: "扫描集中隔离点二维码",
        OverseasStatus.CREW_MEMBER: "机场并未回馈该状态，造成人员滞留此状态，排查时可回复该状态",
        OverseasStatus.NEVER_LEFT_COUNTRY: "在预警信息中，但是摸排后发现此人从未出境",
        OverseasStatus.OVER_FOURTEEN_DAYS: "不需要再集中隔离",
        OverseasStatus.HOME: "孕妇等特殊人群，可不集中隔离",
    }
    assert all(words in EXPLANATIONS[status] for status, words in said.items())


def test_a_hub_team_sends_on_but_judges_nobody() -> None:
    assert {"已到达", "超时未到", "离开", "各区县接走", "发热送医"} == {status.label for status in HUB_OUTCOMES}


def test_each_hub_team_has_its_way_of_return_and_nobody_drives_to_one() -> None:
    assert ways_of(Role.FLIGHT_TEAM) == {Transport.PLANE}
    assert ways_of(Role.HIGH_SPEED_RAIL_TEAM) == {Transport.HIGH_SPEED_RAIL}
    assert ways_of(Role.RAILWAY_TEAM) == {Transport.TRAIN}
    assert not ways_of(Role.DISTRICT_ADMIN)
    assert Transport.SELF_DRIVE not in set().union(*(ways_of(role) for role in Role))


@pytest.mark.parametrize(("text", "way"), [("飞机", Transport.PLANE), (" 航班", Transport.PLANE), ("步行", None)])
def test_a_way_is_known_by_its_names(text: str, way: Transport | None) -> None:
    assert way_named(text) is way


def test_only_two_kinds_of_venues_tell_anything() -> None:
    told = {kind: sighting_at(kind) for kind in VenueKind if sighting_at(kind)}
    assert told == {
        VenueKind.FORWARD_TEAM: Sighting.FORWARD_TEAM_SCAN,
        VenueKind.QUARANTINE_SITE: Sighting.QUARANTINE_SITE_SCAN,
    }


@pytest.mark.parametrize("sighting", list(Sighting))
def test_who_left_or_was_never_abroad_stays_so_whatever_is_scanned(sighting: Sighting) -> None:
    judged = {
        OverseasStatus.LEFT_CITY,
        OverseasStatus.CREW_MEMBER,
        OverseasStatus.NEVER_LEFT_COUNTRY,
        OverseasStatus.OVER_FOURTEEN_DAYS,
    }
    assert not judged & changed_by(sighting)
    assert OverseasStatus.PENDING in changed_by(sighting)
    assert status_after(sighting) not in changed_by(sighting)


def test_a_compound_takes_nobody_out_of_an_isolation_point() -> None:
    assert OverseasStatus.CENTRALIZED not in changed_by(Sighting.COMPOUND_CONFIRMED)
    assert OverseasStatus.HOME in changed_by(Sighting.QUARANTINE_SITE_SCAN)


def test_only_a_districts_judgement_counts_as_screened() -> None:
    assert set(screened(ScreeningKind.OVERSEAS_RETURNEE)) == set(DISTRICT_OUTCOMES)
    assert [status.label for status in unscreened(ScreeningKind.OVERSEAS_RETURNEE)] == [
        "待反馈", "已接收", "已到达", "超时未到", "已到达北京",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "hours", "arrived_hours", "reason"),
    [
        (OverseasStatus.PENDING, 24, None, None),
        (OverseasStatus.PENDING, 25, None, AttentionReason.UNTOUCHED),
        (OverseasStatus.PENDING, 1, 4, None),
        (OverseasStatus.PENDING, 1, 5, AttentionReason.ARRIVED),
        (OverseasStatus.ARRIVED_IN_BEIJING, 25, 30, AttentionReason.UNTOUCHED),
        (OverseasStatus.FEVER_TO_HOSPITAL, 25, 5, AttentionReason.STUCK),
        (OverseasStatus.COLLECTED_BY_DISTRICT, 24, None, None),
        (OverseasStatus.COLLECTED_BY_DISTRICT, 25, None, AttentionReason.STUCK),
        (OverseasStatus.CENTRALIZED, 900, 900, None),
        (OverseasStatus.NOT_RETURNED, 900, None, None),
    ],
)
def test_a_returnee_is_marked_by_the_clock(
    status: OverseasStatus, hours: int, arrived_hours: int | None, reason: AttentionReason | None
) -> None:
    arrived = NOW - timedelta(hours=arrived_hours) if arrived_hours else None
    since = NOW - timedelta(hours=hours)
    assert attention(status, since=since, arrived_at=arrived, now=NOW, policy=AttentionPolicy()) is reason


@pytest.mark.parametrize(
    ("total", "done", "rate"), [(85, 25, "29.41%"), (0, 0, "100.00%"), (1, 0, "0.00%"), (18, 1, "5.56%")]
)
def test_the_completion_rate_is_the_manuals(total: int, done: int, rate: str) -> None:
    assert Completion(total, done).rate == rate
