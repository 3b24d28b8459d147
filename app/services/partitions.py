"""Monthly partitions of the entry records on PostgreSQL: made ahead of time, dropped whole when their time is over."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import text

from app.extensions import db
from app.models.entry import entry_id_floor
from app.services.transaction import transactional

_MONTHS_A_YEAR = 12


def _month(moment: datetime, offset: int) -> datetime:
    index = moment.year * _MONTHS_A_YEAR + moment.month - 1 + offset
    return datetime(index // _MONTHS_A_YEAR, index % _MONTHS_A_YEAR + 1, 1, tzinfo=UTC)


@transactional
def ensure_months(moment: datetime, *, before: int = 1, after: int = 3) -> list[str]:
    """Make the partitions of the months around `moment` that are missing; return the names of the new ones.

    Entry ids carry their time, so a month is a range of ids (models/entry.py). Nothing to do on SQLite.
    """
    if db.engine.dialect.name != "postgresql":
        return []
    made = []
    for offset in range(-before, after + 1):
        start, end = _month(moment, offset), _month(moment, offset + 1)
        name = f"entry_record_{start:%Y_%m}"
        present = db.session.execute(text("SELECT to_regclass(:name)"), {"name": name}).scalar()
        if present is None:
            low, high = entry_id_floor(start), entry_id_floor(end)
            db.session.execute(
                text(f"CREATE TABLE {name} PARTITION OF entry_record FOR VALUES FROM ({low}) TO ({high})")
            )
            made.append(name)
    return made
