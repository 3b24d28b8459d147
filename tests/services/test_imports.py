"""The way of a list from its file to its districts (issue 1.4, Z-T1, Z-T2, Z-T4, Z-T13)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.domain.roles import Role
from app.extensions import db
from app.models import BatchState, ImportRow, ScreeningEntry
from app.profiles import districts, load_profile
from app.services import files
from tests.factories import Factories
from tests.lists import FOLDER, TRUTH, import_list

FILES = [
    ("telecom", "telecom.xlsx"),
    ("telecom", "telecom.xls"),
    ("telecom", "telecom_gb18030.csv"),
    ("rail", "rail.xlsx"),
    ("command", "command.xlsx"),
]


def run_import(app: Flask, kind: str, name: str, phone: str, tmp_path: Any) -> dict[str, Any]:
    arguments = ["lists", "import", kind, str(FOLDER / name), "--as", phone, "--json", "--out", str(tmp_path)]
    result = app.test_cli_runner().invoke(args=arguments)
    assert result.exit_code == 0, result.output
    printed: dict[str, Any] = json.loads(result.stdout)
    return printed


@pytest.mark.parametrize(("kind", "name"), FILES)
def test_the_command_agrees_with_the_truth_to_the_row(
    app: Flask, make: Factories, kind: str, name: str, tmp_path: Any
) -> None:
    phone = make.account(Role.CITY_ADMIN).phone
    db.session.commit()
    truth = TRUTH[name]
    printed = run_import(app, kind, name, phone, tmp_path)
    assert printed["rows"] == truth["rows"]
    assert printed["filtered_out"] == truth.get("filtered_out", 0)
    assert printed["duplicates"] == truth.get("duplicates", 0)
    sound = truth.get("sound", truth.get("must_screen", truth["rows"]))
    assert printed["new"] == sound
    rejected = {key.removeprefix("rejected_"): n for key, n in truth.items() if key.startswith("rejected_")}
    assert printed["rejected"] == rejected
    if "dispatch" in truth:
        dispatch = dict(truth["dispatch"])
        assert printed["undispatched"] == dispatch.pop("undispatched", 0)
        assert printed["dispatched"] == dispatch
    in_list = db.session.execute(select(func.count()).select_from(ScreeningEntry)).scalar_one()
    assert in_list == sound
    assert db.session.execute(select(func.count()).select_from(ImportRow)).scalar_one() == 0


def test_rail_passengers_are_spread_evenly_and_alike_each_time(app: Flask, make: Factories) -> None:
    city = make.account(Role.CITY_ADMIN)
    batch = import_list("rail", FOLDER / "rail.xlsx", city)
    dealt = batch.counts["dispatched"]
    assert set(dealt) <= {record.code for record in districts(load_profile("zhengzhou"))}
    assert max(dealt.values()) - min(dealt.values()) <= 1 and sum(dealt.values()) == 110


def test_the_same_file_twice_makes_no_second_row(app: Flask, make: Factories) -> None:
    city = make.account(Role.CITY_ADMIN)
    import_list("telecom", FOLDER / "telecom.xlsx", city)
    again = import_list("telecom", FOLDER / "telecom.xlsx", city)
    assert again.state is BatchState.IMPORTED
    assert (again.counts["new"], again.counts["already_there"], again.counts["duplicates"]) == (0, 601, 20)
    assert db.session.execute(select(func.count()).select_from(ScreeningEntry)).scalar_one() == 601


def test_the_rejected_file_imports_again_as_it_is(app: Flask, make: Factories) -> None:
    city = make.account(Role.CITY_ADMIN)
    batch = import_list("telecom", FOLDER / "telecom.xlsx", city)
    with files.on_disk(batch.rejected_file_id) as path:
        again = import_list("telecom", path, city)
    assert again.state is BatchState.IMPORTED
    assert again.counts["rejected"] == batch.counts["rejected"]
    assert again.counts["new"] == 0
