"""Who sees which rows: one rule per model. A model without a rule has no rows for anybody (closed)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from flask_appbuilder.security.sqla import models as framework
from sqlalchemy import ColumnElement, and_, exists, false, or_, true

from app.access.scope import Scope
from app.domain.areas import AreaLevel, code_after
from app.domain.overseas import HUB_TEAMS, ways_of
from app.domain.roles import Role
from app.domain.screening import ScreeningKind
from app.models import (
    Account,
    AccountImport,
    AccountVenue,
    Appeal,
    AppealPhoto,
    Area,
    AreaEntryTotal,
    AreaMove,
    AuditCheck,
    AuditEvent,
    ChangeSet,
    CodeBatch,
    CodePrint,
    ColorChange,
    ColumnMapping,
    Comparison,
    ComparisonMatch,
    CompoundClosure,
    DoubleSighting,
    EntryDoubt,
    EntryHourTotal,
    EntryRecord,
    EntryRollup,
    Evidence,
    ExportFile,
    FormerAreaCode,
    HealthState,
    ImportBatch,
    LookUp,
    OutgoingMessage,
    Person,
    PhoneChange,
    PosterCheck,
    RecoveryCode,
    Registration,
    Residency,
    RiskArea,
    RiskAreaList,
    RiskAreaName,
    RuleVersion,
    ScreeningEntry,
    ScreeningOutcome,
    SecondFactor,
    SignInSession,
    StoredFile,
    StoredPiece,
    Venue,
    VenueEntryTotal,
)

Condition = ColumnElement[bool]
Rule = Callable[[Scope], Condition]

# Bring files and read no list: their batches are their own.
_BRINGERS = frozenset({Role.DATA_REPORTER, Role.MEDICAL_INSTITUTION})
_AUDIT_READERS = frozenset({Role.AUDITOR, Role.SYSTEM_ADMIN})
_TRAIL_READERS = _AUDIT_READERS | {Role.CITY_ADMIN}


def _below(column: Any, scope: Scope) -> Condition:
    prefix = str(scope.area_prefix)
    if len(prefix) == AreaLevel.COMMUNITY.code_length:
        # Nothing lies below a community: by equality an index gives its rows in the order of its next column.
        return cast(Condition, column == prefix)
    return and_(column >= prefix, column < code_after(prefix))


def _area_rows(model: Any) -> Rule:
    """Rows of an area; compound and sector accounts have none of these."""

    def rule(scope: Scope) -> Condition:
        if scope.venue_ids is not None or scope.venue_kind is not None:
            return false()
        return _below(model.area_code, scope)

    return rule


def _venue_rows(table: Any) -> Rule:
    """Rows of a venue: by area, or by the very compounds of a compound manager, or by the sector's kind."""

    def rule(scope: Scope) -> Condition:
        if scope.venue_ids is not None:
            return table.venue_id.in_(sorted(scope.venue_ids))
        if scope.venue_kind is not None:
            venue = Venue.__table__
            return exists().where(
                venue.c.id == table.venue_id, venue.c.kind == scope.venue_kind, _below(table.area_code, scope)
            )
        return _below(table.area_code, scope)

    return rule


def _totals(table: Any) -> Rule:
    """Totals of a venue: like its rows, but a sector's are told by the kind that they carry."""

    def rule(scope: Scope) -> Condition:
        if scope.venue_kind is not None:
            return and_(table.kind == scope.venue_kind, _below(table.area_code, scope))
        return _venue_rows(table)(scope)

    return rule


def _area_totals(scope: Scope) -> Condition:
    """Totals of the areas below one's own; for a sector those of its kind, for compounds none."""
    if scope.venue_ids is not None:
        return false()
    below = _below(AreaEntryTotal.area_code, scope)
    return below if scope.venue_kind is None else and_(AreaEntryTotal.kind == scope.venue_kind, below)


def _venues(scope: Scope) -> Condition:
    if scope.venue_ids is not None:
        return Venue.id.in_(sorted(scope.venue_ids))
    if scope.venue_kind is not None:
        return and_(Venue.kind == scope.venue_kind, _below(Venue.area_code, scope))
    return _below(Venue.area_code, scope)


