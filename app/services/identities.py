"""The identities that a phone has registered before (Z-S3). The phone holds a random key, we hold its blind index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.sql.expression import ClauseElement

from app.domain.masking import mask_document, mask_name
from app.extensions import db
from app.models import Person, Registration, RememberedIdentity
from app.models.encryption import key_ring
from app.services.prepared import Prepared
from app.services.transaction import transactional

_IDENTITIES = RememberedIdentity.__table__
_MOST = 20
# A phone remembers a person once, with the last form.
KEY, RENEWED = ("device_index", "person_id"), ("registration_id", "last_used_at")


@dataclass(frozen=True)
class KnownIdentity:
    """One line of 「登记信息确认」: a key that is worth nothing on another phone, and what may be shown."""

    id: int
    masked_name: str
    masked_document: str


def device_index(device: str) -> bytes:
    """Return the blind index of a phone's key."""
    return key_ring().blind_index("device", device)


def known_on(index: bytes) -> list[KnownIdentity]:
    """Return the identities of one phone, the last registered first; the names are those typed on that phone."""
    query = (
        select(_IDENTITIES.c.id, Registration.__table__.c.name, Person.__table__.c.document_number)
        .join(Registration.__table__, Registration.__table__.c.id == _IDENTITIES.c.registration_id)
        .join(Person.__table__, Person.__table__.c.id == _IDENTITIES.c.person_id)
        .where(_IDENTITIES.c.device_index == index)
        .order_by(_IDENTITIES.c.created_at.desc(), _IDENTITIES.c.id.desc())
        .limit(_MOST)
    )
    return [
        KnownIdentity(row.id, mask_name(row.name), mask_document(row.document_number))
        for row in db.session.execute(query)
    ]


@transactional
def forget(identity_id: int, index: bytes) -> None:
    """Make this phone, and no other, forget an identity; what was registered stays."""
    db.session.execute(delete(_IDENTITIES).where(_IDENTITIES.c.id == identity_id, _IDENTITIES.c.device_index == index))


def _remember(dialect: Any) -> ClauseElement:
    given = {column.name: bindparam(column.name, type_=column.type) for column in _IDENTITIES.c if column.name != "id"}
    statement = dialect.insert(_IDENTITIES).values(given)
    remembered: ClauseElement = statement.on_conflict_do_update(
        index_elements=KEY, set_={name: statement.excluded[name] for name in RENEWED}
    )
    return remembered


REMEMBER = Prepared(_remember)


def remember(index: bytes, *, person_id: int, registration_id: int, moment: datetime) -> None:
    """Make a phone remember a person, with the form it filled in last; part of the transaction in hand."""
    values = identity_values(index, person_id=person_id, registration_id=registration_id, moment=moment)
    REMEMBER.run(db.session.connection(), values)


def identity_values(index: bytes, *, person_id: int, registration_id: int, moment: datetime) -> dict[str, Any]:
    """Return the row by which a phone remembers a person."""
    return {
        "device_index": index,
        "person_id": person_id,
        "registration_id": registration_id,
        "created_at": moment,
        "last_used_at": moment,
    }
