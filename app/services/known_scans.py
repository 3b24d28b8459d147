"""The scan of somebody whom this phone has registered before: one statement, because a stairwell waits (Z-S3, issue 1.5).

The statement decides by the rules of domain/gate.py and records in one go; where a scan would change more than the
entry records (a first tie, a status, a declared return), it records nothing and says so. tests/services compares
statement and rules over every combination.
"""

from __future__ import annotations

import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from flask import current_app
from sqlalchemy import Engine, create_engine, update

from app import clock
from app.domain.colors import Color
from app.domain.quarantine import QuarantineStatus, is_breach, is_in_quarantine
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import RememberedIdentity
from app.profiles import load_profile
from app.services import registration, scan_entries
from app.services.scan_entries import Scan, ScanResult
from app.services.transaction import transactional


def _names(members: Any) -> str:
    return ", ".join(f"'{member.name}'" for member in members)


_BINDING = _names(kind for kind in VenueKind if kind.binds)
_OBLIGED = _names(status for status in QuarantineStatus if is_in_quarantine(status))
_BREACHES = _names(status for status in QuarantineStatus if is_breach(status))


def _any(condition: str) -> str:
    """SQL that says 1 where `condition` holds for a row of the group; both databases read it."""
    return f"max(CASE WHEN {condition} THEN 1 ELSE 0 END)"


# Everything below is put together from names of enums; values travel as parameters only.
_FOUND = f"""
    SELECT i.person_id, i.registration_id, i.last_used_at, g.name,
        CASE WHEN g.is_returnee OR g.is_from_abroad THEN 1 ELSE 0 END AS has_return,
        count(r.id) AS ties,
        {_any("r.venue_id = :venue_id")} AS is_here,
        {_any(f"v.kind IN ({_BINDING})")} AS is_bound,
        {_any("r.venue_id = :venue_id AND r.status = 'NOT_ARRIVED'")} AS was_missing,
        {_any(f"r.status IN ({_OBLIGED})")} AS is_obliged,
        {_any(f"r.status IN ({_OBLIGED}) AND r.quarantine_since < :red_before")} AS is_red,
        {_any(f"r.status IN ({_OBLIGED}) AND r.is_key_area")} AS is_key_area,
        {_any(f"r.status IN ({_BREACHES})")} AS is_breach
    FROM remembered_identity i
    JOIN registration g ON g.id = i.registration_id
    LEFT JOIN residency r ON r.person_id = i.person_id AND r.ended_at IS NULL
    LEFT JOIN venue v ON v.id = r.venue_id
    WHERE i.id = :identity_id AND i.device_index = :device_index
    GROUP BY i.id, g.id"""
_JUDGED = """
    SELECT person_id, registration_id, last_used_at, name,
        CASE WHEN is_red = 1 THEN 'RED' WHEN is_obliged = 1 THEN 'YELLOW' ELSE 'GREEN' END AS color,
        :venue_binds AND is_here = 0 AND is_bound = 1 AS is_refused,
        is_key_area = 1 AS is_key_area,
        :venue_binds AND is_breach = 1 AS is_breach,
        was_missing = 0 AND CASE WHEN :venue_binds THEN is_here = 1 OR is_bound = 1 ELSE ties > 0 OR has_return = 0 END AS is_plain
    FROM found"""
_ANSWER = "name, color, is_refused, is_key_area, is_plain, last_used_at"
_COLUMNS = (
    "id, recorded_at, venue_id, area_code, person_id, registration_id, source, outcome, color, is_key_area, is_breach"
)

# PostgreSQL finds, decides and records in one statement.
_POSTGRES = re.sub(
    r":(\w+)",
    r"%(\1)s",
    f"""WITH found AS ({_FOUND}), judged AS ({_JUDGED}), entry AS (
    INSERT INTO entry_record ({_COLUMNS})
    SELECT :entry_id, :moment, :venue_id, :area_code, person_id, registration_id, 'SCAN',
        CASE WHEN is_refused THEN 'REFUSED' ELSE 'ADMITTED' END, color, is_key_area, is_breach
    FROM judged WHERE is_plain
    ON CONFLICT (id) DO NOTHING RETURNING id)
SELECT {_ANSWER}, (SELECT count(*) FROM entry) FROM judged""",
)
# SQLite finds and decides, then records, in one transaction.
_SQLITE_FIND = (
    f"WITH found AS ({_FOUND}), judged AS ({_JUDGED}) "
    f"SELECT {_ANSWER}, person_id, registration_id, is_breach FROM judged"
)
_SQLITE_RECORD = f"""INSERT INTO entry_record ({_COLUMNS})
    VALUES (?, ?, ?, ?, ?, ?, 'SCAN', ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"""
