"""Worker, Redis and database are killed in turn while sheets are imported; `KILL_ROUNDS` says how often."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.jobs.kill_rounds import ROOT

ROUNDS = os.environ.get("KILL_ROUNDS", "20")


def test_no_row_is_lost_or_doubled_whatever_is_killed() -> None:
    command = [sys.executable, "-m", "tests.jobs.kill_rounds", ROUNDS]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "none lost, none doubled" in done.stdout
