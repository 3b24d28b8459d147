"""The area tree in the database, loaded from the profile's official files (Z-A1)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, insert, select

from app.domain.areas import AreaLevel
from app.extensions import db
from app.models import Area
from app.profiles import Profile, load_areas
from app.services.transaction import transactional

_CHUNK = 500


@transactional
def load(profile: Profile) -> int:
    """Make the area table what the profile's files say, if it is empty; return how many nodes it has."""
    present = db.session.execute(select(func.count()).select_from(Area.__table__)).scalar_one()
    if present:
        return present
    records = [
        {
            "code": record.code,
            "official_code": record.official_code,
            "name": record.name,
            "level": record.level.name.lower(),
            "parent_code": record.parent_code,
            "aliases": list(record.aliases),
        }
        for record in load_areas(profile)
    ]
    for start in range(0, len(records), _CHUNK):
        db.session.execute(insert(Area.__table__), records[start : start + _CHUNK])
    return len(records)


def full_names(codes: Iterable[str], *, top: AreaLevel = AreaLevel.CITY) -> dict[str, str]:
    """Return the name of each area with those of the areas above it up to `top`, as one text: 郑州市中原区."""
    wanted = set(codes)
    lengths = [level.code_length for level in AreaLevel if level.code_length >= top.code_length]
    nodes = {code[:length] for code in wanted for length in lengths}
    rows = db.session.execute(select(Area.code, Area.name).where(Area.code.in_(nodes))).all()
    names = {row.code: row.name for row in rows}
    return {code: "".join(names.get(code[:length], "") for length in lengths if length <= len(code)) for code in wanted}
