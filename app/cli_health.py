"""`flask health …`: colours, simulations, rules and mass changes, by the same functions and limits as the screens."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from app import clock
from app.access import everything, scope_of, using_scope
from app.cli_accounts import account_of, refusals_to_stderr
from app.domain.documents import DocumentType
from app.domain.errors import DomainError
from app.domain.health import Reason, RuleSet
from app.domain.labels import N_
from app.extensions import db
from app.models import ChangeCause, ChangeSet
from app.models.encryption import document_index
from app.profiles import ProfileError, load_profile
from app.profiles.health import RuleFile, read_rule_file
from app.services import (
    change_sets,
    health_colors,
    health_rules,
    imports_entering,
    look_ups,
    rule_changes,
    simulation,
)

health_group = AppGroup("health", help="The health code.")
rules_group = AppGroup("rules", help="Versions of the health code's rules.")
health_group.add_command(rules_group)
_RULE_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_AS = click.option("--as", "phone", required=True, help="The account that acts, by its phone number.")
_REASON = click.option("--reason", required=True, help="Why.")


def _print(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


@health_group.command("show")
@click.argument("number")
@click.option("--type", "kind", default=DocumentType.ID_CARD.name, type=click.Choice([k.name for k in DocumentType]))
@click.option("--on", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="The region's day or minute.")
@click.option("--rules", "version", help="By that version of the rules instead of those then in force.")
@_AS
@refusals_to_stderr
def show(number: str, kind: str, on: datetime | None, version: str | None, phone: str) -> None:
    """Print what the colour of the person with that NUMBER is, or would be, and why; it is on record who looked."""
    account, index = account_of(phone), document_index(kind, number)
    if account.role not in health_rules.policy().approvers:
        raise DomainError(N_("您的账号不能查看人员的颜色依据"), code="role")
    with using_scope(scope_of(account)):
        look_ups.check_in_reach(index)
        look_ups.looked(index, account=account)
    with everything("the command's own question, which is on record"):
        if on is None and version is None:
            found = health_colors.color_of(index, clock.now())
            _print({"color": found.color.label, "reasons": [_told(reason) for reason in found.reasons]})
            return
        moment = on.replace(tzinfo=load_profile(current_app.config["REGION"]).zone) if on else clock.now()
        would = simulation.color_on(index, moment, version=version)
        _print({"color": would.color.label, "reasons": [_told(reason) for reason in would.reasons]})


def _told(reason: Reason) -> dict[str, Any]:
    return {
        "rule": f"{reason.rule.key} ({reason.version})",
        "evidence": reason.fact_key,
        "sentence": reason.sentence.zh,
        "until": reason.ends_at.isoformat() if reason.ends_at else None,
    }


@health_group.command("simulate")
@_RULE_FILE
@refusals_to_stderr
def simulate(file: Path) -> None:
    """Print what the rules in FILE would change for everybody; nothing is changed."""
    with everything("a simulation for the installation"):
        rules: RuleSet = _read(file).in_zone(load_profile(current_app.config["REGION"]).zone)
        preview = simulation.of_rules(rules)
    _print({"changed": preview.changed, "counts": preview.counts, "sample": preview.sample})


def _read(file: Path) -> RuleFile:
    try:
        return read_rule_file(file)
    except ProfileError as fault:
        raise DomainError(N_("规则文件有误：%(problem)s"), code="rule_file", problem=str(fault)) from fault


@health_group.command("evaluate")
def evaluate() -> None:
    """Bring everybody's colour to the rules in force now, as the schedule does; print how many changed."""
    with everything("the installation's own command"):
        found = rule_changes.follow()
    _print({f"{old.name}>{new.name}": count for (old, new), count in found.items()})


@rules_group.command("show")
def show_rules() -> None:
    """Print the rules in force."""
    with everything("rules name nobody"):
        rules = health_rules.in_force(clock.now())
    click.echo(f"{rules.version}\t{rules.in_force_from.isoformat()}")
    for rule in rules.rules:
        days = "" if rule.days is None else str(rule.days)
        click.echo(
            "\t".join([rule.key, rule.kind.label, rule.level.label if rule.level else "", rule.color.label, days])
        )


@rules_group.command("propose")
@_RULE_FILE
@_AS
@refusals_to_stderr
def propose_rules(file: Path, phone: str) -> None:
    """Propose the rules in FILE; a second person lets them come into force."""
    account = account_of(phone)
    with using_scope(scope_of(account)):
        row = rule_changes.propose(_read(file), account=account)
    _print(_change_set(row.change_set_id))


@health_group.command("approve")
@click.argument("change", type=int)
@_AS
@refusals_to_stderr
def approve(change: int, phone: str) -> None:
    """Let the waiting mass CHANGE happen, as a second person."""
    account = account_of(phone)
    with using_scope(scope_of(account)):
        found = change_sets.approve(change, account=account)
    _finish(found)
    _print(_change_set(change))


@health_group.command("reject")
@click.argument("change", type=int)
@_REASON
@_AS
@refusals_to_stderr
def reject(change: int, reason: str, phone: str) -> None:
    """Turn the waiting mass CHANGE down."""
    _decide(change_sets.reject, change, reason, phone)


@health_group.command("roll-back")
@click.argument("change", type=int)
@_REASON
@_AS
@refusals_to_stderr
def roll_back(change: int, reason: str, phone: str) -> None:
    """Take the mass CHANGE back whole."""
    _decide(change_sets.roll_back, change, reason, phone)


def _decide(decision: Callable[..., ChangeSet], change: int, reason: str, phone: str) -> None:
    account = account_of(phone)
    with using_scope(scope_of(account)):
        found = decision(change, reason=reason, account=account)
    _finish(found)
    _print(_change_set(change))


def _finish(found: ChangeSet) -> None:
    """Do at once, in this process, what a worker may do as well."""
    with everything("the job of the change, in this process"):
        if found.cause is ChangeCause.IMPORT and found.cause_id is not None:
            imports_entering.import_batch(found.cause_id)
        elif found.cause is ChangeCause.RULES:
            rule_changes.follow()


def _change_set(number: int | None) -> dict[str, Any]:
    with everything("the command's own change"):
        found = db.session.get_one(ChangeSet, number, populate_existing=True)
    return {
        "change": found.id,
        "state": found.state.label,
        "title": found.title,
        "changed": found.changed,
        "counts": found.counts,
        "sample": found.sample,
    }
