"""Files that are not what they should be: a clear message, soon, and nothing left behind (issue 1.4)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.domain.roles import Role
from app.extensions import db
from app.models import BatchState, ImportBatch, ScreeningEntry
from tests.factories import Factories
from tests.spreadsheets import test_hostile_files as hostile

SECONDS = 10
FILES: list[tuple[Callable[[Path], None], str, str]] = [
    (hostile.zip_bomb, "list.xlsx", "文件压缩得不正常，解开后会过大，已拒绝读取"),
    (hostile.cell_in_the_last_corner, "list.xlsx", "超出了允许的 200 列"),
    (hostile.encrypted_workbook, "list.xlsx", "文件已加密，请取消密码后重新上传"),
    (hostile.picture, "list.xlsx", "不是表格，请另存为 .xlsx 后重试"),
    (hostile.cut_workbook, "list.xlsx", "文件已损坏或格式不正确，无法读取"),
    (hostile.huge_file, "list.xlsx", "文件过大，无法读取，请拆分后分次导入（单个文件不超过 150 MB）"),
    (hostile.bytes_of_no_encoding, "list.csv", ""),
    (hostile.one_open_quote, "list.csv", ""),
]


@pytest.mark.parametrize(("write", "name", "message"), FILES, ids=[write.__name__ for write, *_rest in FILES])
def test_the_command_refuses_a_hostile_file(
    app: Flask, make: Factories, tmp_path: Path, write: Callable[[Path], None], name: str, message: str
) -> None:
    phone = make.account(Role.CITY_ADMIN).phone
    db.session.commit()
    write(tmp_path / name)
    started = time.monotonic()
    result = app.test_cli_runner().invoke(args=["lists", "import", "telecom", str(tmp_path / name), "--as", phone])
    assert time.monotonic() - started < SECONDS
    assert (result.exit_code, result.stdout) == (1, "")
    assert message in result.stderr and result.stderr.strip()
    states = db.session.execute(select(ImportBatch.state)).scalars().all()
    assert set(states) <= {BatchState.FAILED}
    assert db.session.execute(select(func.count()).select_from(ScreeningEntry)).scalar_one() == 0
