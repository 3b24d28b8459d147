"""Who sees which rows: one rule per model. A model without a rule has no rows for anybody (closed)."""

from __future__ import annotations

from flask_appbuilder.security.sqla import models as framework
from sqlalchemy import false, true

from app.access import conditions
from app.access.conditions import Condition, Rule
from app.access.scope import Scope
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

# Area names and the framework's own role tables tell nothing about anybody.
RULES: dict[type, Rule] = {
    Area: conditions.open,
    FormerAreaCode: conditions.open,
    AreaMove: conditions.area_rows(AreaMove),
    AuditCheck: conditions.audit_checks,
    framework.Role: conditions.open,
    framework.Group: conditions.open,
    framework.Permission: conditions.open,
    framework.ViewMenu: conditions.open,
    framework.PermissionView: conditions.open,
    Venue: conditions.venues,
    CodeBatch: conditions.code_batches,
    CodePrint: conditions.code_prints,
    Person: conditions.people,
    Registration: conditions.forms,
    Residency: conditions.venue_rows(Residency),
    EntryRecord: conditions.venue_rows(EntryRecord),
    EntryHourTotal: conditions.totals(EntryHourTotal),
    VenueEntryTotal: conditions.totals(VenueEntryTotal),
    AreaEntryTotal: conditions.area_totals,
    # When the hours were counted last.
    EntryRollup: conditions.open,
    PosterCheck: conditions.venue_rows(PosterCheck),
    ScreeningEntry: conditions.screening_entries,
    ScreeningOutcome: conditions.outcomes,
    ImportBatch: conditions.batches,
    EntryDoubt: conditions.area_rows(EntryDoubt),
    StoredFile: conditions.of_file(StoredFile.id),
    StoredPiece: conditions.of_file(StoredPiece.file_id),
    Account: conditions.accounts,
    # The framework's class for the same table: what closes it would close its subclass, the accounts, too.
    framework.User: conditions.accounts,
    AccountVenue: conditions.area_rows(AccountVenue),
    AuditEvent: conditions.audit_events,
    OutgoingMessage: conditions.messages,
    # Published to everybody.
    RiskArea: conditions.open,
    RiskAreaList: conditions.open,
    RiskAreaName: conditions.open,
    Evidence: conditions.area_rows(Evidence),
    ChangeSet: conditions.area_rows(ChangeSet),
    HealthState: conditions.of_known_person(HealthState),
    ColorChange: conditions.of_known_person(ColorChange),
    Appeal: conditions.area_rows(Appeal),
    AppealPhoto: conditions.photos,
    LookUp: conditions.look_ups,
    ColumnMapping: conditions.area_rows(ColumnMapping),
    Comparison: conditions.own_work(Comparison),
    ComparisonMatch: conditions.matches,
    ExportFile: conditions.own_work(ExportFile),
    CompoundClosure: conditions.area_rows(CompoundClosure),
    DoubleSighting: conditions.area_rows(DoubleSighting),
    PhoneChange: conditions.area_rows(PhoneChange),
    AccountImport: conditions.own_work(AccountImport),
    SignInSession: conditions.of_own_account(SignInSession),
    SecondFactor: conditions.of_own_account(SecondFactor),
    RecoveryCode: conditions.of_own_account(RecoveryCode),
    # Rules are published: they name nobody.
    RuleVersion: conditions.open,
}

OPEN_TO_READ = frozenset(model for model, rule in RULES.items() if rule is conditions.open)


def condition_for(model: type, scope: Scope) -> Condition:
    """Return what narrows `model` to `scope`: nothing for everything, no row at all without a rule or a scope."""
    if scope.is_everything:
        return true()
    rule = RULES.get(model)
    if rule is None or scope.is_closed:
        return false()
    return rule(scope)
