"""The scan of somebody whom this phone has registered before: one statement, because a stairwell waits (Z-S3).

The statement decides by the rules of domain/gate.py and records in one go. Where a scan would change more than the
entry records (a first tie, a status, a declared return), where a colour has ended that nobody has written down yet, or
where its page came before, it does nothing and the service of registrations takes over. tests/services compares
statement and rules over every combination. On PostgreSQL all who scan at one moment share the statement and its commit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import update

from app import clock
from app.domain.colors import Color
from app.domain.overseas import sighting_at
from app.domain.quarantine import QuarantineStatus, is_breach, is_in_quarantine
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import RememberedIdentity
from app.profiles import load_profile
from app.services import health_gate, registration
from app.services.scan_entries import Scan, ScanResult
from app.services.thread_connection import as_list, as_text, thread_connection
from app.services.together import Together
from app.services.transaction import transactional


def _names(members: Any) -> str:
    return ", ".join(f"'{member.name}'" for member in members)


_BINDING = _names(kind for kind in VenueKind if kind.binds)
_OBLIGED = _names(status for status in QuarantineStatus if is_in_quarantine(status))
_BREACHES = _names(status for status in QuarantineStatus if is_breach(status))


def _any(condition: str) -> str:
    """SQL that says 1 where `condition` holds for a row of the group; both databases read it."""
    return f"max(CASE WHEN {condition} THEN 1 ELSE 0 END)"


_STALE = timedelta(days=1)

# Everything below is put together from names of enums; values travel as parameters only.
_FOUND = f"""
    SELECT i.person_id, i.registration_id, g.name,
        CASE WHEN i.last_used_at < :stale THEN 1 ELSE 0 END AS is_stale,
        CASE WHEN g.is_returnee OR g.is_from_abroad THEN 1 ELSE 0 END AS has_return,
        count(r.id) AS ties,
        {_any("r.venue_id = :venue_id")} AS is_here,
        {_any(f"v.kind IN ({_BINDING})")} AS is_bound,
        {_any("r.venue_id = :venue_id AND r.status = 'NOT_ARRIVED'")} AS was_missing,
        CASE WHEN {_any(f"r.status IN ({_OBLIGED}) AND (r.is_key_area OR r.quarantine_since < :red_before)")} = 1
            THEN :late_color WHEN {_any(f"r.status IN ({_OBLIGED})")} = 1 THEN :early_color ELSE 'GREEN' END AS owed,
        {_any(f"r.status IN ({_OBLIGED}) AND r.is_key_area")} AS is_key_area,
        {_any(f"r.status IN ({_BREACHES})")} AS is_breach,
        coalesce(h.color, 'GREEN') AS health,
        CASE WHEN h.changes_at <= :moment THEN 1 ELSE 0 END AS has_changed
    FROM remembered_identity i
    JOIN registration g ON g.id = i.registration_id
    JOIN person p ON p.id = i.person_id
    LEFT JOIN health_state h ON h.document_index = p.document_index
    JOIN venue here ON here.id = :venue_id AND here.updated_at = :changed_at AND here.closed_at IS NULL
    LEFT JOIN residency r ON r.person_id = i.person_id AND r.ended_at IS NULL
    LEFT JOIN venue v ON v.id = r.venue_id
    WHERE i.id = :identity_id AND i.device_index = :device_index
    GROUP BY i.id, g.id, h.document_index"""
# Of what the quarantine and what the health code comes to.
_WORSE = " ".join(
    f"WHEN '{color.name}' IN (owed, health) THEN '{color.name}'"
    for color in sorted(Color, key=lambda color: color.severity)
)
_JUDGED = f"""
    SELECT person_id, registration_id, name, is_stale,
        CASE {_WORSE} END AS color,
        :venue_binds AND is_here = 0 AND is_bound = 1 AS is_refused,
        is_key_area = 1 AS is_key_area,
        :venue_binds AND is_breach = 1 AS is_breach,
        was_missing = 0 AND has_changed = 0 AND
            CASE WHEN :venue_binds THEN is_here = 1 OR is_bound = 1 ELSE ties > 0 OR has_return = 0 END AS is_plain
    FROM found"""
_ANSWER = "name, color, is_refused, is_key_area, is_stale, person_id"
_COLUMNS = (
    "id, recorded_at, venue_id, area_code, person_id, registration_id, source, outcome, color, is_key_area, is_breach,"
    " is_remote"
)

# PostgreSQL finds, decides and records in one statement, for all who scan at this moment.
_SCAN_TYPES = {
    "identity_id": "bigint",
    "device_index": "bytea",
    "venue_id": "bigint",
    "changed_at": "timestamptz",
    "venue_binds": "boolean",
    "is_remote": "boolean",
    "area_code": "varchar",
    "entry_id": "bigint",
    "moment": "timestamptz",
    "red_before": "date",
}
_REGION_TYPES = {"early_color": "varchar", "late_color": "varchar"}
_IN_TURN = {name: f"asked.{name}" for name in _SCAN_TYPES} | {
    name: f"${at}::{kind}" for at, (name, kind) in enumerate(_REGION_TYPES.items(), len(_SCAN_TYPES) + 1)
}
_IN_TURN["stale"] = f"(asked.moment - interval '{_STALE.days} day')"
_LISTS = ", ".join(f"${at}::{kind}[]" for at, kind in enumerate(_SCAN_TYPES.values(), 1))
_ON_POSTGRES = f"""WITH judged AS (
    SELECT asked.*, each.*
    FROM unnest({_LISTS}) WITH ORDINALITY AS asked ({", ".join(_SCAN_TYPES)}, place)
    CROSS JOIN LATERAL (WITH found AS ({_FOUND}){_JUDGED}) AS each
), entry AS (
    INSERT INTO entry_record ({_COLUMNS})
    SELECT entry_id, moment, venue_id, area_code, person_id, registration_id, 'SCAN',
        CASE WHEN is_refused THEN 'REFUSED' ELSE 'ADMITTED' END, color, is_key_area, is_breach, is_remote
    FROM judged WHERE is_plain
    ON CONFLICT (id) DO NOTHING RETURNING id)
