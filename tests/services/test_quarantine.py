"""The end of a quarantine that has run its days (Z-R11): by the profile, by the system, once, whatever was missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.quarantine import QuarantineStatus
from app.extensions import db
from app.models import AuditEvent, Residency
from app.profiles import load_profile
from app.services import quarantine
from app.services.quarantine import today
from tests.factories import Factories

DAYS = load_profile("zhengzhou").quarantine.days
CONFIRMED = QuarantineStatus.CONFIRMED


def _events() -> list[AuditEvent]:
    query = select(AuditEvent).where(AuditEvent.action == "release_finished").order_by(AuditEvent.id)
    return list(db.session.execute(query).scalars())


def test_whoever_is_over_their_days_is_released_by_the_system_and_nobody_else(make: Factories) -> None:
    due = [make.residency(status=CONFIRMED, since=today() - timedelta(days=days)) for days in (DAYS, DAYS + 3)]
    others = [
        make.residency(status=CONFIRMED, since=today() - timedelta(days=DAYS - 1)),
        make.residency(status=CONFIRMED, since=None),
        make.residency(status=QuarantineStatus.PENDING, since=today() - timedelta(days=DAYS)),
        make.residency(status=CONFIRMED, since=today() - timedelta(days=DAYS), ended_at=make.venue().created_at),
    ]
    before = [row.status for row in others]
    assert quarantine.release_finished(today()) == len(due)
    assert {row.status for row in due} == {QuarantineStatus.RELEASED}
    assert [row.status for row in others] == before
    assert [(event.actor_id, event.actor_label, event.subject_id) for event in _events()] == [
        (None, "系统", str(row.id)) for row in due
    ]
    assert quarantine.release_finished(today()) == 0, "a second run finds nothing to do"
    assert len(_events()) == len(due)


def test_a_run_that_was_stopped_is_made_up_by_the_next(make: Factories, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "_CHUNK", 2)
    for _ in range(5):
        make.residency(status=CONFIRMED, since=today() - timedelta(days=DAYS + 2))
    db.session.commit()
    quarantine._release_some(today())  # and then the power went
    db.session.rollback()
    released = select(Residency.id).where(Residency.status == QuarantineStatus.RELEASED)
    assert len(db.session.execute(released).all()) == 2
    assert quarantine.release_finished(today()) == 3
    assert len(_events()) == 5


def test_another_regions_days_and_wish_are_followed(app: Flask, make: Factories, monkeypatch) -> None:
    profile = load_profile("zhengzhou")
    row = make.residency(status=CONFIRMED, since=today() - timedelta(days=7))
    for policy, status in (
        (replace(profile.quarantine, days=7, has_auto_release=False), CONFIRMED),
        (replace(profile.quarantine, days=8), CONFIRMED),
        (replace(profile.quarantine, days=7), QuarantineStatus.RELEASED),
    ):
        monkeypatch.setattr(
            quarantine, "load_profile", lambda _region, found=policy: replace(profile, quarantine=found)
        )
        quarantine.release_finished(today())
        assert row.status is status


def test_who_ends_tomorrow_is_released_tomorrow(make: Factories) -> None:
    tomorrow = today() + timedelta(days=1)
    for days in (DAYS - 2, DAYS - 1, DAYS):
        make.residency(status=CONFIRMED, since=today() - timedelta(days=days))
    listed = db.session.execute(select(Residency.id).where(quarantine.ending_on(tomorrow))).scalars().all()
    quarantine.release_finished(today())
    before = {event.subject_id for event in _events()}
    quarantine.release_finished(tomorrow)
    assert {event.subject_id for event in _events()} - before == {str(key) for key in listed}
    assert len(listed) == 1