def _code_batches(scope: Scope) -> Condition:
    """Batches of the area; a sector's manager has those of the kind."""
    if scope.venue_ids is not None:
        return false()
    if scope.venue_kind is not None:
        return and_(CodeBatch.kind == scope.venue_kind, _below(CodeBatch.area_code, scope))
    return _below(CodeBatch.area_code, scope)


def _code_prints(scope: Scope) -> Condition:
    batch = CodeBatch.__table__.c
    if scope.venue_ids is not None:
        return false()
    if scope.venue_kind is not None:
        return exists().where(
            batch.id == CodePrint.batch_id,
            batch.kind == scope.venue_kind,
            _below(batch.area_code, scope),
            _below(CodePrint.area_code, scope),
        )
    return _below(CodePrint.area_code, scope)


def _people(scope: Scope, person: Any = Person) -> Condition:
    """People who have a tie to, or an entry at, a venue in scope; a person belongs to no area of their own."""
    tie, entry = Residency.__table__.c, EntryRecord.__table__.c
    return or_(
        exists().where(tie.person_id == person.id, _venue_rows(tie)(scope)),
        exists().where(entry.person_id == person.id, _venue_rows(entry)(scope)),
    )


def _forms(scope: Scope) -> Condition:
    """Forms filled in at a venue in scope, and those with which somebody known elsewhere came through its door."""
    entry = EntryRecord.__table__.c
    came = exists().where(
        entry.person_id == Registration.person_id, entry.registration_id == Registration.id, _venue_rows(entry)(scope)
    )
    return or_(_venue_rows(Registration)(scope), came)


def _accounts(scope: Scope) -> Condition:
    """One's own account, and those below one's area."""
    own = Account.id == scope.account_id
    if scope.venue_ids is not None or scope.venue_kind is not None:
        return own
    return or_(own, _below(Account.area_code, scope))


def _audit_events(scope: Scope) -> Condition:
    # For compound managers their community's: they read it only as the operation log of a record that they can open.
    return _below(AuditEvent.area_code, scope)


def _messages(scope: Scope) -> Condition:
    if scope.role not in _AUDIT_READERS:
        return false()
    return _below(OutgoingMessage.area_code, scope)


def _screening_entries(scope: Scope, row: Any = ScreeningEntry) -> Condition:
    """Rows of lists: by area, by the very compounds of a compound manager, by the way of return for a hub team.

    Who only brings files reads no list at all.
    """
    if scope.role is not None and scope.role in HUB_TEAMS:
        ways = sorted(way.name for way in ways_of(scope.role))
        is_theirs = and_(row.kind == ScreeningKind.OVERSEAS_RETURNEE.name, row.category.in_(ways))
        return and_(is_theirs, _below(row.area_code, scope))
    if scope.role in _BRINGERS or scope.venue_kind is not None:
        return false()
    if scope.venue_ids is not None:
        return cast(Condition, row.venue_id.in_(sorted(scope.venue_ids)))
    return _below(row.area_code, scope)


def _outcomes(scope: Scope) -> Condition:
    """What was recorded about a row goes with the row."""
    entry = ScreeningEntry.__table__.c
    return exists().where(entry.id == ScreeningOutcome.entry_id, _screening_entries(scope, entry))


def _batches(scope: Scope, row: Any = ImportBatch) -> Condition:
    """Batches of an area; those of who only brings files are the account's own."""
    rows = _area_rows(row)(scope)
    return and_(rows, row.created_by_id == scope.account_id) if scope.role in _BRINGERS else rows


def _of_file(file_id: Any) -> Rule:
    """Files hang on batches and appeals; whoever sees these sees their files."""

    def rule(scope: Scope) -> Condition:
        batch, appeal, photo = ImportBatch.__table__.c, Appeal.__table__.c, AppealPhoto.__table__.c
        return or_(
            exists().where(or_(batch.file_id == file_id, batch.rejected_file_id == file_id), _batches(scope, batch)),
            exists().where(photo.file_id == file_id, appeal.id == photo.appeal_id, _area_rows(appeal)(scope)),
        )

    return rule


def _of_known_person(model: Any) -> Rule:
    """A person's colour: for whom the person, or evidence about the person, is in scope."""

    def rule(scope: Scope) -> Condition:
        evidence = Evidence.__table__.c
        person = Person.__table__.c
        return or_(
            exists().where(person.document_index == model.document_index, _people(scope, person)),
            exists().where(evidence.document_index == model.document_index, _area_rows(evidence)(scope)),
        )

    return rule


