"""What narrows a model's rows to a scope: one condition per model, or one for all models of a shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, exists, false, or_, true

from app.access.scope import Scope
from app.domain.areas import AreaLevel, code_after
from app.domain.overseas import HUB_TEAMS, ways_of
from app.domain.roles import Role
from app.domain.screening import ScreeningKind
from app.models import (
    Account,
    Appeal,
    AppealPhoto,
    AreaEntryTotal,
    AuditEvent,
    CodeBatch,
    CodePrint,
    Comparison,
    ComparisonMatch,
    EntryRecord,
    Evidence,
    ImportBatch,
    LookUp,
    OutgoingMessage,
    Person,
    Registration,
    Residency,
    ScreeningEntry,
    ScreeningOutcome,
    Venue,
)

Condition = ColumnElement[bool]
Rule = Callable[[Scope], Condition]

# Bring files and read no list: their batches are their own.
_BRINGERS = frozenset({Role.DATA_REPORTER, Role.MEDICAL_INSTITUTION})
_AUDIT_READERS = frozenset({Role.AUDITOR, Role.SYSTEM_ADMIN})
_TRAIL_READERS = _AUDIT_READERS | {Role.CITY_ADMIN}


def below(column: Any, scope: Scope) -> Condition:
    prefix = str(scope.area_prefix)
    if len(prefix) == AreaLevel.COMMUNITY.code_length:
        # Nothing lies below a community: by equality an index gives its rows in the order of its next column.
        return cast(Condition, column == prefix)
    return and_(column >= prefix, column < code_after(prefix))


def area_rows(model: Any) -> Rule:
    """Rows of an area; compound and sector accounts have none of these."""

    def rule(scope: Scope) -> Condition:
        if scope.venue_ids is not None or scope.venue_kind is not None:
            return false()
        return below(model.area_code, scope)

    return rule


def venue_rows(table: Any) -> Rule:
    """Rows of a venue: by area, or by the very compounds of a compound manager, or by the sector's kind."""

    def rule(scope: Scope) -> Condition:
        if scope.venue_ids is not None:
            return table.venue_id.in_(sorted(scope.venue_ids))
        if scope.venue_kind is not None:
            venue = Venue.__table__
            return exists().where(
                venue.c.id == table.venue_id, venue.c.kind == scope.venue_kind, below(table.area_code, scope)
            )
        return below(table.area_code, scope)

    return rule


def totals(table: Any) -> Rule:
    """Totals of a venue: like its rows, but a sector's are told by the kind that they carry."""

    def rule(scope: Scope) -> Condition:
        if scope.venue_kind is not None:
            return and_(table.kind == scope.venue_kind, below(table.area_code, scope))
        return venue_rows(table)(scope)

    return rule


def area_totals(scope: Scope) -> Condition:
    """Totals of the areas below one's own; for a sector those of its kind, for compounds none."""
    if scope.venue_ids is not None:
        return false()
    in_area = below(AreaEntryTotal.area_code, scope)
    return in_area if scope.venue_kind is None else and_(AreaEntryTotal.kind == scope.venue_kind, in_area)


def venues(scope: Scope) -> Condition:
    if scope.venue_ids is not None:
        return Venue.id.in_(sorted(scope.venue_ids))
    if scope.venue_kind is not None:
        return and_(Venue.kind == scope.venue_kind, below(Venue.area_code, scope))
    return below(Venue.area_code, scope)


def code_batches(scope: Scope) -> Condition:
    """Batches of the area; a sector's manager has those of the kind."""
    if scope.venue_ids is not None:
        return false()
    if scope.venue_kind is not None:
        return and_(CodeBatch.kind == scope.venue_kind, below(CodeBatch.area_code, scope))
    return below(CodeBatch.area_code, scope)


def code_prints(scope: Scope) -> Condition:
    batch = CodeBatch.__table__.c
    if scope.venue_ids is not None:
        return false()
    if scope.venue_kind is not None:
        return exists().where(
            batch.id == CodePrint.batch_id,
            batch.kind == scope.venue_kind,
            below(batch.area_code, scope),
            below(CodePrint.area_code, scope),
        )
    return below(CodePrint.area_code, scope)


def people(scope: Scope, person: Any = Person) -> Condition:
    """People who have a tie to, or an entry at, a venue in scope; a person belongs to no area of their own."""
    tie, entry = Residency.__table__.c, EntryRecord.__table__.c
    return or_(
        exists().where(tie.person_id == person.id, venue_rows(tie)(scope)),
        exists().where(entry.person_id == person.id, venue_rows(entry)(scope)),
    )


