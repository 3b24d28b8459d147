"""What starts a browser, servers or workers, and what fills in many rows, is one test process's work."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shares import share_of

TESTS = Path(__file__).parents[1]
COSTLY = ("browser/test_every_page.py", "runtime/test_run.py", "jobs/test_codes.py", "guards/test_matrix.py")


@pytest.mark.parametrize("path", [*COSTLY, "services/test_demo.py"])
def test_what_is_costly_to_set_up_is_not_divided(path: str) -> None:
    assert (TESTS / path).is_file()
    assert share_of(f"tests/{path}::test_one[sqlite]") == share_of(f"tests/{path}::test_other[postgresql]")


def test_tests_of_one_browser_and_one_site_stay_together() -> None:
    assert len({share_of(f"tests/browser/{path.name}::test") for path in (TESTS / "browser").glob("test_*.py")}) == 1


def test_any_other_test_goes_to_whoever_is_free() -> None:
    assert share_of("tests/domain/test_health.py::test_one") != share_of("tests/domain/test_health.py::test_other")
