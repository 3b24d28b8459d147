"""The guard before changes of many colours (X4): counted, shown, approved by a second person, rolled back whole."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import func, select, update

from app import clock
from app.access import everything
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db
from app.models import Account, ChangeCause, ChangeSet, ChangeSetState, ColorCause, Evidence, EvidenceState
from app.profiles import load_profile
from app.services import audit, health_colors, health_rules, second_person, simulation, turns
from app.services.audit import Actor
from app.services.evidence import NewEvidence
from app.services.health_colors import Cause
from app.services.simulation import Preview
from app.services.transaction import transactional
from app.services.turns import Turn

_EVIDENCE = Evidence.__table__
_WHOLE = "a change of many colours crosses areas"


@dataclass(frozen=True, kw_only=True)
class Change:
    """What would change: evidence that comes, evidence (by number) that ends. `title` is data, such as a file's name.

    `area_code` is whose second person decides; the whole region's where none is given.
    """

    cause: ChangeCause
    title: str
    cause_id: int | None = None
    area_code: str | None = None
    brings: Sequence[NewEvidence] = ()
    ends: Collection[int] = ()
    end_reason: str = ""


@dataclass(frozen=True)
class Handler:
    """What else a cause does, in the transaction of the decision, besides its evidence."""

    # Whether its evidence comes later, by a job that calls `applied`.
    is_later: bool = False
    approved: Callable[[ChangeSet, Account], None] | None = None
    rejected: Callable[[ChangeSet, Account], None] | None = None
    rolled_back: Callable[[ChangeSet, Account], None] | None = None


_HANDLERS: dict[ChangeCause, Handler] = {}


def handle(cause: ChangeCause, handler: Handler) -> None:
    """Let `handler` follow the decisions about changes of that cause; called once by the module that makes them."""
    _HANDLERS[cause] = handler


def _handler(found: ChangeSet) -> Handler:
    return _HANDLERS.get(found.cause, Handler())


@transactional
def submit(change: Change, *, account: Account, must_wait: bool = False) -> ChangeSet:
    """The change is APPLIED where it is small, else WAITING with its counts and a sample, and colours nobody yet.

    `must_wait` is for what a second person has to see however few it recolours.
    """
    with everything(_WHOLE):
        preview = simulation.of_change(change.brings, ends=change.ends)
        found = open_set(change, preview, account=account, must_wait=must_wait or not is_small(preview, account))
        moment = clock.now()
        rows = [new.row(state=EvidenceState.WAITING, brought_by_id=account.id, moment=moment) for new in change.brings]
        for row in rows:
            row.change_set_id = found.id
        db.session.add_all(rows)
        if change.ends:
            ended = {"ending_change_set_id": found.id, "end_reason": change.end_reason}
            open_ones = update(_EVIDENCE).where(_EVIDENCE.c.id.in_(list(change.ends)), _EVIDENCE.c.ended_at.is_(None))
            db.session.execute(open_ones.values(**ended))
        db.session.flush()
        if found.state is ChangeSetState.APPLIED:
            applied(found)
    return found


def is_small(preview: Preview, account: Account) -> bool:
    """Whether the change needs no second person: with what the account changed lately it stays within the limit.

    Counted over a window, or else many small files would do what one large one may not.
    """
    policy = health_rules.policy()
    since = clock.now() - timedelta(hours=policy.mass_change_window)
    with everything("what one account changed, wherever"):
        # Two files at once would else both count what was before them.
        turns.take(Turn.MASS_CHANGE, account.id)
        query = select(func.coalesce(func.sum(ChangeSet.changed), 0)).where(
            ChangeSet.proposed_by_id == account.id,
            ChangeSet.state == ChangeSetState.APPLIED,
            ChangeSet.decided_by_id.is_(None),
            ChangeSet.proposed_at > since,
        )
        lately: int = db.session.execute(query).scalar_one()
    return preview.changed + lately <= policy.mass_change_limit


def open_set(change: Change, preview: Preview, *, account: Account, must_wait: bool) -> ChangeSet:
    """The change on record, waiting or applied at once; its evidence is the caller's business."""
    moment = clock.now()
    found = ChangeSet(
        cause=change.cause,
        cause_id=change.cause_id,
        title=change.title,
        state=ChangeSetState.WAITING if must_wait else ChangeSetState.APPLIED,
        counts=preview.counts,
        sample=list(preview.sample),
        changed=preview.changed,
        area_code=change.area_code or load_profile(current_app.config["REGION"]).area_code,
        proposed_by_id=account.id,
        proposed_at=moment,
        applied_at=None if must_wait else moment,
    )
    db.session.add(found)
    db.session.flush()
    _record(Actor.of(account), "propose_change_set", found)
    return found


def _record(actor: Actor, action: str, found: ChangeSet, **changes: Any) -> None:
    told = {"cause": found.cause.name, "changed": found.changed, "counts": found.counts, **changes}
    audit.record(actor, action, subject=found, area_code=found.area_code, changes=told)


