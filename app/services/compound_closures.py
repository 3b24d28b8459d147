"""Closed compounds (issue 2.1): the residents have evidence from a second person's word until the compound reopens.

Everything goes through the guard of mass changes (X4): it is counted, shown, agreed to, and can be taken back whole.
Whoever becomes a resident later is not coloured by that (X3: a scan colours nobody); `extend` proposes them.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app import clock
from app.access import everything
from app.domain.areas import AreaLevel, code_at, lies_within
from app.domain.errors import DomainError
from app.domain.health import EvidenceKind
from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.venues import VenueFamily
from app.extensions import db
from app.models import (
    Account,
    ChangeCause,
    ChangeSet,
    ChangeSetState,
    ClosureState,
    CompoundClosure,
    Evidence,
    EvidenceSource,
    EvidenceState,
    Person,
    Residency,
    Venue,
)
from app.services import audit, change_sets, evidence, health_rules
from app.services.audit import Actor
from app.services.change_sets import Change, Handler
from app.services.evidence import NewEvidence
from app.services.transaction import transactional

_EVIDENCE = Evidence.__table__
_RESIDENTS = "a compound's residents, whoever else answers for them"
# Whoever had this closure's evidence, even ended by an appeal, is not brought again.
_BROUGHT = (EvidenceState.IN_FORCE, EvidenceState.APPROVED, EvidenceState.WAITING)
_REOPENED = N_("小区解封")


@transactional
def close(venue: Venue, *, ground: str, text: str, account: Account) -> CompoundClosure:
    """The closing waits for a second person, with how many it would recolour.

    Errors: role, area, closure_venue, closure_open, ground, text.
    """
    _check_closer(venue.area_code, account)
    if venue.kind.family is not VenueFamily.COMPOUND or not venue.is_open:
        raise DomainError(N_("只能封控正在使用的小区"), code="closure_venue")
    if _open_closure_of(venue.id) is not None:
        raise DomainError(N_("这个小区已在封控中，或正在等待批准"), code="closure_open")
    text = evidence.check_ground(ground, text)
    with everything(_RESIDENTS):
        row = CompoundClosure(
            venue_id=venue.id,
            area_code=venue.area_code,
            state=ClosureState.WAITING,
            ground=ground,
            text=text,
            proposed_by_id=account.id,
            proposed_at=clock.now(),
        )
        db.session.add(row)
        db.session.flush()
        _record(account, "close_compound", row)
        change_sets.submit(_change(row, brings=_new(row)), account=account, must_wait=True)
    return row


@transactional
def extend(row: CompoundClosure, *, account: Account) -> ChangeSet:
    """Residents who came since then wait for a second person. Errors: role, area, closure_state, closure_nobody."""
    _check_closer(row.area_code, account)
    _check_closed(row)
    with everything(_RESIDENTS):
        brings = _new(row)
        if not brings:
            raise DomainError(N_("没有新的居民需要补录"), code="closure_nobody")
        _record(account, "extend_closure", row)
        return change_sets.submit(_change(row, brings=brings), account=account, must_wait=True)


@transactional
def reopen(row: CompoundClosure, *, account: Account) -> ChangeSet:
    """The compound is open, and its residents' evidence has ended; where that recolours many, a second person agrees.

    Errors: role, area, closure_state.
    """
    _check_closer(row.area_code, account)
    _check_closed(row)
    with everything(_RESIDENTS):
        for waiting in _sets_of(row, ChangeSetState.WAITING):
            change_sets.withdraw(waiting, actor=Actor.of(account))
        query = select(_EVIDENCE.c.id).where(
            _EVIDENCE.c.change_set_id.in_(_set_ids(row)),
            _EVIDENCE.c.state.in_([state for state in EvidenceState if state.counts]),
            _EVIDENCE.c.ended_at.is_(None),
        )
        _record(account, "reopen_compound", row)
        change = _change(row, ends=list(db.session.execute(query).scalars()))
        found = change_sets.submit(change, account=account)
        if found.state is ChangeSetState.APPLIED:
            _reopened(row)
    return found


def _check_closer(area_code: str, account: Account) -> None:
    if account.role not in health_rules.policy().closers:
        raise DomainError(N_("您的账号不能封控小区"), code="role")
    if account.area_code is None or not lies_within(area_code, account.area_code):
        raise DomainError(N_("不属于您的辖区"), code="area")


def _check_closed(row: CompoundClosure) -> None:
    if row.state is not ClosureState.CLOSED:
        raise DomainError(N_("这个小区不在封控中"), code="closure_state")


def _record(account: Account, action: str, row: CompoundClosure) -> None:
    changes = {"venue": row.venue_id, "ground": row.ground}
    audit.record(Actor.of(account), action, subject=row, area_code=row.area_code, changes=changes)


def _open_closure_of(venue_id: int) -> CompoundClosure | None:
    query = select(CompoundClosure).where(CompoundClosure.venue_id == venue_id)
    open_states = [state for state in ClosureState if state.is_open]
    return db.session.execute(query.where(CompoundClosure.state.in_(open_states))).scalar_one_or_none()


def open_venue_ids() -> frozenset[int]:
    """The compounds in scope that are closed, or about to be."""
    open_states = [state for state in ClosureState if state.is_open]
    query = select(CompoundClosure.venue_id).where(CompoundClosure.state.in_(open_states))
    return frozenset(db.session.execute(query).scalars())


def sets_of(row: CompoundClosure) -> Sequence[ChangeSet]:
    """The changes of colours that belong to the closure, in their order."""
    with everything(_RESIDENTS):
        return _sets_of(row, *ChangeSetState)


def _sets_of(row: CompoundClosure, *states: ChangeSetState) -> Sequence[ChangeSet]:
    query = select(ChangeSet).where(
        ChangeSet.cause == ChangeCause.COMPOUND, ChangeSet.cause_id == row.id, ChangeSet.state.in_(states)
    )
    return db.session.execute(query.order_by(ChangeSet.id)).scalars().all()


def _set_ids(row: CompoundClosure) -> Sequence[int]:
    return [found.id for found in _sets_of(row, *ChangeSetState)]


def _change(row: CompoundClosure, *, brings: Sequence[NewEvidence] = (), ends: Sequence[int] = ()) -> Change:
    return Change(
        cause=ChangeCause.COMPOUND,
        cause_id=row.id,
        title=row.venue.name,
        area_code=_district(row),
        brings=brings,
        ends=ends,
        end_reason=_REOPENED,
    )


def _district(row: CompoundClosure) -> str:
    return code_at(row.area_code, AreaLevel.DISTRICT) or row.area_code


def _new(row: CompoundClosure) -> list[NewEvidence]:
    """Evidence about every resident who has none of this closure."""
    known = select(_EVIDENCE.c.document_index).where(
        _EVIDENCE.c.change_set_id.in_(_set_ids(row)), _EVIDENCE.c.state.in_(_BROUGHT)
    )
    query = (
        select(Person)
        .join(Residency, Residency.person_id == Person.id)
        .where(Residency.venue_id == row.venue_id, Residency.ended_at.is_(None), Person.document_index.not_in(known))
        .order_by(Person.id)
    )
    return [_evidence(person, row) for person in db.session.execute(query).scalars()]


def _evidence(person: Person, row: CompoundClosure) -> NewEvidence:
    return NewEvidence(
        document_type=person.document_type,
        document_number=person.document_number,
        name=person.name,
        kind=EvidenceKind.CLOSED_COMPOUND,
        began_at=row.proposed_at,
        area_code=_district(row),
        owner_role=Role.DISTRICT_ADMIN,
        source_kind=EvidenceSource.COMPOUND,
    )


# -- what a decision about its changes does ------------------------------------------------------------------------


def _closure_of(found: ChangeSet) -> CompoundClosure:
    return db.session.execute(select(CompoundClosure).where(CompoundClosure.id == found.cause_id)).scalar_one()


def _is_first(found: ChangeSet, row: CompoundClosure) -> bool:
    return found.id == _sets_of(row, *ChangeSetState)[0].id


def _ends(found: ChangeSet, row: CompoundClosure) -> bool:
    """Whether the change reopens the compound: neither its closing nor residents who came later."""
    brings = select(_EVIDENCE.c.id).where(_EVIDENCE.c.change_set_id == found.id).limit(1)
    return not _is_first(found, row) and db.session.execute(brings).first() is None


def _reopened(row: CompoundClosure) -> None:
    row.state, row.reopened_at = ClosureState.REOPENED, clock.now()
    db.session.flush()


def _approved(found: ChangeSet, _account: Account) -> None:
    row = _closure_of(found)
    if row.state is ClosureState.WAITING:
        row.state, row.closed_at = ClosureState.CLOSED, clock.now()
    elif _ends(found, row):
        _reopened(row)
    db.session.flush()


def _rejected(found: ChangeSet, _account: Account) -> None:
    row = _closure_of(found)
    if row.state is ClosureState.WAITING:
        row.state = ClosureState.REJECTED
    db.session.flush()


def _rolled_back(found: ChangeSet, account: Account) -> None:
    """A reopening taken back closes again; a closing taken back takes the residents who came later with it."""
    row = _closure_of(found)
    if _is_first(found, row):
        row.state = ClosureState.WITHDRAWN
        for later in _sets_of(row, ChangeSetState.APPLIED):
            change_sets.undo(later, Actor.of(account))
        for waiting in _sets_of(row, ChangeSetState.WAITING):
            change_sets.withdraw(waiting, actor=Actor.of(account))
    elif _ends(found, row):
        if _open_closure_of(row.venue_id) is not None:
            raise DomainError(N_("这个小区已在封控中，或正在等待批准"), code="closure_open")
        row.state, row.reopened_at = ClosureState.CLOSED, None
    db.session.flush()


change_sets.handle(ChangeCause.COMPOUND, Handler(approved=_approved, rejected=_rejected, rolled_back=_rolled_back))
