"""What a process holds when it has only started: every worker and every web process pays for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

# What draws posters and codes, writes workbooks or migrates: more than 20 MB that most processes never use.
_LATER = ("alembic", "fontTools", "fpdf", "qrcode", "xlsxwriter")


def test_what_few_processes_use_is_loaded_when_they_use_it(tmp_path: Path) -> None:
    start = f"from app import create_app; create_app('test', SQLALCHEMY_DATABASE_URI='sqlite:///{tmp_path}/some.db')"
    told = f"import sys; {start}; print(sorted(set({_LATER}) & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert found.stdout.splitlines()[-1] == "[]"