def applied(found: ChangeSet) -> None:
    """The evidence of the change counts, what it ends has ended, and the colours follow; in the caller's transaction."""
    moment = clock.now()
    brought = update(_EVIDENCE).where(
        _EVIDENCE.c.change_set_id == found.id, _EVIDENCE.c.state == EvidenceState.WAITING.name
    )
    db.session.execute(brought.values(state=EvidenceState.IN_FORCE.name))
    ended = update(_EVIDENCE).where(_EVIDENCE.c.ending_change_set_id == found.id, _EVIDENCE.c.ended_at.is_(None))
    db.session.execute(ended.values(ended_at=moment))
    found.state, found.applied_at = ChangeSetState.APPLIED, moment
    _recolor(found)


def of_cause(cause: ChangeCause, cause_id: int) -> ChangeSet | None:
    """The latest change of that cause, for the page of what caused it."""
    query = select(ChangeSet).where(ChangeSet.cause == cause, ChangeSet.cause_id == cause_id)
    with everything(_WHOLE):
        return db.session.execute(query.order_by(ChangeSet.id.desc()).limit(1)).scalar_one_or_none()


@transactional
def withdraw(found: ChangeSet, *, actor: Actor) -> None:
    """Whoever proposed the change gives it up before it has happened. Error: change_set_state."""
    with everything(_WHOLE):
        found = _locked(found.id, ChangeSetState.WAITING, ChangeSetState.APPROVED)
        found.state, found.decided_at = ChangeSetState.REJECTED, clock.now()
        _drop_evidence(found, EvidenceState.REJECTED)
        _record(actor, "withdraw_change_set", found)


def _recolor(found: ChangeSet) -> None:
    either = (_EVIDENCE.c.change_set_id == found.id) | (_EVIDENCE.c.ending_change_set_id == found.id)
    people = [bytes(each) for each in db.session.execute(select(_EVIDENCE.c.document_index).where(either)).scalars()]
    health_colors.evaluate(people, cause=Cause(ColorCause.CHANGE_SET, found.id))


@transactional
def approve(change_set_id: int, *, account: Account) -> ChangeSet:
    """A second person lets the change happen, now. Errors: change_set_state, role, area, own, level."""
    with everything(_WHOLE):
        found = _locked(change_set_id, ChangeSetState.WAITING)
        _check_decider(found, account)
        found.decided_by_id, found.decided_at = account.id, clock.now()
        found.state = ChangeSetState.APPROVED
        if not _handler(found).is_later:
            applied(found)
        _record(Actor.of(account), "approve_change_set", found)
        if (follow := _handler(found).approved) is not None:
            follow(found, account)
    return found


@transactional
def reject(change_set_id: int, *, reason: str, account: Account) -> ChangeSet:
    """The change does not happen. Errors: reason, change_set_state, role, area, own, level."""
    reason = _reason(reason)
    with everything(_WHOLE):
        found = _locked(change_set_id, ChangeSetState.WAITING)
        _check_decider(found, account)
        found.decided_by_id, found.decided_at, found.decision_reason = account.id, clock.now(), reason
        found.state = ChangeSetState.REJECTED
        _drop_evidence(found, EvidenceState.REJECTED)
        _record(Actor.of(account), "reject_change_set", found)
        if (follow := _handler(found).rejected) is not None:
            follow(found, account)
    return found


@transactional
def roll_back(change_set_id: int, *, reason: str, account: Account) -> ChangeSet:
    """Everything is as if the change had never been: its evidence counts no more, what it ended counts again.

    One person is enough for the way back, whoever could have approved it or proposed it.
    Errors: reason, change_set_state, role, area, level.
    """
    reason = _reason(reason)
    with everything(_WHOLE):
        found = _locked(change_set_id, ChangeSetState.APPLIED, ChangeSetState.APPROVED)
        if account.id != found.proposed_by_id:
            second_person.check_standing(found.proposed_by_id, account, area_code=found.area_code)
        found.decision_reason = reason
        undo(found, Actor.of(account))
        if (follow := _handler(found).rolled_back) is not None:
            follow(found, account)
    return found


def undo(found: ChangeSet, actor: Actor) -> None:
    """The change is rolled back, in the caller's transaction."""
    found.state, found.rolled_back_by_id, found.rolled_back_at = ChangeSetState.ROLLED_BACK, actor.id, clock.now()
    _drop_evidence(found, EvidenceState.RETRACTED)
    _record(actor, "roll_back_change_set", found)


def _drop_evidence(found: ChangeSet, state: EvidenceState) -> None:
    of_set = update(_EVIDENCE).where(_EVIDENCE.c.change_set_id == found.id)
    db.session.execute(of_set.values(state=state.name))
    ended = update(_EVIDENCE).where(_EVIDENCE.c.ending_change_set_id == found.id)
    db.session.execute(ended.values(ended_at=None, end_reason=None))
    _recolor(found)


def _reason(reason: str) -> str:
    if not reason.strip():
        raise DomainError(N_("请填写理由"), code="reason", field="reason")
    return reason.strip()


def _locked(change_set_id: int, *states: ChangeSetState) -> ChangeSet:
    query = select(ChangeSet).where(ChangeSet.id == change_set_id).with_for_update()
    found = db.session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()
    if found is None or found.state not in states:
        label = found.state.label if found else ""
        raise DomainError(N_("这次变更的状态是「%(state)s」，不能进行此操作"), code="change_set_state", state=label)
    return found


def _check_decider(found: ChangeSet, account: Account) -> None:
    second_person.check(found.proposed_by_id, account, area_code=found.area_code)
