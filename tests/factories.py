"""Rows for tests: plausible, unique, and as services would leave them."""

from __future__ import annotations

import itertools
import secrets
from datetime import date, datetime
from typing import Any

from werkzeug.security import generate_password_hash

from app import clock
from app.domain.documents import DocumentType
from app.domain.quarantine import Color, QuarantineStatus
from app.domain.roles import Role
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import (
    Account,
    AccountVenue,
    EntryOutcome,
    EntryRecord,
    EntrySource,
    Person,
    Registration,
    Residency,
    Venue,
)
from app.models.encryption import document_index, phone_index
from app.models.entry import new_entry_id

COMMUNITY = "410102001002"  # 中原区 / 林山寨街道 / 碧沙岗社区
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_numbers = itertools.count(1)


def id_card(serial: int, birth: str = "19900101", area: str = "410102") -> str:
    """Return a valid 18-digit number; different serials (0 to 999) give different numbers."""
    body = f"{area}{birth}{serial % 1000:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def phone(serial: int) -> str:
    """Return a valid mobile number; different serials give different numbers."""
    return f"139{serial:08d}"


class Factories:
    """Each method adds one row (with what it needs) and flushes it."""

    password = "Passw0rd-for-tests"
    _hash = generate_password_hash(password, method="pbkdf2:sha256:1")

    def _add(self, row: Any) -> Any:
        db.session.add(row)
        db.session.flush()
        return row

    def account(self, role: Role, area_code: str = "4101", *, venues: Any = (), **details: Any) -> Account:
        serial = next(_numbers)
        name = details.pop("phone", f"137{serial:08d}")
        account = self._add(
            Account(
                username=name,
                first_name=details.pop("name", f"{role.label}{serial}"),
                last_name="",
                email=f"{name}@account.invalid",
                password=self._hash,
                active=True,
                role=role,
                area_code=area_code,
                **details,
            )
        )
        for venue in venues:
            self._add(AccountVenue(account_id=account.id, venue_id=venue.id, area_code=venue.area_code))
        return account

    def venue(self, kind: VenueKind = VenueKind.COMPOUND, area_code: str = COMMUNITY, **details: Any) -> Venue:
        moment = clock.now()
        values = {"name": f"幸福小区{next(_numbers)}号院", "code": secrets.token_hex(6).upper(), **details}
        return self._add(Venue(kind=kind, area_code=area_code, created_at=moment, updated_at=moment, **values))

    def person(self, name: str = "何晓明", **details: Any) -> Person:
        serial = next(_numbers)
        number = details.pop("document_number", id_card(serial, birth=f"{1960 + serial // 1000:04d}0101"))
        kind = details.pop("document_type", DocumentType.ID_CARD)
        mobile = details.pop("phone", phone(serial))
        moment = clock.now()
        return self._add(
            Person(
                name=name,
                document_type=kind,
                document_number=number,
                document_index=document_index(kind.name, number),
                phone=mobile,
                phone_index=phone_index(mobile),
                created_at=moment,
                updated_at=moment,
            )
        )

    def registration(self, person: Person, venue: Venue, **details: Any) -> Registration:
        return self._add(
            Registration(
                person_id=person.id,
                venue_id=venue.id,
                area_code=venue.area_code,
                created_at=details.pop("created_at", None) or clock.now(),
                name=details.pop("name", person.name),
                address=details.pop("address", "幸福小区3号楼2单元501室"),
                **details,
            )
        )

    def residency(
        self,
        person: Person | None = None,
        venue: Venue | None = None,
        *,
        status: QuarantineStatus = QuarantineStatus.NOT_REQUIRED,
        since: date | None = None,
        **details: Any,
    ) -> Residency:
        person = person or self.person()
        venue = venue or self.venue()
        registration = details.pop("registration", None) or self.registration(person, venue)
        moment = clock.now()
        return self._add(
            Residency(
                person_id=person.id,
                venue_id=venue.id,
                area_code=venue.area_code,
                registration_id=registration.id,
                status=status,
                quarantine_since=since,
                created_at=moment,
                updated_at=moment,
                **details,
            )
        )

    def entry(self, residency: Residency, *, at: datetime | None = None, **details: Any) -> EntryRecord:
        moment = at or clock.now()
        values = {
            "source": EntrySource.SCAN,
            "outcome": EntryOutcome.ADMITTED,
            "color": Color.GREEN,
            "venue_id": residency.venue_id,
            "area_code": residency.area_code,
            **details,
        }
        return self._add(
            EntryRecord(
                id=new_entry_id(moment),
                recorded_at=moment,
                person_id=residency.person_id,
                registration_id=residency.registration_id,
                **values,
            )
        )