def forms(scope: Scope) -> Condition:
    """Forms filled in at a venue in scope, and those with which somebody known elsewhere came through its door."""
    entry = EntryRecord.__table__.c
    came = exists().where(
        entry.person_id == Registration.person_id, entry.registration_id == Registration.id, venue_rows(entry)(scope)
    )
    return or_(venue_rows(Registration)(scope), came)


def accounts(scope: Scope) -> Condition:
    """One's own account, and those below one's area."""
    own = Account.id == scope.account_id
    if scope.venue_ids is not None or scope.venue_kind is not None:
        return own
    return or_(own, below(Account.area_code, scope))


def audit_events(scope: Scope) -> Condition:
    # For compound managers their community's: they read it only as the operation log of a record that they can open.
    return below(AuditEvent.area_code, scope)


def messages(scope: Scope) -> Condition:
    if scope.role not in _AUDIT_READERS:
        return false()
    return below(OutgoingMessage.area_code, scope)


def screening_entries(scope: Scope, row: Any = ScreeningEntry) -> Condition:
    """Rows of lists: by area, by the very compounds of a compound manager, by the way of return for a hub team.

    Who only brings files reads no list at all.
    """
    if scope.role is not None and scope.role in HUB_TEAMS:
        ways = sorted(way.name for way in ways_of(scope.role))
        is_theirs = and_(row.kind == ScreeningKind.OVERSEAS_RETURNEE.name, row.category.in_(ways))
        return and_(is_theirs, below(row.area_code, scope))
    if scope.role in _BRINGERS or scope.venue_kind is not None:
        return false()
    if scope.venue_ids is not None:
        return cast(Condition, row.venue_id.in_(sorted(scope.venue_ids)))
    return below(row.area_code, scope)


def outcomes(scope: Scope) -> Condition:
    """What was recorded about a row goes with the row."""
    entry = ScreeningEntry.__table__.c
    return exists().where(entry.id == ScreeningOutcome.entry_id, screening_entries(scope, entry))


def batches(scope: Scope, row: Any = ImportBatch) -> Condition:
    """Batches of an area; those of who only brings files are the account's own."""
    rows = area_rows(row)(scope)
    return and_(rows, row.created_by_id == scope.account_id) if scope.role in _BRINGERS else rows


def of_file(file_id: Any) -> Rule:
    """Files hang on batches and appeals; whoever sees these sees their files."""

    def rule(scope: Scope) -> Condition:
        batch, appeal, photo = ImportBatch.__table__.c, Appeal.__table__.c, AppealPhoto.__table__.c
        return or_(
            exists().where(or_(batch.file_id == file_id, batch.rejected_file_id == file_id), batches(scope, batch)),
            exists().where(photo.file_id == file_id, appeal.id == photo.appeal_id, area_rows(appeal)(scope)),
        )

    return rule


def of_known_person(model: Any) -> Rule:
    """A person's colour: for whom the person, or evidence about the person, is in scope."""

    def rule(scope: Scope) -> Condition:
        evidence = Evidence.__table__.c
        person = Person.__table__.c
        return or_(
            exists().where(person.document_index == model.document_index, people(scope, person)),
            exists().where(evidence.document_index == model.document_index, area_rows(evidence)(scope)),
        )

    return rule


def photos(scope: Scope) -> Condition:
    appeal = Appeal.__table__.c
    return exists().where(appeal.id == AppealPhoto.appeal_id, area_rows(appeal)(scope))


def look_ups(scope: Scope) -> Condition:
    """One's own; all of them for those who read the trail."""
    return true() if scope.role in _AUDIT_READERS else LookUp.account_id == scope.account_id


def audit_checks(scope: Scope) -> Condition:
    """Whether the trail holds is for those who read it."""
    return true() if scope.role in _TRAIL_READERS else false()


def own_work(model: Any) -> Rule:
    """What an account has asked for is its own."""
    return lambda scope: cast(Condition, model.created_by_id == scope.account_id)


def of_own_account(model: Any) -> Rule:
    """What belongs to one's own sign-in is nobody else's, however high."""
    return lambda scope: cast(Condition, model.account_id == scope.account_id)


def matches(scope: Scope) -> Condition:
    comparison = Comparison.__table__.c
    return exists().where(comparison.id == ComparisonMatch.comparison_id, own_work(comparison)(scope))


def open(_scope: Scope) -> Condition:
    return true()
