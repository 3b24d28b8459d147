"""Everybody's colour after a change of the rules, as a ratio to a plain SQL UPDATE of the same rows (issue 2.4).

Both commit to a PostgreSQL that keeps what it was told; they take turns, and the middle times count. `PEOPLE` changes
the number of persons, of whom every tenth has two pieces of evidence; a third of them change colour.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

from sqlalchemy import text

PEOPLE = int(os.environ.get("PEOPLE", "1000000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
REACH = ">= 0.1"
_KINDS = "CASE g % 10 WHEN 0 THEN 'CLOSE_CONTACT' WHEN 1 THEN 'OVERSEAS_ARRIVAL' ELSE 'FEVER_CLINIC' END"
_COLUMNS = (
    "document_index, document_type, document_number, name, kind, source_kind, began_at, area_code, owner_role,"
    " created_at, state"
)
_PLAIN = """UPDATE health_state SET color = color, changes_at = changes_at, timeline = timeline, reasons = reasons,
    rules_version = 'plain', evaluated_at = now()"""


def evidence(kinds: str) -> str:
    """The statement that brings evidence of those kinds about every so-many-th person, begun within 13 days."""
    return f"""INSERT INTO evidence ({_COLUMNS})
        SELECT decode(md5(g::text), 'hex'), 'ID_CARD', '\\x00', '何晓明', {kinds}, 'TEST',
            date_trunc('day', now()) - g % 13 * interval '1 day', '410102', 'DISTRICT_ADMIN', now(), 'IN_FORCE'
        FROM generate_series(1, :people) g WHERE g % :every = 0"""


def fill() -> None:
    """The city with its evidence, coloured by the profile's own rules."""
    from app.extensions import db
    from app.models import ColorCause, Evidence
    from app.services import health_colors
    from app.services.health_colors import Cause

    for kinds, every in ((_KINDS, 1), ("'ANTIPYRETIC'", 10)):
        db.session.execute(text(evidence(kinds)), {"people": PEOPLE, "every": every})
    db.session.commit()
    people = [bytes(index) for (index,) in db.session.query(Evidence.document_index).distinct()]
    assert len(people) == PEOPLE
    for start in range(0, PEOPLE, 50_000):
        health_colors.evaluate(people[start : start + 50_000], cause=Cause(ColorCause.EVIDENCE))
    clean()


def clean() -> None:
    """What earlier rounds left behind is out of the way of the next one."""
    from app.extensions import db

    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE health_state"))
        connection.execute(text("CHECKPOINT"))


def change_rules(number: int) -> None:
    """The next version is in force: a visit to a fever clinic is red and yellow in turn."""
    from app import clock
    from app.domain.colors import Color
    from app.domain.health import EvidenceKind
    from app.extensions import db
    from app.models import RuleState, RuleVersion
    from app.profiles.health import rules_as_data
    from app.services import health_rules

    color = Color.RED if number % 2 == 0 else Color.YELLOW
    rules = [
        replace(rule, color=color) if rule.kind is EvidenceKind.FEVER_CLINIC else rule
        for rule in health_rules.policy().rules.rules
    ]
    moment = clock.now()
    db.session.add(
        RuleVersion(
            version=f"bench-{number}",
            in_force_from=moment,
            rules=rules_as_data(rules),
            state=RuleState.APPROVED,
            created_at=moment,
        )
    )
    db.session.commit()


def seconds_of_evaluation(number: int) -> tuple[float, int]:
    """How long everybody's evaluation takes, and how many changed colour."""
    from app.services import health_colors

    change_rules(number)
    started = time.perf_counter()
    changed = sum(health_colors.reevaluate_all().values())
    return time.perf_counter() - started, changed


def seconds_of_update() -> float:
    """How long one statement takes that writes the same columns of the same rows."""
    from app.extensions import db

    started = time.perf_counter()
    with db.engine.begin() as connection:
        connection.execute(text(_PLAIN))
    return time.perf_counter() - started


def main() -> None:
    """Prints the measure."""
    from flask_migrate import upgrade

    from app import create_app
    from app.access import everything
    from bench.harness import durable_postgres

    with tempfile.TemporaryDirectory() as folder, durable_postgres(Path(folder)) as url:
        app = create_app("test", SQLALCHEMY_DATABASE_URI=url, DATA_DIR=Path(folder))
        with app.app_context(), everything("a benchmark"):
            upgrade()
            fill()
            evaluations, updates, changed = [], [], 0
            for number in range(ROUNDS):
                updates.append(seconds_of_update())
                clean()
                taken, changed = seconds_of_evaluation(number)
                evaluations.append(taken)
                clean()
    print(measure(median(evaluations), median(updates), changed))


def measure(evaluation: float, update: float, changed: int) -> str:
    """The line that bench/run.py reads."""
    note = (
        f"{PEOPLE / evaluation:,.0f} persons/s, {changed:,} of {PEOPLE:,} changed; UPDATE {PEOPLE / update:,.0f} rows/s"
    )
    return json.dumps(
        {
            "work": "evaluation of everybody after a rule change",
            "compared_with": "plain SQL UPDATE of the same rows",
            "ratio": update / evaluation,
            "reach": REACH,
            "note": note,
        }
    )


if __name__ == "__main__":
    main()