SELECT place, {_ANSWER} FROM judged JOIN entry ON entry.id = entry_id"""
_POSTGRES_SQL = re.sub(r"(?<!:):(\w+)", lambda found: _IN_TURN[found[1]], _ON_POSTGRES).encode()
# SQLite finds and decides, then records, in one transaction.
_FIND_ON_SQLITE = f"""WITH found AS ({_FOUND}), judged AS ({_JUDGED})
SELECT {_ANSWER}, registration_id, is_breach FROM judged WHERE is_plain"""
_RECORD_ON_SQLITE = f"""INSERT INTO entry_record ({_COLUMNS})
    VALUES (?, ?, ?, ?, ?, ?, 'SCAN', ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"""
_Answer = tuple[str, str, bool, bool, bool, int]


def register_known(identity_id: int, scan: Scan) -> ScanResult | None:
    """Record the entry of a remembered identity; None where this phone does not know it (any more)."""
    return record_plain(identity_id, scan) or registration.register_known(identity_id, scan)


def record_plain(identity_id: int, scan: Scan) -> ScanResult | None:
    """Record the entry where it is all that the scan changes; None where it is not, and nothing was done."""
    if sighting_at(scan.venue.kind) is not None:
        return None  # it may change the screening of a returnee (Z-S5)
    values = _values(identity_id, scan)
    is_postgres = db.engine.dialect.name == "postgresql"
    answer = _on_postgres(values) if is_postgres else _on_sqlite(values)
    if answer is None:
        return None
    name, color, is_refused, is_key_area, is_stale, person_id = answer
    if is_stale:
        _mark_used(identity_id, scan.moment)
    return ScanResult(
        name=name,
        color=Color[color],
        is_refused=is_refused,
        is_key_area=is_key_area,
        recorded_at=scan.moment,
        is_remote=scan.is_remote,
        # Asked for the few who are not green.
        reason=health_gate.sentence_of(person_id, name=name, color=Color[color], moment=scan.moment) or "",
    )


def _values(identity_id: int, scan: Scan) -> dict[str, Any]:
    profile = load_profile(current_app.config["REGION"])
    today = clock.local_date(scan.moment, profile.zone)
    return {
        "identity_id": identity_id,
        "device_index": scan.device_index,
        "venue_id": scan.venue.id,
        "changed_at": scan.venue.changed_at,
        "venue_binds": scan.venue.kind.binds,
        "is_remote": scan.is_remote,
        "area_code": scan.venue.area_code,
        "entry_id": scan.entry_id,
        "moment": scan.moment,
        "red_before": today - timedelta(days=profile.quarantine.red_after_days),
        "early_color": profile.quarantine.early_color.name,
        "late_color": profile.quarantine.late_color.name,
        "stale": scan.moment - _STALE,
    }


def _on_postgres(values: dict[str, Any]) -> _Answer | None:
    together: Together[dict[str, Any], _Answer | None] | None = current_app.extensions.get("known_scans")
    if together is None:
        together = current_app.extensions.setdefault("known_scans", Together(_all_on_postgres))
    return together.ask(values)


def _all_on_postgres(asked: Sequence[dict[str, Any]]) -> list[_Answer | None]:
    """Record every scan that only adds its entry; None in the place of the others."""
    lists = [as_list([values[name] for values in asked]) for name in _SCAN_TYPES]
    region = [as_text(asked[0][name]) for name in _REGION_TYPES]
    answers: list[_Answer | None] = [None] * len(asked)
    for row in thread_connection().rows(b"known_scans", _POSTGRES_SQL, [*lists, *region]):
        place, name, color, is_refused, is_key_area, is_stale, person_id = (cell or b"" for cell in row)
        answers[int(place) - 1] = (
            name.decode(),
            color.decode(),
            is_refused == b"t",
            is_key_area == b"t",
            is_stale == b"1",
            int(person_id),
        )
    return answers


def _on_sqlite(values: dict[str, Any]) -> _Answer | None:
    moment = _stored(values["moment"])
    asked = values | {"red_before": values["red_before"].isoformat()}
    asked |= {name: _stored(values[name]) for name in ("stale", "changed_at")}
    asked["moment"] = moment
    with closing(db.engine.raw_connection()) as pooled:
        connection = pooled.driver_connection
        assert connection is not None
        connection.execute("BEGIN IMMEDIATE")  # a writer from the start: a reader that becomes one may be turned away
        row = connection.execute(_FIND_ON_SQLITE, asked).fetchone()
        if row is None:
            return None
        name, color, is_refused, is_key_area, is_stale, person_id, registration_id, is_breach = row
        where = (values["entry_id"], moment, values["venue_id"], values["area_code"], person_id, registration_id)
        outcome = "REFUSED" if is_refused else "ADMITTED"
        seen = (outcome, color, is_key_area, is_breach, values["is_remote"])
        added = connection.execute(_RECORD_ON_SQLITE, (*where, *seen)).rowcount
        connection.commit()
    return (name, color, bool(is_refused), bool(is_key_area), bool(is_stale), person_id) if added else None


def _stored(moment: datetime) -> str:
    """Return the moment as SQLAlchemy keeps it on SQLite."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


@transactional
def _mark_used(identity_id: int, moment: datetime) -> None:
    identities = RememberedIdentity.__table__
    db.session.execute(update(identities).where(identities.c.id == identity_id).values(last_used_at=moment))
