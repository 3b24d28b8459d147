"""Many accounts from a file: every fault of a row is told, sound rows open accounts, and nothing twice (Z-A7)."""

from __future__ import annotations

import io
import json
import os
import signal
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import clock
from app.access import scope_of, using_scope
from app.domain.errors import DomainError
from app.domain.roles import Role
from app.domain.venues import VenueKind
from app.extensions import db
from app.jobs import account_imports as jobs
from app.models import Account, AccountImport, AccountImportState, AuditEvent, OutgoingMessage, StoredFile
from app.services import account_imports, account_states, accounts, asked_work
from app.spreadsheets.sources import CalamineWorkbook
from tests.factories import COMMUNITY, Factories

DISTRICT, STREET = "410102", "410102001"
HEADER = "手机号,姓名,角色,管辖区域,小区名称"


def sheet(*lines: str, header: str = HEADER) -> io.BytesIO:
    return io.BytesIO("\n".join([header, *lines]).encode())


def upload(account: Account, content: io.BytesIO) -> AccountImport:
    with using_scope(scope_of(account)):
        return account_imports.upload(content, name="账号.csv", account=account)


def bring(account: Account, content: io.BytesIO) -> AccountImport:
    """Upload, confirm and open, as the job does."""
    found = upload(account, content)
    account_imports.confirm(found, account=account, in_queue=False)
    jobs.run(found.id)
    return fresh(found.id)


def fresh(key: int) -> AccountImport:
    db.session.rollback()
    return db.session.get_one(AccountImport, key, populate_existing=True)


def by_phone(phone: str) -> Account | None:
    return db.session.execute(select(Account).where(Account.username == phone)).scalar_one_or_none()


def faults(found: AccountImport) -> dict[int, list[str]]:
    return {row["number"]: [column for column, _ in row["faults"]] for row in account_imports.preview_of(found)}


def test_a_district_opens_streets_and_compounds_from_one_sheet(app: Flask, make: Factories) -> None:
    sunny, moon = make.venue(name="阳光小区"), make.venue(name="月亮小区", area_code="410102001003")
    district = make.account(Role.DISTRICT_ADMIN, DISTRICT)
    found = bring(
        district,
        sheet(
            "13900139001,甲一,街道管理员,林山寨街道,",
            "139 0013 9002,乙二,,,阳光小区、月亮小区",
            "13900139003,丙三,小区管理员,," + moon.code,
            "13900139004,丁四,医疗机构,,",
        ),
    )
    assert (found.state, found.counts) == (AccountImportState.DONE, {"rows": 4, "new": 4, "created": 4})
    rows = {phone: by_phone(f"1390013900{phone}") for phone in (1, 2, 3, 4)}
    told = {phone: (row.role, row.area_code) for phone, row in rows.items() if row}
    assert told == {
        1: (Role.STREET_ADMIN, STREET),
        2: (Role.COMPOUND_ADMIN, STREET),
        3: (Role.COMPOUND_ADMIN, "410102001003"),
        4: (Role.MEDICAL_INSTITUTION, DISTRICT),
    }
    assert rows[2] and {link.venue_id for link in rows[2].venue_links} == {sunny.id, moon.id}
    sent = db.session.execute(select(OutgoingMessage)).scalars().all()
    assert {row.template for row in sent} == {"ACCOUNT_CREATED"} and len({row.phone for row in sent}) == 4
    assert len(db.session.execute(select(AuditEvent).where(AuditEvent.action == "appoint")).all()) == 4


@pytest.mark.parametrize(
    "named", ["410102001", "林山寨街道", "中原区林山寨街道", "中原区/林山寨街道", "郑州市中原区 林山寨街道"]
)
def test_an_area_is_named_by_code_or_by_its_names_from_above(app: Flask, make: Factories, named: str) -> None:
    found = upload(make.account(Role.DISTRICT_ADMIN, DISTRICT), sheet(f"13900139001,甲一,街道管理员,{named},"))
    assert found.counts == {"rows": 1, "new": 1}


def test_a_community_is_found_by_the_name_that_people_use(app: Flask, make: Factories) -> None:
    bring(make.account(Role.STREET_ADMIN, STREET), sheet("13900139001,甲一,社区管理员,碧沙岗社区,"))
    account = by_phone("13900139001")
    assert account is not None and account.area_code == COMMUNITY


