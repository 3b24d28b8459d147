"""The phones that show a code. A phone holds a random key, we hold its blind index; what it shows is found by that.

A phone that shows somebody's own code shows those of the relatives for whom that person applied (F-P4).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, exists, insert, literal, or_, select, update

from app.extensions import db
from app.models import HealthCode, HeldCode, Person, Relative
from app.models.types import UtcDateTime
from app.services.prepared import Prepared
from app.services.transaction import transactional

_CODES, _HELD, _PEOPLE, _RELATIVES = (model.__table__ for model in (HealthCode, HeldCode, Person, Relative))
_MOST = 20


@dataclass(frozen=True)
class ShownCode:
    """A code on a phone that holds it: `id` is worth nothing on another phone.

    `relative_id` is set where it is there for the sake of whoever applied for its owner, and not by its owner's phone.
    """

    id: int
    code_id: int
    number: str
    name: str
    document_index: bytes
    person_id: int
    relative_id: int | None = None

    @property
    def is_own(self) -> bool:
        """Whether the owner's phone has answered for this phone."""
        return self.relative_id is None


def held_on(device_index: bytes) -> list[ShownCode]:
    """Return the codes that a phone shows: its owners', then their relatives', the last added first."""
    order = (_HELD.c.relative_id.is_not(None), _HELD.c.id.desc())
    query = _shown().where(_HELD.c.device_index == device_index).order_by(*order).limit(_MOST)
    return [ShownCode(*row) for row in db.session.execute(query)]


def held(held_id: int, device_index: bytes) -> ShownCode | None:
    """Return one code of a phone; None where it is another's."""
    found = _ONE.run(db.session.connection(), {"held_id": held_id, "shown_on": device_index})
    return ShownCode(*found[0]) if found else None


def hold(code_id: int, device_index: bytes, *, moment: datetime) -> int:
    """Return the id under which this phone shows the code from now on as its owner's; part of the transaction in hand."""
    held_id = held_as(code_id, device_index)
    if held_id is None:
        values = {"code_id": code_id, "device_index": device_index, "created_at": moment}
        made: int = db.session.execute(insert(_HELD).values(**values)).inserted_primary_key[0]
        held_id = made
    else:
        db.session.execute(update(_HELD).where(_HELD.c.id == held_id).values(relative_id=None))
    show_relatives(code_id, moment=moment)
    return held_id


def held_as(code_id: int, device_index: bytes) -> int | None:
    """Return the id under which this phone shows the code; None where it does not."""
    query = select(_HELD.c.id).where(_HELD.c.code_id == code_id, _HELD.c.device_index == device_index)
    found: int | None = db.session.execute(query).scalar()
    return found


def show_relatives(code_id: int, *, moment: datetime) -> None:
    """Every phone of this code's owner shows the owner's relatives, as far as their codes go by the phones that answered.

    A relative who has moved the code to another phone is asked anew: by the application, as on any phone.
    """
    own, other, theirs = _HELD.alias(), _HELD.alias(), _CODES.alias()
    rows = (
        select(own.c.device_index, theirs.c.id, _RELATIVES.c.id, literal(moment, UtcDateTime()))
        .join(_CODES, _CODES.c.id == own.c.code_id)
        .join(_RELATIVES, _RELATIVES.c.applicant_id == _CODES.c.person_id)
        .join(
            theirs,
            (theirs.c.person_id == _RELATIVES.c.person_id) & (theirs.c.phone_index == _RELATIVES.c.phone_index),
        )
        .where(
            own.c.code_id == code_id,
            own.c.relative_id.is_(None),
            ~exists().where(other.c.device_index == own.c.device_index, other.c.code_id == theirs.c.id),
        )
    )
    columns = ["device_index", "code_id", "relative_id", "created_at"]
    db.session.execute(insert(_HELD).from_select(columns, rows))


@transactional
def forget(held_id: int, device_index: bytes) -> None:
    """This phone, and no other, shows the code no longer, nor its owner's relatives; the codes stay.

    A relative's own is not removed by itself (F20).
    """
    shown = held(held_id, device_index)
    if shown is not None and shown.is_own:
        on_phone = or_(_HELD.c.id == held_id, _HELD.c.relative_id.in_(_of_applicant(shown.person_id)))
        db.session.execute(delete(_HELD).where(_HELD.c.device_index == device_index, on_phone))


def forget_everywhere(code: HealthCode) -> None:
    """No phone shows the code, nor its owner's relatives, until it is opened there anew; part of the transaction in hand."""
    on_any = or_(_HELD.c.code_id == code.id, _HELD.c.relative_id.in_(_of_applicant(code.person_id)))
    db.session.execute(delete(_HELD).where(on_any))


def _of_applicant(person_id: int) -> Select[Any]:
    return select(_RELATIVES.c.id).where(_RELATIVES.c.applicant_id == person_id)


def _shown() -> Select[Any]:
    return (
        select(
            _HELD.c.id,
            _CODES.c.id,
            _CODES.c.number,
            _PEOPLE.c.name,
            _PEOPLE.c.document_index,
            _PEOPLE.c.id,
            _HELD.c.relative_id,
        )
        .join(_CODES, _CODES.c.id == _HELD.c.code_id)
        .join(_PEOPLE, _PEOPLE.c.id == _CODES.c.person_id)
    )


def _one(_dialect: Any) -> Select[Any]:
    return _shown().where(_HELD.c.id == bindparam("held_id"), _HELD.c.device_index == bindparam("shown_on"))


# Asked for every minute by every open page: building the statement took longer than running it.
_ONE = Prepared(_one)
