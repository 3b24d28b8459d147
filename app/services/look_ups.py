"""Who looked at a person's reasons or history: on record, and shown to the person (issue 2.3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import current_app
from sqlalchemy import select

from app import clock
from app.access import everything
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db
from app.models import Account, Area, Evidence, LookUp, Person
from app.profiles import load_profile
from app.services import audit
from app.services.audit import Actor
from app.services.transaction import transactional

_READ = 1_000


@transactional
def looked(document_index: bytes, *, account: Account, purpose: str = "") -> None:
    """It is on record that the account looked at the person's reasons or history, and what for where it said so."""
    with everything("a trace of whoever looks"):
        row = LookUp(
            document_index=document_index, account_id=account.id, office=office_of(account), looked_at=clock.now()
        )
        db.session.add(row)
        audit.record(
            Actor.of(account),
            "look_up_person",
            subject=row,
            area_code=account.area_code or "",
            subject_type="look_up",
            changes={"reason": purpose} if purpose else None,
        )


def check_in_reach(document_index: bytes) -> None:
    """Pass for somebody who lives, or whom evidence concerns, within the scope in hand. Error: person_unknown."""
    for model in (Person, Evidence):
        if db.session.execute(select(model.id).where(model.document_index == document_index).limit(1)).first():
            return
    message = N_("您的辖区内没有这个证件号的人员，请核对证件类型和号码")
    raise DomainError(message, code="person_unknown", field="document_number")


def office_of(account: Account) -> str:
    """What the person reads: the area and the role, no name."""
    area = db.session.get(Area, account.area_code) if account.area_code else None
    return f"{area.name if area else ''}{account.role.label if account.role else ''}"


def of_person(document_index: bytes, *, most: int = 50) -> Sequence[LookUp]:
    """Who looked, the latest first; an account that looks again on the same day stays one line, as of its last look.

    Every look stays on record; whoever reads a page five times over would only push the others out of the person's sight.
    """
    zone = load_profile(current_app.config["REGION"]).zone
    with everything("a person's own record"):
        query = select(LookUp).where(LookUp.document_index == document_index).order_by(LookUp.id.desc())
        rows = db.session.execute(query.limit(_READ)).scalars().all()
    lines: dict[tuple[int | None, date], LookUp] = {}
    for row in rows:
        lines.setdefault((row.account_id, clock.local_date(row.looked_at, zone)), row)
    return list(lines.values())[:most]
