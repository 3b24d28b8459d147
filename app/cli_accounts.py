"""What commands share that act as an account: who it is, and how a refusal is told."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from sqlalchemy import select

from app.access import everything
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db
from app.models import Account

P = ParamSpec("P")
R = TypeVar("R")


def refusals_to_stderr(command: Callable[P, R]) -> Callable[P, R]:
    """A rule that says no is a message and exit status 1, not a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except DomainError as fault:
            click.echo(str(fault), err=True)
            sys.exit(1)

    return run


def account_of(phone: str) -> Account:
    """The account that a command acts as. Error: account."""
    with everything("who acts decides the scope"):
        found = db.session.execute(select(Account).where(Account.username == phone)).scalar_one_or_none()
    if found is None or not found.is_active:
        raise DomainError(N_("没有可用的账号：%(phone)s"), code="account", phone=phone)
    return found