def test_every_fault_of_a_row_is_told_and_the_sound_rows_enter(app: Flask, make: Factories) -> None:
    for area in (COMMUNITY, "410102001003"):
        make.venue(name="同名小区", area_code=area)
    make.venue(name="远方小区", area_code="410105001001")
    make.account(Role.DISTRICT_ADMIN, "410105", phone="13900139009")
    district = make.account(Role.DISTRICT_ADMIN, DISTRICT)
    found = upload(
        district,
        sheet(
            "12345,,街道管理员,经八路街道,",  # another district's street
            "13900139002,乙二,市管理员,,",
            "13900139003,丙三,小区管理员,,同名小区",
            "13900139004,丁四,小区管理员,,远方小区",
            "13900139009,戊五,街道管理员,林山寨街道,",
            "13900139006,己六,,,",
            "13900139007,庚七,街道管理员,林山寨街道,",
            "13900139007,庚七,街道管理员,林山寨街道,",
        ),
    )
    assert found.counts == {"rows": 8, "new": 1, "duplicate": 1, "rejected": 6}
    told = faults(found)
    assert told == {
        2: ["phone", "name", "area"], 3: ["role"], 4: ["compounds"], 5: ["compounds"], 6: ["phone"], 7: ["role"],
        8: [], 9: [],
    }  # fmt: skip
    assert "12345" not in json.dumps([row["cells"]["phone"] for row in account_imports.preview_of(found)][1:])
    account_imports.confirm(found, account=district, in_queue=False)
    jobs.run(found.id)
    assert fresh(found.id).counts["created"] == 1


def test_rejected_rows_come_back_with_their_reasons_and_enter_when_corrected(
    app: Flask, make: Factories, tmp_path: Path
) -> None:
    district = make.account(Role.DISTRICT_ADMIN, DISTRICT)
    found = upload(district, sheet("13900139001,甲一,街道管理员,无此街道,"))
    with using_scope(scope_of(district)):
        content = account_imports.rejected(found, account=district)
    path = tmp_path / "rejected.xlsx"
    path.write_bytes(content)
    cells = [cell for row in CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python() for cell in row]
    assert "管辖区域：请填写管辖范围内的区域" in cells and "13900139001" in cells


def test_the_same_file_twice_makes_no_second_account(app: Flask, make: Factories) -> None:
    city = make.account(Role.CITY_ADMIN)
    lines = ("13900139001,甲一,区县管理员,中原区", "13900139002,乙二,审计员,")
    first = bring(city, sheet(*lines, header="手机号,姓名,角色,管辖区域"))
    second = bring(city, sheet(*lines, header="手机号,姓名,角色,管辖区域"))
    assert first.counts["created"] == 2
    assert second.counts == {"rows": 2, "already_there": 2}
    assert len(db.session.execute(select(OutgoingMessage)).all()) == 2


def test_a_sector_is_named_by_its_label(app: Flask, make: Factories) -> None:
    bring(
        make.account(Role.CITY_ADMIN),
        sheet(f"13900139001,甲一,行业管理员,{VenueKind.BUS.label}", header="手机号,姓名,角色,行业"),
    )
    account = by_phone("13900139001")
    assert account is not None and account.venue_kind is VenueKind.BUS


@pytest.mark.parametrize("role", [role for role in Role if not role.appoints])
def test_who_appoints_nobody_imports_nobody(app: Flask, make: Factories, role: Role) -> None:
    with pytest.raises(DomainError) as refusal:
        upload(make.account(role, COMMUNITY), sheet("13900139001,甲一,小区管理员,,"))
    assert refusal.value.code == "role"


def test_a_suspended_importer_opens_nothing_more(app: Flask, make: Factories) -> None:
    city, district = make.account(Role.CITY_ADMIN), make.account(Role.DISTRICT_ADMIN, DISTRICT)
    found = upload(district, sheet("13900139001,甲一,街道管理员,林山寨街道,"))
    account_imports.confirm(found, account=district, in_queue=False)
    account_states.suspend(district, reason="离职", appointer=city)
    jobs.run(found.id)
    assert fresh(found.id).state is AccountImportState.FAILED
    assert by_phone("13900139001") is None