def _photos(scope: Scope) -> Condition:
    appeal = Appeal.__table__.c
    return exists().where(appeal.id == AppealPhoto.appeal_id, _area_rows(appeal)(scope))


def _look_ups(scope: Scope) -> Condition:
    """One's own; all of them for those who read the trail."""
    return true() if scope.role in _AUDIT_READERS else LookUp.account_id == scope.account_id


def _audit_checks(scope: Scope) -> Condition:
    """Whether the trail holds is for those who read it."""
    return true() if scope.role in _TRAIL_READERS else false()


def _own_work(model: Any) -> Rule:
    """What an account has asked for is its own."""
    return lambda scope: cast(Condition, model.created_by_id == scope.account_id)


def _of_own_account(model: Any) -> Rule:
    """What belongs to one's own sign-in is nobody else's, however high."""
    return lambda scope: cast(Condition, model.account_id == scope.account_id)


def _matches(scope: Scope) -> Condition:
    comparison = Comparison.__table__.c
    return exists().where(comparison.id == ComparisonMatch.comparison_id, _own_work(comparison)(scope))


def _open(_scope: Scope) -> Condition:
    return true()


# Area names and the framework's own role tables tell nothing about anybody.
RULES: dict[type, Rule] = {
    Area: _open,
    FormerAreaCode: _open,
    AreaMove: _area_rows(AreaMove),
    AuditCheck: _audit_checks,
    framework.Role: _open,
    framework.Group: _open,
    framework.Permission: _open,
    framework.ViewMenu: _open,
    framework.PermissionView: _open,
    Venue: _venues,
    CodeBatch: _code_batches,
    CodePrint: _code_prints,
    Person: _people,
    Registration: _forms,
    Residency: _venue_rows(Residency),
    EntryRecord: _venue_rows(EntryRecord),
    EntryHourTotal: _totals(EntryHourTotal),
    VenueEntryTotal: _totals(VenueEntryTotal),
    AreaEntryTotal: _area_totals,
    # When the hours were counted last.
    EntryRollup: _open,
    PosterCheck: _venue_rows(PosterCheck),
    ScreeningEntry: _screening_entries,
    ScreeningOutcome: _outcomes,
    ImportBatch: _batches,
    EntryDoubt: _area_rows(EntryDoubt),
    StoredFile: _of_file(StoredFile.id),
    StoredPiece: _of_file(StoredPiece.file_id),
    Account: _accounts,
    # The framework's class for the same table: what closes it would close its subclass, the accounts, too.
    framework.User: _accounts,
    AccountVenue: _area_rows(AccountVenue),
    AuditEvent: _audit_events,
    OutgoingMessage: _messages,
    # Published to everybody.
    RiskArea: _open,
    RiskAreaList: _open,
    RiskAreaName: _open,
    Evidence: _area_rows(Evidence),
    ChangeSet: _area_rows(ChangeSet),
    HealthState: _of_known_person(HealthState),
    ColorChange: _of_known_person(ColorChange),
    Appeal: _area_rows(Appeal),
    AppealPhoto: _photos,
    LookUp: _look_ups,
    ColumnMapping: _area_rows(ColumnMapping),
    Comparison: _own_work(Comparison),
    ComparisonMatch: _matches,
    ExportFile: _own_work(ExportFile),
    CompoundClosure: _area_rows(CompoundClosure),
    DoubleSighting: _area_rows(DoubleSighting),
    PhoneChange: _area_rows(PhoneChange),
    AccountImport: _own_work(AccountImport),
    SignInSession: _of_own_account(SignInSession),
    SecondFactor: _of_own_account(SecondFactor),
    RecoveryCode: _of_own_account(RecoveryCode),
    # Rules are published: they name nobody.
    RuleVersion: _open,
}

OPEN_TO_READ = frozenset(model for model, rule in RULES.items() if rule is _open)


def condition_for(model: type, scope: Scope) -> Condition:
    """Return what narrows `model` to `scope`: nothing for everything, no row at all without a rule or a scope."""
    if scope.is_everything:
        return true()
    rule = RULES.get(model)
    if rule is None or scope.is_closed:
        return false()
    return rule(scope)
