"""Texts that nobody knew are explained once: names of districts, results; for a file, in the tray, and from then on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.errors import DomainError
from app.domain.roles import Role
from app.domain.screening import NucleicTestResult
from app.extensions import db
from app.models import Account, AuditEvent, BatchState, ColumnMapping, ImportBatch
from app.services import column_mappings, imports, imports_checking, imports_entering, imports_values, tray
from app.services.audit import Actor
from app.services.lists import list_named
from app.services.value_mappings import Meaning
from tests.doubts import entries
from tests.factories import Factories, id_card, phone
from tests.lists import check_list, import_list
from tests.spreadsheets.workbooks import table

JINSHUI, OLD_NAME = "410105", "老金水"


@pytest.fixture
def city(app: Flask, make: Factories) -> Account:
    return make.account(Role.CITY_ADMIN)


def sheet(folder: Path, key: str, *rows: dict[str, Any]) -> Path:
    spec = list_named(key).sheet
    people = [{"listed_on": "2020-04-07", "name": "何晓明", "phone": phone(at), **row} for at, row in enumerate(rows)]
    cells = [[person.get(column.key, "") for column in spec.columns] for person in people]
    return table(folder / f"{key}.xlsx", *cells, header=[column.title for column in spec.columns])


def checked(key: str, path: Path, account: Account) -> ImportBatch:
    batch = check_list(key, path, account)
    db.session.refresh(batch)
    return batch


def check_again(batch: ImportBatch) -> ImportBatch:
    imports_checking.check(batch.id)
    db.session.refresh(batch)
    return batch


def places(*names: str) -> list[dict[str, str]]:
    return [{"station_district": name} for name in names]


def test_an_unknown_district_is_explained_before_the_import(city: Account, tmp_path: Path) -> None:
    path = sheet(tmp_path, "telecom", *places(OLD_NAME, " 老 金水", "金水区", "", "某地"))
    batch = checked("telecom", path, city)
    asked = [(each.title, each.text, each.rows) for each in imports_values.questions_of(batch)]
    assert asked == [("基站归属区县", OLD_NAME, 2), ("基站归属区县", "某地", 1)]
    imports_values.explain(batch, [Meaning("station_district", OLD_NAME, "金水区")], account=city)
    assert batch.state is BatchState.CHECKING and batch.counts["new"] == 0
    counts = check_again(batch).counts
    assert counts["dispatched"] == {JINSHUI: 3}
    assert counts["undispatched"] == {"NO_DISTRICT": 1, "UNKNOWN_DISTRICT": 1}
    assert [each.text for each in imports_values.questions_of(batch)] == ["某地"]
    imports.confirm(batch, account=city, in_queue=False)
    imports_entering.import_batch(batch.id)
    assert OLD_NAME in (entries(area_code=JINSHUI)[0].particulars or "")  # what was written stays
    later = sheet(tmp_path, "telecom", *places("", "", "", "", "", OLD_NAME))
    assert checked("telecom", later, city).counts["dispatched"] == {JINSHUI: 1}


def test_an_unknown_result_is_explained_and_its_rows_are_rejected_no_more(city: Account, tmp_path: Path) -> None:
    path = sheet(tmp_path, "nucleic", {"result": "弱阳"}, {"result": "阴性"})
    batch = checked("nucleic", path, city)
    assert batch.counts["rejected"] == {"choice": 1} and batch.rejected_file_id is not None
    (asked,) = imports_values.questions_of(batch)
    assert list(asked.targets) == [result.label for result in NucleicTestResult]
    imports_values.explain(batch, [Meaning("result", "弱阳", "待出结果")], account=city)
    assert check_again(batch).counts["rejected"] == {} and batch.rejected_file_id is None
    imports.confirm(batch, account=city, in_queue=False)
    imports_entering.import_batch(batch.id)
    assert sorted(row.status for row in entries()) == ["NEGATIVE", "PENDING"]


@pytest.mark.parametrize(
    "meanings",
    [
        [],
        [Meaning("station_district", OLD_NAME, "许昌市")],
        [Meaning("station_district", "没有问过", "金水区")],
        [Meaning("name", OLD_NAME, "金水区")],
    ],
    ids=["nothing", "no district of ours", "not asked", "another column"],
)
def test_only_what_was_asked_is_explained(city: Account, tmp_path: Path, meanings: list[Meaning]) -> None:
    batch = checked("telecom", sheet(tmp_path, "telecom", *places(OLD_NAME)), city)
    with pytest.raises(DomainError) as refused:
        imports_values.explain(batch, meanings, account=city)
    assert refused.value.code == "value"
    assert batch.state is BatchState.CHECKED


def test_rows_of_the_tray_that_name_a_place_alike_go_together(city: Account, tmp_path: Path) -> None:
    import_list("telecom", sheet(tmp_path, "telecom", *places(OLD_NAME, "老 金水", "某地", "")), city)
    first = entries()[0]
    assert tray.named_place(first) == OLD_NAME
    assert tray.dispatch_alike(first, district_code=JINSHUI, actor=Actor.of(city)) == 2
    db.session.expire_all()
    assert [row.is_dispatched for row in entries()] == [True, True, False, False]
    assert tray.named_place(entries()[3]) is None
    event = db.session.execute(select(AuditEvent).where(AuditEvent.action == "dispatch_alike")).scalar_one()
    assert event.changes == {"list": "telecom", "district": [None, "金水区"], "rows": 2}
    with pytest.raises(DomainError) as refused:
        tray.dispatch_alike(entries()[3], district_code=JINSHUI, actor=Actor.of(city))
    assert refused.value.code == "not_named"


def test_a_place_remembered_in_the_tray_holds_for_the_next_file_until_it_is_forgotten(
    city: Account, tmp_path: Path
) -> None:
    import_list("telecom", sheet(tmp_path, "telecom", *places(OLD_NAME)), city)
    tray.remember_place(entries()[0], district_code=JINSHUI, account=city)
    again = sheet(tmp_path, "telecom", *places("", OLD_NAME))
    assert checked("telecom", again, city).counts["dispatched"] == {JINSHUI: 1}
    row = db.session.execute(select(ColumnMapping)).scalar_one()
    column_mappings.forget(row, actor=Actor.of(city))
    assert checked("telecom", again, city).counts["dispatched"] == {}


def test_what_is_said_of_one_list_is_not_said_of_another(city: Account, tmp_path: Path) -> None:
    import_list("telecom", sheet(tmp_path, "telecom", *places(OLD_NAME)), city)
    tray.remember_place(entries()[0], district_code=JINSHUI, account=city)
    batch = checked("command", sheet(tmp_path, "command", {"target_district": OLD_NAME}), city)
    assert batch.counts["dispatched"] == {}


def test_an_unknown_street_of_the_police_may_mean_a_district(city: Account, tmp_path: Path) -> None:
    rows = [{"street": "某某路办事处", "document_number": id_card(1)}]
    batch = checked("police", sheet(tmp_path, "police", *rows), city)
    assert batch.counts["undispatched"] == {"UNKNOWN_STREET": 1}
    imports_values.explain(batch, [Meaning("street", "某某路办事处", "金水区")], account=city)
    assert check_again(batch).counts["dispatched"] == {JINSHUI: 1}


def test_texts_are_kept_sealed(city: Account, tmp_path: Path) -> None:
    batch = checked("telecom", sheet(tmp_path, "telecom", *places(OLD_NAME)), city)
    asked = db.session.connection().exec_driver_sql("SELECT unknown_values FROM import_batch").scalar_one()
    imports_values.explain(batch, [Meaning("station_district", OLD_NAME, "金水区")], account=city)
    told = db.session.connection().exec_driver_sql("SELECT told FROM column_mapping").scalar_one()
    assert all(word not in bytes(each) for each in (asked, told) for word in (OLD_NAME.encode(), b"station_district"))
