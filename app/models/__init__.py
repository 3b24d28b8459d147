"""The tables, one file per noun."""

from app.models.account import Account, AccountVenue, Release
from app.models.account_import import AccountImport, AccountImportState
from app.models.appeal import Appeal, AppealPhoto, AppealState, LookUp
from app.models.area import Area, AreaMove, FormerAreaCode, MoveState
from app.models.audit import AuditCheck, AuditEvent, AuditHead
from app.models.closure import ClosureState, CompoundClosure
from app.models.column_mapping import ColumnMapping
from app.models.comparison import Comparison, ComparisonMatch
from app.models.doubt import EntryDoubt
from app.models.entry import EntryOutcome, EntryRecord, EntrySource, RememberedIdentity
from app.models.export import ExportFile, ExportState
from app.models.health import (
    ChangeCause,
    ChangeSet,
    ChangeSetState,
    ColorCause,
    ColorChange,
    Evidence,
    EvidenceSource,
    EvidenceState,
    HealthState,
    RuleState,
    RuleVersion,
)
from app.models.health_code import (
    CodeSigningKey,
    DoubleSighting,
    HealthCode,
    HealthDeclaration,
    HeldCode,
    Relative,
    TokenSighting,
)
from app.models.imports import BatchState, ImportBatch, ImportChunk, StoredFile, StoredPiece
from app.models.message import MessageState, OutgoingMessage
from app.models.person import Person, Registration
from app.models.phone_change import PhoneChange, PhoneChangeState
from app.models.poster import PosterCheck
from app.models.residency import Residency
from app.models.risk import RiskArea, RiskAreaList, RiskAreaName, RiskAreaSource, RiskListState
from app.models.screening import ImportRow, ScreeningEntry, ScreeningOutcome
from app.models.sign_in import RecoveryCode, SecondFactor, SignInSession
from app.models.statistics import AreaEntryTotal, EntryHourTotal, EntryRollup, Span, VenueEntryTotal
from app.models.venue import CodeBatch, CodePrint, Venue

__all__ = [
    "Account",
    "AccountImport",
    "AccountImportState",
    "AccountVenue",
    "Appeal",
    "AppealPhoto",
    "AppealState",
    "Area",
    "AreaEntryTotal",
    "AreaMove",
    "AuditCheck",
    "AuditEvent",
    "AuditHead",
    "BatchState",
    "ChangeCause",
    "ChangeSet",
    "ChangeSetState",
    "ClosureState",
    "CodeBatch",
    "CodePrint",
    "CodeSigningKey",
    "ColorCause",
    "ColorChange",
    "ColumnMapping",
    "Comparison",
    "ComparisonMatch",
    "CompoundClosure",
    "DoubleSighting",
    "EntryDoubt",
    "EntryHourTotal",
    "EntryOutcome",
    "EntryRecord",
    "EntryRollup",
    "EntrySource",
    "Evidence",
    "EvidenceSource",
    "EvidenceState",
    "ExportFile",
    "ExportState",
    "FormerAreaCode",
    "HealthCode",
    "HealthDeclaration",
    "HealthState",
    "HeldCode",
    "ImportBatch",
    "ImportChunk",
    "ImportRow",
    "LookUp",
    "MessageState",
    "MoveState",
    "OutgoingMessage",
    "Person",
    "PhoneChange",
    "PhoneChangeState",
    "PosterCheck",
    "RecoveryCode",
    "Registration",
    "Relative",
    "Release",
    "RememberedIdentity",
    "Residency",
    "RiskArea",
    "RiskAreaList",
    "RiskAreaName",
    "RiskAreaSource",
    "RiskListState",
    "RuleState",
    "RuleVersion",
    "ScreeningEntry",
    "ScreeningOutcome",
    "SecondFactor",
    "SignInSession",
    "Span",
    "StoredFile",
    "StoredPiece",
    "TokenSighting",
    "Venue",
    "VenueEntryTotal",
]
