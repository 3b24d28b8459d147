"""The phones that show a code. A phone holds a random key, we hold its blind index; what it shows is found by that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, insert, select

from app.extensions import db
from app.models import HealthCode, HeldCode, Person
from app.services.prepared import Prepared
from app.services.transaction import transactional

_CODES, _HELD, _PEOPLE = HealthCode.__table__, HeldCode.__table__, Person.__table__
_MOST = 20


@dataclass(frozen=True)
class ShownCode:
    """A code on a phone that holds it: `id` is worth nothing on another phone."""

    id: int
    code_id: int
    number: str
    name: str
    document_index: bytes


def held_on(device_index: bytes) -> list[ShownCode]:
    """Return the codes that a phone shows, the last added first."""
    query = _shown().where(_HELD.c.device_index == device_index).order_by(_HELD.c.id.desc()).limit(_MOST)
    return [ShownCode(*row) for row in db.session.execute(query)]


def held(held_id: int, device_index: bytes) -> ShownCode | None:
    """Return one code of a phone; None where it is another's."""
    found = _ONE.run(db.session.connection(), {"held_id": held_id, "shown_on": device_index})
    return ShownCode(*found[0]) if found else None


def hold(code_id: int, device_index: bytes, *, moment: datetime) -> int:
    """Return the id under which this phone shows the code from now on; part of the transaction in hand."""
    same = select(_HELD.c.id).where(_HELD.c.code_id == code_id, _HELD.c.device_index == device_index)
    known: int | None = db.session.execute(same).scalar()
    if known is not None:
        return known
    values = {"code_id": code_id, "device_index": device_index, "created_at": moment}
    made: int = db.session.execute(insert(_HELD).values(**values)).inserted_primary_key[0]
    return made


@transactional
def forget(held_id: int, device_index: bytes) -> None:
    """This phone, and no other, shows the code no longer; the code stays."""
    db.session.execute(delete(_HELD).where(_HELD.c.id == held_id, _HELD.c.device_index == device_index))


def _shown() -> Select[Any]:
    return (
        select(_HELD.c.id, _CODES.c.id, _CODES.c.number, _PEOPLE.c.name, _PEOPLE.c.document_index)
        .join(_CODES, _CODES.c.id == _HELD.c.code_id)
        .join(_PEOPLE, _PEOPLE.c.id == _CODES.c.person_id)
    )


def _one(_dialect: Any) -> Select[Any]:
    return _shown().where(_HELD.c.id == bindparam("held_id"), _HELD.c.device_index == bindparam("shown_on"))


# Asked for every minute by every open page: building the statement took longer than running it.
_ONE = Prepared(_one)