_STALE = timedelta(days=1)


def register_known(identity_id: int, scan: Scan) -> ScanResult | None:
    """Record the entry of a remembered identity; None where this phone does not know it (any more)."""
    found = _record(_parameters(identity_id, scan))
    if found is None:
        return None
    name, color, is_refused, is_key_area, is_plain, last_used_at, added = found
    if not is_plain:
        return registration.register_known(identity_id, scan)
    if not added:
        return scan_entries.recorded(scan.entry_id)
    if scan.moment - _aware(last_used_at) > _STALE:
        _mark_used(identity_id, scan.moment)
    return ScanResult(
        name=name,
        color=Color[color],
        is_refused=bool(is_refused),
        is_key_area=bool(is_key_area),
        recorded_at=scan.moment,
    )


def _parameters(identity_id: int, scan: Scan) -> dict[str, Any]:
    profile = load_profile(current_app.config["REGION"])
    today = clock.local_date(scan.moment, profile.zone)
    return {
        "identity_id": identity_id,
        "device_index": scan.device_index,
        "venue_id": scan.venue.id,
        "venue_binds": scan.venue.kind.binds,
        "area_code": scan.venue.area_code,
        "entry_id": scan.entry_id,
        "moment": scan.moment,
        "red_before": today - timedelta(days=profile.quarantine.red_after_days),
    }


def _record(values: dict[str, Any]) -> tuple[Any, ...] | None:
    """Run the statement; once more after a broken connection, which is safe because the entry's id is given."""
    engine = _engine()
    run = _on_postgres if engine.dialect.name == "postgresql" else _on_sqlite
    try:
        return run(engine, values)
    except psycopg.OperationalError:
        engine.dispose()
        return run(engine, values)


def _on_postgres(engine: Engine, values: dict[str, Any]) -> tuple[Any, ...] | None:
    with closing(engine.raw_connection()) as connection:
        row: tuple[Any, ...] | None = connection.driver_connection.execute(_POSTGRES, values).fetchone()  # type: ignore[union-attr]
        return row


def _on_sqlite(engine: Engine, values: dict[str, Any]) -> tuple[Any, ...] | None:
    moment = values["moment"].astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    asked = values | {"red_before": values["red_before"].isoformat()}
    with closing(engine.raw_connection()) as pooled:
        connection = pooled.driver_connection
        assert connection is not None
        connection.execute("BEGIN IMMEDIATE")  # a writer from the start: a reader that becomes one may be turned away
        row = connection.execute(_SQLITE_FIND, asked).fetchone()
        added = 0
        if row is not None and row[4]:
            *_, person_id, registration_id, is_breach = row
            where = (values["entry_id"], moment, values["venue_id"], values["area_code"], person_id, registration_id)
            outcome = "REFUSED" if row[2] else "ADMITTED"
            added = connection.execute(_SQLITE_RECORD, (*where, outcome, row[1], row[3], is_breach)).rowcount
        connection.commit()
    return None if row is None else (*row[:6], added)


def _engine() -> Engine:
    """Return the engine of these statements: on PostgreSQL one that commits each of them and asks nothing before."""
    if db.engine.dialect.name != "postgresql":
        return db.engine
    engine: Engine | None = current_app.extensions.get("scan_engine")
    if engine is None:
        engine = create_engine(db.engine.url, isolation_level="AUTOCOMMIT", pool_size=5, max_overflow=20)
        current_app.extensions["scan_engine"] = engine
    return engine


def _aware(moment: datetime | str) -> datetime:
    """Return the moment as the drivers give it: aware from PostgreSQL, UTC text from SQLite."""
    return datetime.fromisoformat(moment).replace(tzinfo=UTC) if isinstance(moment, str) else moment


@transactional
def _mark_used(identity_id: int, moment: datetime) -> None:
    identities = RememberedIdentity.__table__
    db.session.execute(update(identities).where(identities.c.id == identity_id).values(last_used_at=moment))