def test_a_phone_taken_meanwhile_is_counted_and_the_rest_goes_on(app: Flask, make: Factories) -> None:
    district = make.account(Role.DISTRICT_ADMIN, DISTRICT)
    first = make.venue(name="阳光小区")
    found = upload(district, sheet("13900139001,甲一,,,阳光小区", "13900139002,乙二,街道管理员,林山寨街道,"))
    account_imports.confirm(found, account=district, in_queue=False)
    first.closed_at = clock.now()
    db.session.commit()
    jobs.run(found.id)
    row = fresh(found.id)
    assert (row.state, row.counts["created"]) == (AccountImportState.DONE, 1)


def test_a_killed_job_goes_on_and_opens_each_account_once(app: Flask, make: Factories) -> None:
    district = make.account(Role.DISTRICT_ADMIN, DISTRICT)
    lines = [f"139001390{number:02d},某{number},街道管理员,林山寨街道," for number in range(5)]
    found = upload(district, sheet(*lines))
    account_imports.confirm(found, account=district, in_queue=False)
    key = found.id
    db.session.commit()
    worker = os.fork()
    if worker == 0:
        signal.alarm(30)
        db.session.remove()
        db.engine.dispose(close=False)
        jobs.run(key)
        os._exit(0)
    deadline = time.monotonic() + 20
    while not fresh(key).counts.get("created") and time.monotonic() < deadline:
        pass
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    before = fresh(key).counts["created"]
    assert 1 <= before < 5
    jobs.run(key)
    row = fresh(key)
    assert (row.state, row.counts["created"], row.counts.get("failed", 0)) == (AccountImportState.DONE, 5, 0)
    assert db.session.execute(select(func.count()).select_from(OutgoingMessage)).scalar_one() == 5


def test_a_silent_import_is_in_the_queue_again(app: Flask, make: Factories) -> None:
    district = make.account(Role.DISTRICT_ADMIN, DISTRICT)
    found = upload(district, sheet("13900139001,甲一,街道管理员,林山寨街道,"))
    account_imports.confirm(found, account=district, in_queue=False)
    found.heartbeat_at = clock.now() - asked_work.SILENCE * 2
    db.session.commit()
    assert asked_work.revive_silent() == 1
    assert fresh(found.id).attempts == 1


def test_the_file_goes_after_a_week_and_the_record_stays(app: Flask, make: Factories) -> None:
    found = upload(make.account(Role.DISTRICT_ADMIN, DISTRICT), sheet("13900139001,甲一,街道管理员,林山寨街道,"))
    assert asked_work.purge(clock.now() + timedelta(days=6)) == 0
    assert asked_work.purge(clock.now() + timedelta(days=8)) == 1
    row = fresh(found.id)
    assert (row.state, row.file_id, row.preview) == (AccountImportState.EXPIRED, None, None)
    assert db.session.execute(select(StoredFile)).all() == []


def test_the_preview_lies_sealed(app: Flask, make: Factories) -> None:
    upload(make.account(Role.DISTRICT_ADMIN, DISTRICT), sheet("13900139001,何晓明,街道管理员,林山寨街道,"))
    stored = db.session.execute(db.text("SELECT preview FROM account_import")).scalar_one()
    assert "何晓明".encode() not in bytes(stored)


def test_the_command_says_what_it_did(app: Flask, make: Factories, tmp_path: Path) -> None:
    phone = make.account(Role.DISTRICT_ADMIN, DISTRICT).phone
    db.session.commit()
    file = tmp_path / "accounts.csv"
    file.write_bytes(sheet("13900139001,甲一,街道管理员,林山寨街道,", "1,乙二,街道管理员,林山寨街道,").read())

    def run() -> Any:
        words = ["accounts", "import", str(file), "--as", phone, "--out", str(tmp_path), "--json"]
        return json.loads(app.test_cli_runner().invoke(args=words).stdout)

    first, second = run(), run()
    assert (first["rows"], first["created"], first["rejected"]) == (2, 1, 1)
    assert Path(first["rejected_file"]).stat().st_mode & 0o077 == 0
    assert (second["created"], second["already_there"]) == (0, 1)
    assert accounts.may_change(by_phone("13900139001"), by_phone(phone))  # type: ignore[arg-type]
