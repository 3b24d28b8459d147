"""Production does not work on a demo's database, whose accounts' password everybody knows."""

from __future__ import annotations

import pytest
from flask import Flask

from app import clock
from app.domain.roles import Role
from app.extensions import db
from app.models import Release
from app.runtime.refusal import refuse_demo
from config import ConfigurationError
from tests.factories import Factories


@pytest.mark.parametrize("what", ["city", "account"])
def test_a_demos_accounts_are_refused(app: Flask, make: Factories, what: str) -> None:
    app.config["ENVIRONMENT"] = "production"
    try:
        refuse_demo(app)
        if what == "city":
            db.session.add(Release(name="demo_city", loaded_at=clock.now()))
        else:
            make.account(Role.CITY_ADMIN).email = "demo-0@account.invalid"
        db.session.commit()
        with pytest.raises(ConfigurationError, match="DATABASE_URL names a database with the demo's accounts"):
            refuse_demo(app)
    finally:
        app.config["ENVIRONMENT"] = "test"
