"""The tables, one file per noun."""

from app.models.account import Account, AccountVenue, Release
from app.models.area import Area
from app.models.audit import AuditEvent, AuditHead
from app.models.entry import EntryOutcome, EntryRecord, EntrySource, RememberedIdentity
from app.models.imports import BatchState, ImportBatch, StoredFile, StoredPiece
from app.models.message import OutgoingMessage
from app.models.person import Person, Registration
from app.models.poster import PosterCheck
from app.models.residency import Residency
from app.models.screening import ImportRow, ScreeningEntry, ScreeningOutcome
from app.models.statistics import AreaEntryTotal, EntryHourTotal, EntryRollup, Span, VenueEntryTotal
from app.models.venue import CodeBatch, CodePrint, Venue

__all__ = [
    "Account",
    "AccountVenue",
    "Area",
    "AreaEntryTotal",
    "AuditEvent",
    "AuditHead",
    "BatchState",
    "CodeBatch",
    "CodePrint",
    "EntryHourTotal",
    "EntryOutcome",
    "EntryRecord",
    "EntryRollup",
    "EntrySource",
    "ImportBatch",
    "ImportRow",
    "OutgoingMessage",
    "Person",
    "PosterCheck",
    "Registration",
    "Release",
    "RememberedIdentity",
    "Residency",
    "ScreeningEntry",
    "ScreeningOutcome",
    "Span",
    "StoredFile",
    "StoredPiece",
    "Venue",
    "VenueEntryTotal",
]
