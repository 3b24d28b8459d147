from datetime import date, timedelta

import pytest

from app.domain.quarantine import QuarantineStatus
from app.domain.returns import (
    QuarantineMethod,
    QuarantinePolicy,
    ReturnDeclaration,
    Transport,
    assess,
    declaration_errors,
)

TODAY = date(2020, 7, 14)
POLICY = QuarantinePolicy(key_areas=("42", "4115"))


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def returned(origin: str = "420106", days: int = 3, **changes: object) -> ReturnDeclaration:
    answers: dict[str, object] = {
        "is_returnee": True,
        "arrival_date": ago(days),
        "transport": Transport.TRAIN,
        "origin_area_code": origin,
        "quarantine_method": QuarantineMethod.HOME,
    }
    return ReturnDeclaration(**(answers | changes))  # type: ignore[arg-type]


def test_who_did_not_come_from_elsewhere_need_not_quarantine() -> None:
    found = assess(POLICY, ReturnDeclaration(origin_area_code="420106"), TODAY)
    assert (found.status, found.since, found.is_key_area) == (QuarantineStatus.NOT_REQUIRED, None, False)


@pytest.mark.parametrize("origin", ["42", "4201", "420106", "411502"])
def test_who_comes_from_a_key_area_must_quarantine_from_the_day_of_arrival(origin: str) -> None:
    found = assess(POLICY, returned(origin), TODAY)
    assert (found.status, found.since, found.is_key_area) == (QuarantineStatus.PENDING, ago(3), True)


@pytest.mark.parametrize("origin", ["411302", "110105", "4", None])
def test_who_comes_from_another_area_need_not_quarantine(origin: str | None) -> None:
    assert assess(POLICY, returned(origin_area_code=origin), TODAY).status is QuarantineStatus.NOT_REQUIRED


def test_who_comes_from_abroad_must_quarantine() -> None:
    found = assess(POLICY, returned(origin_area_code=None, is_from_abroad=True, origin_country="KR"), TODAY)
    assert (found.status, found.is_key_area) == (QuarantineStatus.PENDING, False)


def test_abroad_counts_even_where_the_first_question_was_answered_no() -> None:
    declared = ReturnDeclaration(is_from_abroad=True, arrival_date=TODAY)
    assert assess(POLICY, declared, TODAY).status is QuarantineStatus.PENDING


def test_a_policy_may_count_abroad_among_the_key_areas() -> None:
    policy = QuarantinePolicy(is_abroad_key_area=True)
    assert assess(policy, returned(is_from_abroad=True), TODAY).is_key_area


def test_a_policy_may_let_returnees_from_abroad_go() -> None:
    policy = QuarantinePolicy(is_abroad_quarantined=False)
    assert assess(policy, returned(is_from_abroad=True), TODAY).status is QuarantineStatus.NOT_REQUIRED


@pytest.mark.parametrize("is_from_abroad", [True, False])
def test_fourteen_days_after_the_arrival_no_quarantine_is_left(is_from_abroad: bool) -> None:
    statuses = [assess(POLICY, returned(days=d, is_from_abroad=is_from_abroad), TODAY).status for d in (13, 14)]
    assert statuses == [QuarantineStatus.PENDING, QuarantineStatus.NOT_REQUIRED]


def test_a_missing_date_counts_from_today() -> None:
    assert assess(POLICY, returned(arrival_date=None), TODAY).since == TODAY


def test_a_policy_without_key_areas_covers_nothing() -> None:
    assert not QuarantinePolicy().covers("420106")
    assert not QuarantinePolicy().covers("")


def codes(declared: ReturnDeclaration) -> set[str]:
    return {error.code for error in declaration_errors(declared, TODAY)}


def test_nothing_is_asked_of_who_did_not_return() -> None:
    assert codes(ReturnDeclaration()) == set()


def test_a_full_declaration_has_no_faults() -> None:
    assert codes(returned()) == set()
    assert codes(returned(origin_area_code=None, is_from_abroad=True, origin_country="KR")) == set()


def test_all_faults_of_a_return_are_told_at_once() -> None:
    assert codes(ReturnDeclaration(is_returnee=True)) == {
        "arrival_date_required",
        "transport_required",
        "origin_required",
        "quarantine_method_required",
    }


def test_who_comes_from_abroad_names_the_country() -> None:
    assert "country_required" in codes(returned(is_from_abroad=True))


def test_an_arrival_lies_not_in_the_future() -> None:
    assert codes(returned(days=-1)) == {"arrival_date_future"}
    assert codes(returned(days=0)) == set()
