from datetime import date, timedelta

import pytest

from app.domain.errors import DomainError
from app.domain.quarantine import (
    Color,
    QuarantineAction,
    QuarantineStatus,
    Release,
    allowed_actions,
    began_on,
    check_action,
    check_release,
    days_in_quarantine,
    days_left,
    is_breach,
    is_due_for_release,
    last_day,
    quarantine_color,
    status_after_scan,
)

TODAY = date(2020, 7, 14)
HELD = [QuarantineStatus.PENDING, QuarantineStatus.CONFIRMED]


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def release(**changes: object) -> Release:
    wish: dict[str, object] = {
        "status": QuarantineStatus.CONFIRMED,
        "since": ago(3),
        "is_key_area": False,
        "reason": "已提交核酸阴性证明",
        "has_health_certificate": True,
    }
    return Release(**(wish | changes))  # type: ignore[arg-type]


def refusal_of(wish: Release) -> DomainError:
    with pytest.raises(DomainError) as refused:
        check_release(wish, TODAY)
    return refused.value


def test_a_pending_resident_may_be_confirmed_released_or_reported_missing() -> None:
    assert allowed_actions(QuarantineStatus.PENDING) == set(QuarantineAction)


def test_a_confirmed_resident_may_only_be_released() -> None:
    assert allowed_actions(QuarantineStatus.CONFIRMED) == {QuarantineAction.RELEASE}


@pytest.mark.parametrize("status", [s for s in QuarantineStatus if s not in HELD])
def test_the_other_statuses_have_no_buttons(status: QuarantineStatus) -> None:
    assert not allowed_actions(status)


@pytest.mark.parametrize(
    ("action", "result"),
    [
        (QuarantineAction.CONFIRM, QuarantineStatus.CONFIRMED),
        (QuarantineAction.RELEASE, QuarantineStatus.RELEASED),
        (QuarantineAction.MARK_NOT_ARRIVED, QuarantineStatus.NOT_ARRIVED),
    ],
)
def test_each_action_leads_to_its_status(action: QuarantineAction, result: QuarantineStatus) -> None:
    assert check_action(QuarantineStatus.PENDING, action) is result


def test_only_a_pending_quarantine_is_confirmed() -> None:
    with pytest.raises(DomainError, match="当前状态为「已确认隔离」，不能「确认隔离」") as refused:
        check_action(QuarantineStatus.CONFIRMED, QuarantineAction.CONFIRM)
    assert refused.value.code == "quarantine_action"


def test_the_day_of_arrival_is_day_zero() -> None:
    assert days_in_quarantine(TODAY, TODAY) == 0
    assert days_in_quarantine(ago(7), TODAY) == 7


def test_an_unknown_or_coming_start_counts_no_days() -> None:
    assert days_in_quarantine(None, TODAY) == 0
    assert days_in_quarantine(TODAY + timedelta(days=2), TODAY) == 0


def test_days_left_run_down_to_none() -> None:
    assert [days_left(ago(days), TODAY) for days in (0, 13, 14, 30)] == [14, 1, 0, 0]
    assert last_day(ago(14)) == TODAY
    assert began_on(TODAY) == ago(14)


@pytest.mark.parametrize("status", [*HELD, QuarantineStatus.NOT_ARRIVED])
@pytest.mark.parametrize(("days", "color"), [(0, Color.YELLOW), (7, Color.YELLOW), (8, Color.RED), (40, Color.RED)])
def test_seven_days_are_yellow_and_more_are_red(status: QuarantineStatus, days: int, color: Color) -> None:
    assert quarantine_color(status, ago(days), TODAY) is color


@pytest.mark.parametrize("status", [QuarantineStatus.RELEASED, QuarantineStatus.NOT_REQUIRED])
def test_a_released_resident_is_green(status: QuarantineStatus) -> None:
    assert quarantine_color(status, ago(30), TODAY) is Color.GREEN


def test_a_quarantine_without_a_start_is_yellow() -> None:
    assert quarantine_color(QuarantineStatus.PENDING, None, TODAY) is Color.YELLOW


@pytest.mark.parametrize("status", HELD)
def test_pending_and_confirmed_are_released_alike(status: QuarantineStatus) -> None:
    assert check_release(release(status=status), TODAY) is QuarantineStatus.RELEASED


@pytest.mark.parametrize("status", HELD)
def test_nobody_from_a_key_area_is_released_before_fourteen_days(status: QuarantineStatus) -> None:
    error = refusal_of(release(status=status, is_key_area=True, since=ago(13)))
    assert error.code == "key_area_days"
    assert str(error).startswith("此人隔离期 14 天，还剩 1 天")


@pytest.mark.parametrize("status", HELD)
def test_after_fourteen_days_a_key_area_bars_no_release(status: QuarantineStatus) -> None:
    assert check_release(release(status=status, is_key_area=True, since=ago(14)), TODAY) is QuarantineStatus.RELEASED


def test_nobody_from_a_key_area_is_released_without_a_known_start() -> None:
    assert refusal_of(release(is_key_area=True, since=None)).params == {"days": 14, "days_left": 14}


def test_a_release_needs_a_reason() -> None:
    assert (refusal_of(release(reason=" \u3000")).code, refusal_of(release(reason="")).field) == (
        "release_reason",
        "reason",
    )


def test_a_release_needs_the_health_certificate() -> None:
    assert refusal_of(release(has_health_certificate=False)).code == "health_certificate"


@pytest.mark.parametrize("status", [s for s in QuarantineStatus if s not in HELD])
def test_who_is_not_held_cannot_be_released(status: QuarantineStatus) -> None:
    assert refusal_of(release(status=status)).code == "quarantine_action"


def test_a_confirmed_quarantine_ends_by_itself_after_its_days() -> None:
    assert is_due_for_release(QuarantineStatus.CONFIRMED, ago(14), TODAY)
    assert not is_due_for_release(QuarantineStatus.CONFIRMED, ago(13), TODAY)
    assert not is_due_for_release(QuarantineStatus.CONFIRMED, None, TODAY)
    assert not is_due_for_release(QuarantineStatus.PENDING, ago(30), TODAY)


def test_an_outing_during_a_confirmed_quarantine_is_a_breach() -> None:
    assert [status for status in QuarantineStatus if is_breach(status)] == [QuarantineStatus.CONFIRMED]


def test_who_was_missing_and_scans_is_to_be_confirmed_and_keeps_the_colour() -> None:
    assert status_after_scan(QuarantineStatus.NOT_ARRIVED) is QuarantineStatus.PENDING
    for status in QuarantineStatus:
        after = status_after_scan(status)
        assert quarantine_color(after, ago(8), TODAY) is quarantine_color(status, ago(8), TODAY)
