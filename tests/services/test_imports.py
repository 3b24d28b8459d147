"""The way of a list from its file to its districts (issue 1.4, Z-T1, Z-T2, Z-T4, Z-T13)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select, text

from app.domain.roles import Role
from app.extensions import db
from app.models import BatchState, ImportBatch, ImportRow, ScreeningEntry
from app.profiles import districts, load_profile
from app.services import files, imports, imports_checking, imports_entering
from app.services.imports_lease import LeaseLost, take_lease
from app.services.lists import list_named
from app.services.transaction import transaction
from tests.factories import Factories
from tests.lists import FOLDER, TRUTH, check_list, import_list

FILES = [
    ("telecom", "telecom.xlsx"),
    ("telecom", "telecom.xls"),
    ("telecom", "telecom_gb18030.csv"),
    ("rail", "rail.xlsx"),
    ("command", "command.xlsx"),
]


def run_command(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=words)


def run_import(app: Flask, kind: str, name: str, phone: str, tmp_path: Path) -> dict[str, Any]:
    arguments = ["lists", "import", kind, str(FOLDER / name), "--as", phone, "--json", "--out", str(tmp_path)]
    result = run_command(app, *arguments)
    assert result.exit_code == 0, result.output
    printed: dict[str, Any] = json.loads(result.stdout)
    return printed


@pytest.mark.parametrize(("kind", "name"), FILES)
def test_the_command_agrees_with_the_truth_to_the_row(
    app: Flask, make: Factories, kind: str, name: str, tmp_path: Path
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


def test_the_command_refuses_who_may_not_import(app: Flask, make: Factories, tmp_path: Path) -> None:
    phone = make.account(Role.DISTRICT_ADMIN, "410105").phone
    db.session.commit()
    result = run_command(app, "lists", "import", "telecom", str(FOLDER / "telecom.xls"), "--as", phone)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "您的账号不能导入「通管人员摸排」\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("lists", "import", "nothing", str(FOLDER / "telecom.xls"), "--as", "1"), "没有名为 nothing 的名单"),
        (("lists", "import", "telecom", str(FOLDER / "telecom.xls"), "--as", "1"), "没有可用的账号：1"),
        (("lists", "undo", "4711", "--as", "1"), "没有可用的账号：1"),
    ],
)
def test_the_command_says_what_is_wrong(app: Flask, words: tuple[str, ...], message: str) -> None:
    result = run_command(app, *words)
    assert result.exit_code == 1 and message in result.stderr


def test_the_command_takes_a_batch_back(app: Flask, make: Factories, tmp_path: Path) -> None:
    phone = make.account(Role.CITY_ADMIN).phone
    db.session.commit()
    batch = run_import(app, "telecom", "telecom.xls", phone, tmp_path)["batch"]
    result = run_command(app, "lists", "undo", str(batch), "--as", phone)
    assert json.loads(result.stdout) == {"batch": batch, "taken_back": 61}
    assert run_import(app, "telecom", "telecom.xls", phone, tmp_path)["new"] == 61


def test_the_command_empties_the_tray_of_a_batch(app: Flask, make: Factories, tmp_path: Path) -> None:
    phone = make.account(Role.CITY_ADMIN).phone
    db.session.commit()
    printed = run_import(app, "telecom", "telecom.xlsx", phone, tmp_path)
    words = ("lists", "dispatch", str(printed["batch"]))
    refused = run_command(app, *words, "远方区", "--as", phone)
    assert (refused.exit_code, refused.stderr) == (1, "请选择区县\n")
    result = run_command(app, *words, "高新区", "--as", phone)
    assert json.loads(result.stdout) == {"batch": printed["batch"], "dispatched": printed["undispatched"]}
    there = select(func.count()).where(ScreeningEntry.undispatched_reason.is_not(None))
    assert db.session.execute(there).scalar_one() == 0
    assert json.loads(run_command(app, *words, "高新区", "--as", phone).stdout)["dispatched"] == 0


def test_the_commands_name_their_lists(app: Flask) -> None:
    kinds = json.loads(run_command(app, "lists", "kinds", "--json").stdout)
    assert {"kind": "headquarters", "aliases": ["command"], "title": "指挥部排查名单"} in kinds


def test_no_personal_data_lies_open(app: Flask, make: Factories) -> None:
    batch = import_list("telecom", FOLDER / "telecom.xlsx", make.account(Role.CITY_ADMIN))
    entry = db.session.execute(
        select(ScreeningEntry).where(ScreeningEntry.document_index.is_not(None)).limit(1)
    ).scalar_one()
    stored = db.session.execute(text("SELECT phone, document_number, particulars FROM screening_entry")).all()
    pieces = db.session.execute(text("SELECT sealed FROM stored_piece")).all()
    whole = b"".join(bytes(cell) for row in (*stored, *pieces) for cell in row if cell is not None)
    assert entry.phone and entry.document_number
    for secret in (entry.phone, entry.document_number, "某路基站"):
        assert secret.encode() not in whole
    assert batch.sample == []


def test_a_check_that_lost_its_lease_writes_nothing_more(app: Flask, make: Factories) -> None:
    city = make.account(Role.CITY_ADMIN)
    with (FOLDER / "telecom.xls").open("rb") as stream:
        batch = imports.upload(list_named("telecom"), stream, name="telecom.xls", account=city, in_queue=False)
    lease = take_lease(batch.id, BatchState.CHECKING)
    take_lease(batch.id, BatchState.CHECKING)
    with pytest.raises(LeaseLost), transaction():
        lease.hold()
    imports.cancel(batch, account=city)
    imports_checking.check(batch.id)
    assert db.session.get_one(ImportBatch, batch.id, populate_existing=True).state is BatchState.CANCELLED
    assert db.session.execute(select(func.count()).select_from(ImportRow)).scalar_one() == 0


def test_rows_that_came_between_check_and_import_are_not_doubled(app: Flask, make: Factories) -> None:
    city = make.account(Role.CITY_ADMIN)
    first = check_list("telecom", FOLDER / "telecom.xls", city)
    import_list("telecom", FOLDER / "telecom.xls", city)
    imports.confirm(first, account=city, in_queue=False)
    imports_entering.import_batch(first.id)
    found = db.session.get_one(ImportBatch, first.id, populate_existing=True)
    assert (found.state, found.counts["new"], found.counts["already_there"]) == (BatchState.IMPORTED, 0, 61)
    assert found.counts["dispatched"] == found.counts["undispatched"] == {}
