"""Row policies of PostgreSQL: which rows of a table the scoped role reaches (ARCHITECTURE, "Row scope").

They say once more, to the database, what rules.py says to the ORM. A migration that makes a table calls `secure` for it;
a table without a policy has no rows for the scoped role. What a predicate says is frozen by the migrations that use it: to
say something else, add another and secure the table anew.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

SCOPED_ROLE = "epidemic_scoped"
POLICY, SIGHT = "row_scope", "row_sight"


def _value(name: str, cast: str = "text") -> str:
    """One setting of the transaction; unset is NULL."""
    return f"nullif(current_setting('app.{name}', true), '')::{cast}"


def _setting(name: str, cast: str = "text") -> str:
    """The same, read once a statement: a scalar subquery is no cost per row."""
    return f"(SELECT {_value(name, cast)})"


def _where(condition: str, then: str) -> str:
    """Both hold, and the planner takes it for half of the table.

    Of a range between two settings it would expect one row in 200, of two settings compared again one in 200; for the
    few rows that it then expected of a whole city it read every index over and over (4 minutes a page at a million
    rows). What the ORM adds says the same range with its values: from these it knows how many rows there are, and by
    these it finds them.
    """
    return f"CASE WHEN {condition} THEN {then} END"


_FROM, _TO = (f"area_code >= {_setting('area_from')}", f"area_code < {_setting('area_to')}")
_BELOW = _where(_FROM, _TO)
_BY_SECTOR = f"{_setting('reach')} = 'sector'"
_OF_SECTOR = _where(_BY_SECTOR, f"{_FROM} AND {_TO}")
# The cast outside makes it an array for ANY, which else would read the subquery's rows.
_IN_HAND = f"= ANY ({_setting('venue_ids', 'bigint[]')}::bigint[])"

AREA_ROWS = _where(f"{_setting('reach')} = 'area'", f"{_FROM} AND {_TO}")
# Subqueries are narrowed by the policies of their own tables, which is what makes these as strict as those.
VENUE_ROWS = (
    f"({AREA_ROWS}) OR venue_id {_IN_HAND} OR ({_OF_SECTOR} AND EXISTS (SELECT FROM venue v WHERE v.id = venue_id))"
)
VENUES = f"({AREA_ROWS}) OR id {_IN_HAND} OR ({_OF_SECTOR} AND kind = {_setting('venue_kind')})"
PEOPLE = (
    "EXISTS (SELECT FROM residency r WHERE r.person_id = person.id)"
    " OR EXISTS (SELECT FROM entry_record e WHERE e.person_id = person.id)"
)
ACCOUNTS = f"({AREA_ROWS}) OR id = {_setting('account_id', 'bigint')}"
AUDIT_EVENTS = _BELOW
MESSAGES = f"{_BELOW} AND {_setting('role')} IN ('AUDITOR', 'SYSTEM_ADMIN')"
FILES = "EXISTS (SELECT FROM import_batch b WHERE stored_file.id IN (b.file_id, b.rejected_file_id))"
PIECES = "EXISTS (SELECT FROM import_batch b WHERE stored_piece.file_id IN (b.file_id, b.rejected_file_id))"
OPEN = "true"
_PHOTO = "EXISTS (SELECT FROM appeal_photo p WHERE p.file_id = "
FILES_AND_PHOTOS = f"({FILES}) OR {_PHOTO}stored_file.id)"
PIECES_AND_PHOTOS = f"({PIECES}) OR {_PHOTO}stored_piece.file_id)"
APPEAL_PHOTOS = "EXISTS (SELECT FROM appeal a WHERE a.id = appeal_photo.appeal_id)"
# A person's colour: for whom the person, or evidence about the person, is in reach.
OF_KNOWN_PERSON = (
    "EXISTS (SELECT FROM person p WHERE p.document_index = {table}.document_index)"
    " OR EXISTS (SELECT FROM evidence e WHERE e.document_index = {table}.document_index)"
)
OWN_WORK = f"created_by_id = {_setting('account_id', 'bigint')}"
OF_OWN_ACCOUNT = f"account_id = {_setting('account_id', 'bigint')}"
COMPARISON_MATCHES = "EXISTS (SELECT FROM comparison c WHERE c.id = comparison_match.comparison_id)"
LOOK_UPS = f"account_id = {_setting('account_id', 'bigint')} OR {_setting('role')} IN ('AUDITOR', 'SYSTEM_ADMIN')"
AUDIT_CHECKS = f"{_setting('role')} IN ('AUDITOR', 'SYSTEM_ADMIN', 'CITY_ADMIN')"
# Names of areas are everybody's; whose area it is may add and name what lies in it.
AREAS_IN_HAND = (
    f"code >= {_setting('area_from')} AND code < {_setting('area_to')}"
    f" AND {_setting('role')} IN ('CITY_ADMIN', 'SYSTEM_ADMIN')"
)
_ROLE = f"coalesce({_value('role')}, '')"
_READS_LISTS = (
    f"{_ROLE} NOT IN ('FLIGHT_TEAM', 'HIGH_SPEED_RAIL_TEAM', 'RAILWAY_TEAM', 'DATA_REPORTER', 'MEDICAL_INSTITUTION')"
)
_WAY = (
    f"CASE {_ROLE} WHEN 'FLIGHT_TEAM' THEN 'PLANE' WHEN 'HIGH_SPEED_RAIL_TEAM' THEN 'HIGH_SPEED_RAIL'"
    " WHEN 'RAILWAY_TEAM' THEN 'TRAIN' END"
)
# Lists are counted to 10,000 rows on every page: what is the same for all rows (whether the account reads lists, and by
# area) is found out once a statement, so that a row costs two comparisons.
_LISTS_FROM = f"(SELECT CASE WHEN {_value('reach')} = 'area' AND {_READS_LISTS} THEN {_value('area_from')} END)"
_LISTS_BY_AREA = _where(f"area_code >= {_LISTS_FROM}", _TO)
_LISTS_BY_COMPOUND = (
    f"venue_id = ANY ((SELECT CASE WHEN {_READS_LISTS} THEN {_value('venue_ids', 'bigint[]')} END)::bigint[])"
)
_WAY_IN_HAND = f"(SELECT CASE WHEN {_value('reach')} = 'area' THEN {_WAY} END)"
_LISTS_BY_WAY = f"category = {_WAY_IN_HAND} AND kind = 'OVERSEAS_RETURNEE' AND {_BELOW}"
SCREENING_ENTRIES = f"({_LISTS_BY_AREA}) OR {_LISTS_BY_COMPOUND} OR ({_LISTS_BY_WAY})"
SCREENING_OUTCOMES = "EXISTS (SELECT FROM screening_entry e WHERE e.id = screening_outcome.entry_id)"
IMPORT_BATCHES = (
    f"{AREA_ROWS} AND ((SELECT {_ROLE}) NOT IN ('DATA_REPORTER', 'MEDICAL_INSTITUTION')"
    f" OR created_by_id = {_setting('account_id', 'bigint')})"
)
CODE_BATCHES = f"({AREA_ROWS}) OR ({_OF_SECTOR} AND kind = {_setting('venue_kind')})"
CODE_PRINTS = f"({AREA_ROWS}) OR ({_OF_SECTOR} AND EXISTS (SELECT FROM code_batch b WHERE b.id = code_print.batch_id))"
# A total carries its kind, so that a sector's rows are told without looking at its venues.
_TOTALS_OF_SECTOR = f"({VENUES}) AND {_BY_SECTOR}"
AREA_TOTALS = f"({AREA_ROWS}) OR ({_TOTALS_OF_SECTOR})"
VENUE_TOTALS = f"{AREA_TOTALS} OR ({VENUE_ROWS}) AND {_setting('reach')} = 'compounds'"
# Whoever may see an entry may see the form that it was made with, wherever that was filled in.
FORMS_OF_ENTRIES = (
    "EXISTS (SELECT FROM entry_record e"
    " WHERE e.person_id = registration.person_id AND e.registration_id = registration.id)"
)


def secure(
    connection: Connection, table: str, predicate: str | None, *, is_read_only: bool = False, seen: str | None = None
) -> None:
    """`table` shows the scoped role the rows of `predicate` only; none at all for None. SQLite has no such lock.

    `seen` are rows that may be read beside those, and not written.
    """
    if connection.dialect.name != "postgresql":
        return
    connection.execute(text(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"))
    for policy in (POLICY, SIGHT):
        connection.execute(text(f"DROP POLICY IF EXISTS {policy} ON {table}"))
    if predicate is not None:
        _permit(connection, POLICY, table, "SELECT" if is_read_only else "ALL", predicate)
    if seen is not None:
        _permit(connection, SIGHT, table, "SELECT", seen)


def _permit(connection: Connection, policy: str, table: str, command: str, predicate: str) -> None:
    rows = predicate.replace("{table}", table)
    # By literal characters: a colon in a cast is no parameter.
    connection.exec_driver_sql(f"CREATE POLICY {policy} ON {table} FOR {command} USING ({rows})")


def admit_role(connection: Connection) -> str | None:
    """The scoped role exists and reaches every secured table; else return what an administrator has to run.

    Policies stand without it: a table owner that may not create roles migrates all the same, and works with the first
    lock alone until somebody ran those lines and the next `db upgrade` completed the second.
    """
    if connection.dialect.name != "postgresql":
        return None
    user = connection.execute(text("SELECT quote_ident(current_user)")).scalar_one()
    create, grant = f"CREATE ROLE {SCOPED_ROLE} NOLOGIN", f"GRANT {SCOPED_ROLE} TO {user}"
    if not _role_exists(connection) and not _try(connection, create) and not _role_exists(connection):
        return f"{create}; {grant};"
    if not is_takeable(connection) and not (_try(connection, grant) and is_takeable(connection)):
        return f"{grant};"
    for statement in connection.execute(text(_MISSING)).scalars().all():
        connection.execute(text(statement))
    return None


def is_takeable(connection: Connection) -> bool:
    """Whether this connection may work as the scoped role."""
    return _try(connection, f"SET LOCAL ROLE {SCOPED_ROLE}", "SET LOCAL ROLE NONE")


def _role_exists(connection: Connection) -> bool:
    found = connection.execute(text("SELECT FROM pg_roles WHERE rolname = :role"), {"role": SCOPED_ROLE})
    return found.first() is not None


def _try(connection: Connection, *statements: str) -> bool:
    savepoint: Any = connection.begin_nested()
    try:
        for statement in statements:
            connection.execute(text(statement))
    except DBAPIError:
        savepoint.rollback()
        return False
    savepoint.commit()
    return True


# What the role lacks, as statements. Partitions are reached through their table and need nothing.
_MISSING = f"""
SELECT format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), '{SCOPED_ROLE}')
WHERE NOT has_schema_privilege('{SCOPED_ROLE}', current_schema(), 'USAGE')
UNION ALL
SELECT format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO %I', relname, '{SCOPED_ROLE}') FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relrowsecurity
AND NOT has_table_privilege('{SCOPED_ROLE}', oid, 'DELETE')
UNION ALL
SELECT format('GRANT USAGE ON SEQUENCE %I TO %I', relname, '{SCOPED_ROLE}') FROM pg_class
WHERE relnamespace = current_schema()::regnamespace
AND CASE WHEN relkind = 'S' THEN NOT has_sequence_privilege('{SCOPED_ROLE}', oid, 'USAGE') ELSE false END
UNION ALL
SELECT format('ALTER POLICY %I ON %I TO %I', policyname, tablename, '{SCOPED_ROLE}') FROM pg_policies
WHERE schemaname = current_schema() AND policyname IN ('{POLICY}', '{SIGHT}') AND NOT '{SCOPED_ROLE}' = ANY (roles)
"""
