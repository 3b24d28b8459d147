"""What looks before it writes looks when whoever was before it has written: sent at once it is not done twice (X4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.access import scope_of, using_scope
from app.domain.health import EvidenceKind
from app.domain.roles import Role
from app.extensions import db
from app.models import Account, AreaMove, ChangeCause, ChangeSet, ChangeSetState, Evidence, EvidenceSource
from app.services import area_moves, change_sets, evidence
from app.services.area_moves import Preview
from app.services.change_sets import Change
from tests.factories import Factories
from tests.health import DISTRICT, known


def account_of(make: Factories, role: Role, area_code: str = "4101") -> int:
    account = make.account(role, area_code)
    db.session.commit()
    return account.id


def test_of_two_small_files_at_once_one_waits(make: Factories, at_once: Any) -> None:
    official = account_of(make, Role.CITY_ADMIN)
    files: Sequence[Change] = [
        Change(cause=ChangeCause.IMPORT, title=str(turn), brings=[known(EvidenceKind.CLOSE_CONTACT) for _ in range(30)])
        for turn in range(2)
    ]
    at_once(lambda turn: change_sets.submit(files[turn], account=db.session.get_one(Account, official)).id, 2)
    states = sorted(state.name for state in db.session.execute(select(ChangeSet.state)).scalars())
    assert states == [ChangeSetState.APPLIED.name, ChangeSetState.WAITING.name]


def test_of_two_proposals_at_once_the_twenty_first_is_stopped(make: Factories, at_once: Any) -> None:
    official = account_of(make, Role.DISTRICT_ADMIN, DISTRICT)

    def propose(_turn: int) -> Any:
        new = known(EvidenceKind.CLOSE_CONTACT, source_kind=EvidenceSource.MANUAL)
        account = db.session.get_one(Account, official)
        return evidence.propose(new, ground="medical_report", text="流调报告", account=account).id

    for turn in range(19):
        propose(turn)
    assert "too_many" in at_once(propose, 2)
    assert db.session.query(Evidence).count() == 20


def test_of_two_moves_at_once_one_is_ordered(make: Factories, at_once: Any) -> None:
    official = account_of(make, Role.CITY_ADMIN)
    seen = [Preview("甲街道", "410102001", "410105901", ()), Preview("乙街道", "410102002", "410105902", ())]

    def order(turn: int) -> Any:
        account = db.session.get_one(Account, official)
        with using_scope(scope_of(account)):
            return area_moves.order(seen[turn], account=account).state

    assert "move_running" in at_once(order, 2)
    assert db.session.query(AreaMove).count() == 1
