import pytest

from app.domain.errors import DomainError
from app.domain.labels import Labelled
from app.domain.screening import (
    STATUSES,
    FeverStatus,
    InquiryStatus,
    OverseasStatus,
    PoliceStatus,
    ScreeningKind,
    check_outcome,
    initial_status,
    is_screened,
    outcomes,
    status_named,
)


@pytest.mark.parametrize("kind", list(ScreeningKind))
def test_every_list_begins_with_pending_and_offers_outcomes(kind: ScreeningKind) -> None:
    assert initial_status(kind).name == ("ON_DUTY" if kind is ScreeningKind.PATROL_STAFF else "PENDING")
    assert initial_status(kind) not in outcomes(kind)
    assert outcomes(kind)


@pytest.mark.parametrize("kind", list(ScreeningKind))
def test_a_status_is_found_by_the_name_in_the_database(kind: ScreeningKind) -> None:
    assert [status_named(kind, status.name) for status in STATUSES[kind]] == list(STATUSES[kind])


def test_a_name_of_another_list_is_no_status() -> None:
    with pytest.raises(DomainError) as refused:
        status_named(ScreeningKind.TELECOM, "CREW_MEMBER")
    assert refused.value.code == "outcome"


def test_the_first_words_are_the_manuals() -> None:
    assert [initial_status(kind).label for kind in ScreeningKind] == [
        "待反馈",
        "待反馈",
        "应核实",
        "未排查",
        "待处置",
        "未询问",
        "待反馈",
        "待反馈",
        "待出结果",
        "在岗",
        "待反馈",
    ]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (ScreeningKind.POLICE, "应核实、已确认隔离、无需隔离、联系不上、未在本小区"),
        (
            ScreeningKind.RISK_AREA_RETURNEE,
            "待处置、已检测阴性、已检测阳性、已登记待检测、持有检查结果免检、不在、联系不上、已检测未出结果、"
            "自述非中高风险返郑人员已提醒、短期停留不足3天、集中隔离、居家隔离",
        ),
        (ScreeningKind.FEVER, "未询问、已询问，持续关注、已询问，无异常、联系不上"),
    ],
    ids=lambda each: getattr(each, "name", ""),
)
def test_the_statuses_are_the_manuals_to_the_letter(kind: ScreeningKind, words: str) -> None:
    assert "、".join(status.label for status in STATUSES[kind]) == words


def test_a_pending_row_takes_an_outcome_and_another_one_later() -> None:
    check_outcome(ScreeningKind.TELECOM, InquiryStatus.PENDING, InquiryStatus.UNREACHABLE)
    check_outcome(ScreeningKind.TELECOM, InquiryStatus.UNREACHABLE, InquiryStatus.NORMAL)


@pytest.mark.parametrize("status", [InquiryStatus.PENDING, InquiryStatus.NORMAL])
def test_the_remark_alone_may_change(status: Labelled) -> None:
    check_outcome(ScreeningKind.TELECOM, status, status)


@pytest.mark.parametrize(
    ("kind", "current", "new"),
    [
        (ScreeningKind.TELECOM, InquiryStatus.NORMAL, InquiryStatus.PENDING),
        (ScreeningKind.TELECOM, InquiryStatus.PENDING, PoliceStatus.UNREACHABLE),
        (ScreeningKind.OVERSEAS_RETURNEE, OverseasStatus.PENDING, OverseasStatus.ARRIVED_IN_BEIJING),
    ],
)
def test_a_row_goes_neither_back_nor_to_a_strange_status(kind: ScreeningKind, current: Labelled, new: Labelled) -> None:
    with pytest.raises(DomainError) as refused:
        check_outcome(kind, current, new)
    assert refused.value.code == "outcome"


def test_a_cleared_fever_patient_stays_cleared() -> None:
    with pytest.raises(DomainError) as refused:
        check_outcome(ScreeningKind.FEVER, FeverStatus.CLEARED, FeverStatus.WATCHED)
    assert refused.value.code == "outcome_final"


def test_what_is_no_longer_pending_counts_as_screened() -> None:
    assert not is_screened(ScreeningKind.POLICE, PoliceStatus.PENDING)
    assert is_screened(ScreeningKind.POLICE, PoliceStatus.UNREACHABLE)
