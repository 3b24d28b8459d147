"""The migrations make what the models say (issue 1.2): the next one that is generated holds nothing of before."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask_migrate import check
from sqlalchemy import text

from app.extensions import db


def test_the_tables_are_those_of_the_models(app: Flask) -> None:
    check()  # ends the program where a model and its table differ


@pytest.mark.parametrize("application", ["postgresql"], indirect=True)
def test_entries_lie_in_partitions_of_a_month_each(app: Flask) -> None:
    partitions = (
        "SELECT relname FROM pg_class JOIN pg_inherits ON inhrelid = oid WHERE inhparent = 'entry_record'::regclass"
    )
    names = set(db.session.execute(text(partitions)).scalars())
    months = {name for name in names if re.fullmatch(r"entry_record_\d{4}_\d{2}", name)}
    assert len(months) > 1
    assert names - months == {"entry_record_rest"}  # for what fits no month
