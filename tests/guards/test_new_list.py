"""A list more is one declaration and its texts, exactly as docs/lists.md shows (issue 4)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def shown_changes() -> Iterator[tuple[str, list[str]]]:
    """Each file that docs/lists.md names, with its lines: a blank before what is there, a plus before what is new."""
    example = (ROOT / "docs" / "lists.md").read_text(encoding="utf-8").partition("```diff\n")[2].partition("\n```")[0]
    for piece in example.removeprefix("--- ").split("\n--- "):
        name, *lines = piece.split("\n")
        yield name, lines


def changed(before: list[str], lines: list[str]) -> list[str]:
    """The file with each group of new lines below the one line that stands above it."""
    after, at = list(before), 0
    for is_new, group in groupby(lines, key=lambda line: line.startswith("+")):
        texts = [line[1:] for line in group]
        if is_new:
            after[at:at] = texts
        else:
            assert after.count(texts[-1]) == 1, f"docs/lists.md names a line that is not there once: {texts[-1]}"
            at = after.index(texts[-1]) + 1
    return after


def copy_with_the_list(folder: Path) -> None:
    """The program in the folder, linked file by file, but for what docs/lists.md changes."""
    changes: Mapping[str, list[str]] = dict(shown_changes())
    real = {parent for name in changes for parent in Path(name).parents}
    for directory in sorted(real):
        (folder / directory).mkdir(exist_ok=True)
        for entry in (ROOT / directory).iterdir():
            inside = directory / entry.name
            if inside not in real and str(inside) not in changes:
                (folder / inside).symlink_to(entry)
    for name, lines in changes.items():
        source = ROOT / name
        before = source.read_text(encoding="utf-8").split("\n") if source.exists() else []
        (folder / name).write_text("\n".join(changed(before, lines)), encoding="utf-8")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, redis_server: str) -> dict[str, Any]:
    """What the command and the pages of such a program say; nothing of it is left but in the folder."""
    program, data = tmp_path_factory.mktemp("program"), tmp_path_factory.mktemp("data")
    copy_with_the_list(program)
    command = [sys.executable, "-m", "tests.guards.new_list", str(data), redis_server]
    # Compiled modules are shared with the program that the copy links to: it reads them and leaves none.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=program, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_a_declared_list_is_imported_and_dispatched_by_its_rule(seen: Mapping[str, Any]) -> None:
    assert seen["kind"] == {"kind": "trade_fair", "aliases": [], "title": "展会来访人员排查"}
    printed = seen["import"]
    counts = [printed[key] for key in ("rows", "new", "undispatched")]
    assert counts == [5, 4, 1]
    assert printed["dispatched"] == {"金水区": 2, "中原区": 1}
    assert sum(printed["rejected"].values()) == 1


def test_a_declared_list_waits_on_the_first_page_and_is_worked_on(seen: Mapping[str, Any]) -> None:
    assert "展会来访人员排查 待处理 2" in seen["first page"]
    assert "共 3 条" in seen["district"] and "已联系，情况正常" in seen["district"]
    assert "展会来访人员排查 金水区 已联系，情况正常" in seen["card"]
    assert "2 未反馈 1 已反馈 3 全部" in seen["phone"]


def test_a_declared_list_counts_in_the_completion_and_leaves_as_a_file(seen: Mapping[str, Any]) -> None:
    assert "展会来访人员排查 4 1 3 0 25.00%" in seen["statistics"]
    exported = seen["export"]
    assert "参展单位" in exported and "第一机械厂" in exported and "韩雪梅" not in exported
    assert seen["template"] == 200
