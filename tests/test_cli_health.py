"""`flask health …` acts as an account, is bound by its limits, and says so (X3, X12)."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask
from sqlalchemy import select

from app.domain.health import EvidenceKind
from app.domain.roles import Role
from app.extensions import db
from app.jobs import health as jobs
from app.models import HealthState, LookUp
from app.profiles import load_profile
from app.profiles.health import rules_as_data
from app.services import evidence
from app.services.audit import SYSTEM
from tests.factories import Factories
from tests.health import known

CITY = load_profile("zhengzhou").health.rules


@pytest.fixture
def stricter(tmp_path: Path) -> Path:
    """A file with the city's rules, but a visit to a fever clinic is red."""
    rules = [rule | {"color": "RED"} if rule["kind"] == "FEVER_CLINIC" else rule for rule in rules_as_data(CITY.rules)]
    path = tmp_path / "stricter.yaml"
    told = {"version": "2020-08", "in_force_from": date(2020, 8, 1), "rules": rules}
    path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    return path


def run(app: Flask, *words: str) -> tuple[int, Any]:
    result = app.test_cli_runner().invoke(args=["health", *words])
    return result.exit_code, json.loads(result.stdout) if result.stdout.startswith("{") else result.output


def test_showing_a_color_is_on_record(app: Flask, make: Factories) -> None:
    city, team = make.account(Role.CITY_ADMIN).phone, make.account(Role.FLIGHT_TEAM).phone
    new = known(EvidenceKind.FEVER_CLINIC)
    evidence.bring(new, actor=SYSTEM)
    code, told = run(app, "show", new.document_number, "--as", city)
    assert (code, told["color"]) == (0, "黄")
    assert told["reasons"][0]["rule"] == "fever_clinic (2020-07)"
    _, later = run(app, "show", new.document_number, "--on", "2099-01-01", "--as", city)
    assert later == {"color": "绿", "reasons": []}
    assert run(app, "show", new.document_number, "--as", team)[0] == 1
    assert len(db.session.execute(select(LookUp)).scalars().all()) == 2


def test_a_simulation_counts_and_changes_nothing(app: Flask, stricter: Path) -> None:
    new = known(EvidenceKind.FEVER_CLINIC)
    evidence.bring(new, actor=SYSTEM)
    _, told = run(app, "simulate", str(stricter))
    assert told["counts"] == {"YELLOW>RED": 1}
    assert db.session.get_one(HealthState, new.document_index).rules_version == "2020-07"


def test_rules_are_proposed_by_one_and_approved_by_another(app: Flask, make: Factories, stricter: Path) -> None:
    one, other = make.account(Role.CITY_ADMIN).phone, make.account(Role.CITY_ADMIN).phone
    new = known(EvidenceKind.FEVER_CLINIC)
    evidence.bring(new, actor=SYSTEM)
    _, told = run(app, "rules", "propose", str(stricter), "--as", one)
    assert (told["state"], told["changed"]) == ("待批准", 1)
    assert run(app, "approve", str(told["change"]), "--as", one)[0] == 1
    assert run(app, "approve", str(told["change"]), "--as", other)[1]["state"] == "已生效"
    assert run(app, "rules", "show")[1].startswith("2020-08\t")
    for job in (jobs.follow_rules, jobs.settle_expired, jobs.lapse_unapproved, jobs.follow_rules):
        job()
    db.session.expire_all()
    assert db.session.get_one(HealthState, new.document_index).color.name == "RED"


def test_a_color_that_the_region_does_not_have_is_refused(app: Flask, make: Factories, stricter: Path) -> None:
    stricter.write_text(stricter.read_text(encoding="utf-8").replace("YELLOW", "ORANGE"), encoding="utf-8")
    code, told = run(app, "rules", "propose", str(stricter), "--as", make.account(Role.CITY_ADMIN).phone)
    assert code == 1 and "没有橙码" in str(told)
    assert run(app, "rules", "show")[1].startswith("2020-07\t")


def test_a_faulty_file_is_refused_with_its_place(app: Flask, stricter: Path) -> None:
    stricter.write_text(stricter.read_text(encoding="utf-8").replace("color: RED", "color: PINK", 1), encoding="utf-8")
    code, told = run(app, "simulate", str(stricter))
    assert code == 1 and "rules[0].color" in str(told)
