"""Appeals: to whoever owns the evidence, within a deadline, answered with a reason (X2); who looked is known."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.access import scope_of, using_scope
from app.domain.colors import Color
from app.domain.errors import DomainError
from app.domain.health import EvidenceKind
from app.domain.roles import Role
from app.extensions import db
from app.models import Appeal, AppealState, AuditEvent, Evidence, LookUp, StoredFile
from app.services import appeals, evidence, health_colors, look_ups
from app.services.audit import SYSTEM
from tests.factories import Factories
from tests.health import DISTRICT, known

PHOTO = b"\x89PNG\r\n\x1a\n" + b"0" * 64


def appealed() -> tuple[Evidence, Appeal]:
    row = evidence.bring(known(EvidenceKind.POLICE_KEY_PERSON), actor=SYSTEM)
    return row, appeals.open(row.document_index, row.id, reason="我没有去过", photos=[PHOTO])


def color(row: Evidence) -> Color:
    return health_colors.color_of(row.document_index, clock.now()).color


@pytest.mark.parametrize(("role", "area"), [(Role.DISTRICT_ADMIN, DISTRICT), (Role.CITY_ADMIN, "4101")])
def test_a_granted_appeal_ends_the_evidence(app: Flask, make: Factories, role: Role, area: str) -> None:
    row, appeal = appealed()
    owner = make.account(role, area)
    with using_scope(scope_of(owner)):
        appeals.grant(appeal.id, answer="核实无误，系误报", account=owner)
    assert color(row) is Color.GREEN and row.ended_at is not None
    found = appeals.of_person(row.document_index)[0]
    assert (found.state, found.answer) == (AppealState.GRANTED, "核实无误，系误报")
    actions = db.session.execute(select(AuditEvent.action).order_by(AuditEvent.id)).scalars().all()
    assert actions == ["bring_evidence", "open_appeal", "granted_appeal", "end_evidence"]


def test_a_denied_appeal_leaves_the_color_and_may_be_followed_by_another(app: Flask, make: Factories) -> None:
    row, appeal = appealed()
    with pytest.raises(DomainError) as refused:
        appeals.open(row.document_index, row.id, reason="再说一遍")
    assert refused.value.code == "appealed"
    appeals.deny(appeal.id, answer="名单属实", account=make.account(Role.DISTRICT_ADMIN, DISTRICT))
    assert color(row) is Color.RED
    assert appeals.open(row.document_index, row.id, reason="有新材料").state is AppealState.OPEN


@pytest.mark.parametrize(
    ("role", "area", "code"),
    [
        (Role.DISTRICT_ADMIN, "410103", "area"),
        (Role.STREET_ADMIN, DISTRICT, "level"),
        (Role.DATA_REPORTER, "4101", "role"),
    ],
)
def test_only_its_owner_or_a_level_above_answers(app: Flask, make: Factories, role: Role, area: str, code: str) -> None:
    row, appeal = appealed()
    with pytest.raises(DomainError) as refused:
        appeals.grant(appeal.id, answer="好", account=make.account(role, area))
    assert refused.value.code == code and color(row) is Color.RED


def test_an_appeal_is_overdue_after_its_deadline_and_not_before(app: Flask, make: Factories) -> None:
    _, appeal = appealed()
    assert appeal.due_at - appeal.created_at == timedelta(hours=24)
    for district, count in ((DISTRICT, 1), ("410103", 0)):
        with using_scope(scope_of(make.account(Role.DISTRICT_ADMIN, district))):
            assert appeals.overdue_count(appeal.due_at - timedelta(seconds=1)) == 0
            assert appeals.overdue_count(appeal.due_at) == count


@pytest.mark.parametrize(
    ("photos", "code"),
    [([PHOTO] * 4, "photos"), ([b"<svg onload=alert(1)>"], "photo_type"), ([PHOTO * 80_000], "photo_type")],
)
def test_photos_are_three_pictures_at_most(app: Flask, photos: list[bytes], code: str) -> None:
    row = evidence.bring(known(EvidenceKind.POLICE_KEY_PERSON), actor=SYSTEM)
    with pytest.raises(DomainError) as refused:
        appeals.open(row.document_index, row.id, reason="有照片", photos=photos)
    assert refused.value.code == code


def test_nobody_appeals_against_anothers_evidence_or_what_has_ended(app: Flask) -> None:
    one, other = (evidence.bring(known(EvidenceKind.CONFIRMED_CASE), actor=SYSTEM) for _ in range(2))
    evidence.end(one.id, reason="治愈", actor=SYSTEM)
    for index, number in ((one.document_index, other.id), (one.document_index, one.id)):
        with pytest.raises(DomainError) as refused:
            appeals.open(index, number, reason="不是我")
        assert refused.value.code == "evidence"


def test_the_photos_of_an_appeal_are_seen_by_whoever_sees_the_appeal(app: Flask, make: Factories) -> None:
    appealed()
    for district, count in ((DISTRICT, 1), ("410103", 0)):
        with using_scope(scope_of(make.account(Role.DISTRICT_ADMIN, district))):
            assert len(db.session.execute(select(StoredFile)).scalars().all()) == count


def test_the_person_sees_which_office_looked_and_no_name(app: Flask, make: Factories) -> None:
    row, _ = appealed()
    account = make.account(Role.DISTRICT_ADMIN, DISTRICT, name="张三")
    with using_scope(scope_of(account)):
        look_ups.looked(row.document_index, account=account)
    assert [found.office for found in look_ups.of_person(row.document_index)] == ["中原区区县管理员"]


def test_an_account_that_looks_again_on_a_day_is_one_line_and_stays_on_record(app: Flask, make: Factories) -> None:
    row, _ = appealed()
    again, other = make.account(Role.DISTRICT_ADMIN, DISTRICT), make.account(Role.CITY_ADMIN)
    for account in (again, again, other, again):
        with using_scope(scope_of(account)):
            look_ups.looked(row.document_index, account=account)
    assert [found.account_id for found in look_ups.of_person(row.document_index)] == [again.id, other.id]
    assert db.session.query(LookUp).count() == 4
