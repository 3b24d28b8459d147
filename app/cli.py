"""Commands: what an operator does in bulk, and what an installation needs."""

from __future__ import annotations

import base64
import json
import secrets

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from app import clock
from app.access import everything
from app.cli_account_imports import import_accounts
from app.cli_accounts import account_of, refusals_to_stderr
from app.cli_health import health_group
from app.cli_lists import lists_group
from app.cli_risk_areas import risk_areas_group
from app.domain.errors import DomainError
from app.profiles import load_profile
from app.services import areas, audit, code_keys, demo, installation, key_rotation, partitions, second_factor

demo_group = AppGroup("demo", help="The demo city.")
areas_group = AppGroup("areas", help="The area tree.")
accounts_group = AppGroup("accounts", help="Accounts.")
keys_group = AppGroup("keys", help="The keys that seal personal data.")
audit_group = AppGroup("audit", help="The audit trail.")


def register(app: Flask) -> None:
    """Attach the commands."""
    app.cli.add_command(demo_group)
    app.cli.add_command(areas_group)
    accounts_group.add_command(import_accounts)
    app.cli.add_command(accounts_group)
    app.cli.add_command(audit_group)
    app.cli.add_command(keys_group)
    app.cli.add_command(lists_group)
    app.cli.add_command(risk_areas_group)
    app.cli.add_command(health_group)


@demo_group.command("load")
def load_demo() -> None:
    """Load the area tree and the demo city, once."""
    with everything("a command of the installation"):
        click.echo("loaded" if demo.load() else "already loaded")


@areas_group.command("load")
def load_areas() -> None:
    """Load the official area tree of the region, once, and make this month's partitions; a real start begins here."""
    with everything("the installation's own command"):
        partitions.ensure_months(clock.now())
        click.echo(f"{areas.load(load_profile(current_app.config['REGION']))} areas")


@accounts_group.command("create-administrator")
@click.argument("phone")
@click.argument("name")
def create_administrator(phone: str, name: str) -> None:
    """Make the first account, a system administrator, and print its first password."""
    with everything("the installation's own command"):
        try:
            click.echo(installation.create_administrator(phone, name))
        except DomainError as fault:
            raise click.ClickException(str(fault)) from fault


@accounts_group.command("reset-second-factor")
@click.argument("phone")
@refusals_to_stderr
def reset_second_factor(phone: str) -> None:
    """Let an account sign in with its password alone again: for whom nobody appoints, after app and codes are lost."""
    second_factor.reset_from_shell(account_of(phone))


@demo_group.command("accounts")
@click.option("--json", "as_json", is_flag=True)
def demo_accounts(as_json: bool) -> None:
    """Print role, area, phone, password and sector of the demo accounts."""
    with everything("a command of the installation"):
        _print(demo.accounts(), as_json=as_json)


@demo_group.command("venues")
@click.option("--json", "as_json", is_flag=True)
def demo_venues(as_json: bool) -> None:
    """Print kind, name, area and scan address of the demo venues."""
    with everything("a command of the installation"):
        _print(demo.venues(), as_json=as_json)


def _print(rows: list[dict[str, str]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        click.echo("\t".join(row.values()))


@audit_group.command("verify")
def verify_audit() -> None:
    """Check the whole chain; exit 1 at the first changed, removed or inserted event."""
    with everything("the auditor's command"):
        count, fault = audit.verify()
    if fault:
        click.echo(f"FAULT at event {fault.event_id}: {fault.problem} ({count} events before it hold)")
        raise SystemExit(1)
    click.echo(f"OK: {count} events")


@keys_group.command("rotate")
def rotate_keys() -> None:
    """Seal again, with the newest of FIELD_KEYS, whatever an older one sealed; then the older one may go."""
    with everything("the installation's own command"):
        click.echo(f"{key_rotation.rotate()} values sealed again")


@keys_group.command("rotate-signing")
@click.option("--at-once", is_flag=True, help="The key in use was lost: it counts no longer from now on.")
def rotate_signing_key(at_once: bool) -> None:
    """Make the next key for health codes; it is published now and takes over when those who check know it."""
    with everything("the installation's own command"):
        try:
            key = code_keys.rotate(clock.now(), is_at_once=at_once)
        except DomainError as fault:
            raise click.ClickException(str(fault)) from fault
    click.echo(f"key {key.number} signs from {key.signs_from.isoformat(timespec='seconds')}")


@keys_group.command("new")
@click.argument("field_keys")
def new_key(field_keys: str) -> None:
    """Print FIELD_KEYS (given) with one more key in front of the rotation."""
    number = max(int(part.partition(":")[0]) for part in field_keys.split(",")) + 1
    click.echo(f"{field_keys},{number}:{base64.b64encode(secrets.token_bytes(32)).decode()}")
