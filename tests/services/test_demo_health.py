"""The demo city's health codes: something to see on every page, and second persons to decide it."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import func, select

from app import clock
from app.clock import local_date
from app.domain.risk import RiskLevel
from app.domain.roles import Role
from app.extensions import db
from app.models import Account, Appeal, ChangeSet, ChangeSetState, Evidence, EvidenceState, RiskArea
from app.profiles import load_profile
from app.services import demo, risk_areas


def _count(*conditions: Any) -> int:
    return db.session.execute(select(func.count()).where(*conditions)).scalar_one()


def test_the_demo_has_something_on_every_page_of_the_health_code(app: Flask) -> None:
    assert demo.load()
    today = local_date(clock.now(), load_profile("zhengzhou").zone)
    assert risk_areas.level_on("420106", today) is RiskLevel.HIGH
    assert _count(RiskArea.matched_code.is_(None)) == 1
    assert _count(Evidence.state == EvidenceState.IN_FORCE) >= 1
    assert _count(Evidence.state == EvidenceState.PROPOSED) == 1
    assert _count(Appeal.id > 0) == 1
    assert _count(ChangeSet.state == ChangeSetState.WAITING) == 1
    assert _count(Account.role == Role.CITY_ADMIN) == 2
