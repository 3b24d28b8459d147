"""The same application for the other region: green and orange, on a database of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import fresh_application


@pytest.fixture(scope="session", params=["sqlite"])
def application(data_dir: Path, redis_server: str) -> Flask:
    """REGION=fujian. What differs is data, so one database is enough; the other one runs the statement of a scan."""
    return fresh_application(f"sqlite:///{data_dir / 'province.db'}", data_dir, redis_server, REGION="fujian")
