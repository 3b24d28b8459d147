"""`flask risk-areas …`: the official file into the record, and what an area was on a day (2.1)."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import func, select

from app.access import everything, scope_of, using_scope
from app.cli_accounts import account_of, refusals_to_stderr
from app.extensions import db
from app.models import RiskArea, RiskAreaList
from app.services import risk_areas
from app.services.risk_area_import import import_official

risk_areas_group = AppGroup("risk-areas", help="Risk areas.")


@risk_areas_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "phone", required=True, help="The account that imports, by its phone number.")
@click.option("--json", "as_json", is_flag=True)
@refusals_to_stderr
def import_file(file: Path, phone: str, as_json: bool) -> None:
    """Import FILE, an official list as it was published; approved, it is in force from the time that it names."""
    account = account_of(phone)
    with using_scope(scope_of(account)):
        risk_list = import_official(file.read_bytes(), name=file.name, account=account)
        summary = _summary(risk_list)
    click.echo(
        json.dumps(summary, ensure_ascii=False) if as_json else "\n".join(f"{k}\t{v}" for k, v in summary.items())
    )


@risk_areas_group.command("level")
@click.argument("area_code")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
def show_level(area_code: str, day: datetime) -> None:
    """Print the level of an area on a day of the region, and nothing where it was not listed."""
    with everything("risk areas are published to everybody"):
        level = risk_areas.level_on(area_code, day.date())
    click.echo(level.label if level else "")


def _summary(risk_list: RiskAreaList) -> dict[str, object]:
    counted = select(func.count(), func.count(RiskArea.matched_code)).where(RiskArea.list_id == risk_list.id)
    rows, matched = db.session.execute(counted).one()
    unmatched = select(RiskArea.province, RiskArea.city, RiskArea.county).where(
        RiskArea.list_id == risk_list.id, RiskArea.matched_code.is_(None)
    )
    names = sorted({" ".join(dict.fromkeys(row)) for row in db.session.execute(unmatched)})
    return {
        "list": risk_list.id,
        "state": risk_list.state.label,
        "change": risk_list.change_set_id,
        "in_force_from": risk_list.published_at.isoformat(),
        "rows": rows,
        "matched": matched,
        "unmatched": names,
        "places": risk_list.listed,
        "announced": risk_list.announced,
    }
