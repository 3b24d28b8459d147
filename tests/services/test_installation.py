"""The first account of an installation."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from app.domain.roles import Role
from app.extensions import db
from app.models import Account
from app.services import demo, passwords


def test_the_first_administrator_signs_in_once_with_the_printed_password(app: Flask) -> None:
    runner = app.test_cli_runner()
    result = runner.invoke(args=["accounts", "create-administrator", "13800001234", "系统员"])
    assert result.exit_code == 0
    account = db.session.execute(select(Account)).scalar_one()
    assert (account.role, account.must_change_password) == (Role.SYSTEM_ADMIN, True)
    assert passwords.is_right(account, result.output.strip())
    again = runner.invoke(args=["accounts", "create-administrator", "13800001234", "系统员"])
    assert again.exit_code == 1
    assert "该手机号已有账号" in again.output


def test_the_area_tree_is_loaded_by_command(app: Flask) -> None:
    assert "areas" in app.test_cli_runner().invoke(args=["areas", "load"]).output


def test_production_gets_no_demo_city(app: Flask) -> None:
    before = app.config["ENVIRONMENT"]
    app.config["ENVIRONMENT"] = "production"
    try:
        assert not demo.load()
        assert db.session.execute(select(Account)).first() is None
        assert demo.accounts() == demo.venues() == []
    finally:
        app.config["ENVIRONMENT"] = before
