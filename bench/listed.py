"""Rows of a screening list, made inside PostgreSQL: what the benchmarks of its page and its export read.

As in bench/data.py, ciphertexts are a few real ones repeated, and blind indexes are distinct.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Flask
from sqlalchemy import Connection, text

from app import clock
from app.access import everything
from app.domain.dispatch import UndispatchedReason
from app.domain.documents import DocumentType
from app.domain.screening import STATUSES, initial_status
from app.extensions import db
from app.models.encryption import key_ring
from app.profiles import districts, load_profile
from app.services.lists import ScreeningList
from bench.data import SETTINGS

_CIPHERTEXTS = 40
_SURNAMES, _GIVEN = list("王李张刘陈杨赵黄周吴"), list("伟芳娜敏静丽强磊军洋")
# Numbers that look like chance and are the same every time.
_DICE = "(hashint4(i) & 2147483647)"
_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE schemaname = current_schema() AND tablename = 'screening_entry' AND indexname <> 'pk_screening_entry'"""
# One row in forty waits at the city for its district; compounds come in no order, as in a list.
_ROWS = f"""
INSERT INTO screening_entry (kind, source, category, identity_index, listed_on, name, document_type, document_number,
    document_index, phone, phone_index, particulars, status, area_code, venue_id, undispatched_reason, dispatched_at,
    created_at, updated_at, version, worked_at)
SELECT :kind, :source, (CAST(:categories AS text[]))[1 + i % greatest(cardinality(CAST(:categories AS text[])), 1)],
    decode(lpad(to_hex(i), 32, '0'), 'hex'), CAST(:today AS date) - i % 30,
    (CAST(:surnames AS text[]))[1 + i % 10] || (CAST(:given AS text[]))[1 + {_DICE} % 10]
    || (CAST(:given AS text[]))[1 + {_DICE} / 16 % 10],
    :document_type, (CAST(:documents AS bytea[]))[1 + i % :ciphertexts], decode(lpad(to_hex(i), 32, 'a'), 'hex'),
    (CAST(:phones AS bytea[]))[1 + i % :ciphertexts], decode(lpad(to_hex(i), 32, 'b'), 'hex'),
    (CAST(:particulars AS bytea[]))[1 + i % :ciphertexts],
    CASE WHEN is_new OR waits THEN :first
        ELSE (CAST(:statuses AS text[]))[1 + {_DICE} % cardinality(CAST(:statuses AS text[]))] END,
    CASE WHEN waits THEN :city
        ELSE coalesce(v.area_code, (CAST(:districts AS text[]))[1 + i % cardinality(CAST(:districts AS text[]))]) END,
    CASE WHEN NOT waits THEN v.id END, CASE WHEN waits THEN :reason END,
    CASE WHEN NOT waits THEN CAST(:now AS timestamptz) END, :now, :now, 1,
    CASE WHEN NOT is_new AND NOT waits THEN CAST(:now AS timestamptz) END
FROM (
    SELECT i, i % 3 = 0 AS is_new, :has_tray AND i % 40 = 7 AS waits
    FROM generate_series(CAST(:from AS int), CAST(:until AS int)) AS i
) AS numbered
LEFT JOIN (SELECT id, area_code, row_number() OVER (ORDER BY id) - 1 AS place FROM venue) v
    ON :by_compound AND v.place = {_DICE} % (SELECT count(*) FROM venue)"""


def fill(app: Flask, declared: ScreeningList, count: int, *, begin: int = 1) -> None:
    """The list has rows `begin` to `count`; the tables are analysed."""
    with app.app_context(), everything("a benchmark sets itself up"):
        with db.engine.begin() as connection:
            _insert(connection, app, declared, (begin, count))
        _analyse()


def refill(app: Flask, declared: ScreeningList, count: int) -> None:
    """The list has so many rows, and no other list has any; indexes are made afterwards, which takes a third of the time."""
    with app.app_context(), everything("a benchmark sets itself up"):
        with db.engine.begin() as connection:
            connection.execute(text("TRUNCATE screening_entry CASCADE"))
            indexes = connection.execute(text(_INDEXES)).all()
            for name, _definition in indexes:
                connection.execute(text(f"DROP INDEX {name}"))
            _insert(connection, app, declared, (1, count))
            for _name, definition in indexes:
                connection.execute(text(definition))
        _analyse()


def _insert(connection: Connection, app: Flask, declared: ScreeningList, span: tuple[int, int]) -> None:
    for statement in SETTINGS:
        connection.execute(text(statement))
    connection.execute(text(_ROWS), {**_parameters(app, declared), "from": span[0], "until": span[1]})


def _analyse() -> None:
    db.session.remove()  # whoever still reads keeps old rows from being told visible to all
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE screening_entry"))


def _parameters(app: Flask, declared: ScreeningList) -> dict[str, Any]:
    ring, kind, moment = key_ring(), declared.row_kind, clock.now()
    profile = load_profile(app.config["REGION"])
    others = [{key: f"{column.title}{at}" for key, column in _texts(declared)} for at in range(_CIPHERTEXTS)]
    sealed = [ring.encrypt(json.dumps(each, ensure_ascii=False), "screening_entry.particulars") for each in others]
    documents = [f"41010219{60 + at}0101{at:02d}10" for at in range(_CIPHERTEXTS)]
    return {
        "kind": kind.name,
        "source": declared.created_as.name,
        "categories": [each.name for each in declared.category.choices] if declared.category else [],
        "surnames": _SURNAMES,
        "given": _GIVEN,
        "document_type": DocumentType.ID_CARD.name,
        "documents": [ring.encrypt(number, "screening_entry.document_number") for number in documents],
        "phones": [ring.encrypt(f"139{at:08d}", "screening_entry.phone") for at in range(_CIPHERTEXTS)],
        "particulars": sealed,
        "ciphertexts": _CIPHERTEXTS,
        "first": initial_status(kind).name,
        "statuses": [status.name for status in STATUSES[kind]],
        "districts": [record.code for record in districts(profile)],
        "by_compound": declared.by_area or declared.rows_of is not None,
        "city": profile.area_code,
        "has_tray": declared.rows_of is None,
        "reason": UndispatchedReason.NO_DISTRICT.name,
        "today": clock.local_date(moment, profile.zone),
        "now": moment,
    }


def _texts(declared: ScreeningList) -> list[tuple[str, Any]]:
    """The columns of the sheet that a row keeps together, but those that are no text."""
    columns = {column.key: column for column in declared.sheet.columns}
    return [(key, columns[key]) for key in declared.particulars if columns[key].check.kind == "text"]
