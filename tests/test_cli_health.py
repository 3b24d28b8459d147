"""`flask health …` acts as an account, is bound by its limits, and says so (X3, X12)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.domain.health import EvidenceKind
from app.domain.roles import Role
from app.extensions import db
from app.jobs import health as jobs
from app.models import HealthState, LookUp
from app.services import evidence
from app.services.audit import SYSTEM
from tests.factories import Factories
from tests.health import known

RULES = Path(__file__).parent / "data" / "health" / "fujian_rules.yaml"


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


def test_a_simulation_counts_and_changes_nothing(app: Flask) -> None:
    new = known(EvidenceKind.FEVER_CLINIC)
    evidence.bring(new, actor=SYSTEM)
    _, told = run(app, "simulate", str(RULES))
    assert told["counts"] == {"YELLOW>ORANGE": 1}
    assert db.session.get_one(HealthState, new.document_index).rules_version == "2020-07"


def test_rules_are_proposed_by_one_and_approved_by_another(app: Flask, make: Factories) -> None:
    one, other = make.account(Role.CITY_ADMIN).phone, make.account(Role.CITY_ADMIN).phone
    new = known(EvidenceKind.FEVER_CLINIC)
    evidence.bring(new, actor=SYSTEM)
    _, told = run(app, "rules", "propose", str(RULES), "--as", one)
    assert (told["state"], told["changed"]) == ("待批准", 1)
    assert run(app, "approve", str(told["change"]), "--as", one)[0] == 1
    assert run(app, "approve", str(told["change"]), "--as", other)[1]["state"] == "已生效"
    assert run(app, "rules", "show")[1].startswith("2020-02\t")
    for job in (jobs.follow_rules, jobs.settle_expired, jobs.lapse_unapproved, jobs.follow_rules):
        job()
    db.session.expire_all()
    assert db.session.get_one(HealthState, new.document_index).color.name == "ORANGE"


def test_a_faulty_file_is_refused_with_its_place(app: Flask, tmp_path: Path) -> None:
    faulty = tmp_path / "rules.yaml"
    faulty.write_text(RULES.read_text(encoding="utf-8").replace("ORANGE", "PINK", 1), encoding="utf-8")
    code, told = run(app, "simulate", str(faulty))
    assert code == 1 and "rules[0].color" in str(told)
