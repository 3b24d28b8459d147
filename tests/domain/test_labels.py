from enum import Enum

import pytest

from app.domain.areas import AreaLevel
from app.domain.colors import Color
from app.domain.documents import DocumentType
from app.domain.labels import N_, Labelled
from app.domain.quarantine import QuarantineStatus
from app.domain.roles import Role
from app.domain.screening import ScreeningKind
from app.domain.venues import VenueFamily, VenueKind

ENUMS = [AreaLevel, Color, DocumentType, QuarantineStatus, Role, ScreeningKind, VenueFamily, VenueKind]


def test_a_marked_text_stays_as_it_is() -> None:
    assert N_("确认隔离") == "确认隔离"


@pytest.mark.parametrize("enum", ENUMS)
def test_every_member_has_a_text_of_its_own(enum: type[Labelled]) -> None:
    assert len({member.label for member in enum}) == len(enum.__members__)


@pytest.mark.parametrize("enum", ENUMS)
def test_a_member_is_found_by_its_name_and_by_its_text(enum: type[Labelled]) -> None:
    for member in enum:
        assert enum[member.name] is member
        assert enum.from_label(member.label) is member


def test_an_unknown_text_is_no_member() -> None:
    assert QuarantineStatus.from_label("应隔离") is None


def test_the_statuses_are_written_as_in_the_manual() -> None:
    assert [status.label for status in QuarantineStatus] == [
        "待确认隔离",
        "已确认隔离",
        "已解除隔离",
        "无需隔离",
        "未到本小区",
    ]


def test_labelled_members_are_plain_enum_members() -> None:
    assert isinstance(VenueKind.BUS, Enum)
