"""Entries as managers keep them: what was written on paper is typed in later, and may be taken back (Z-R10)."""

from __future__ import annotations

from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.masking import mask_document, mask_name
from app.extensions import db
from app.models import EntryRecord, EntrySource
from app.services import audit, statistics
from app.services.audit import Actor
from app.services.transaction import transactional


@transactional
def delete(entry: EntryRecord, *, actor: Actor) -> None:
    """Remove an entry that was typed in by hand, and count its day again (Z77). Error: entry_scanned.

    The person, the form and the tie that it may have made stay: they were true when they were written.
    """
    if entry.source is not EntrySource.MANUAL:
        raise DomainError(N_("只能删除人工录入的登记"), code="entry_scanned")
    venue_id, moment = entry.venue_id, entry.recorded_at
    changes = {
        "name": [mask_name(entry.person.name), None],
        "document_number": [mask_document(entry.person.document_number), None],
        "recorded_at": [moment.isoformat(timespec="seconds"), None],
        "venue": venue_id,
    }
    audit.record(actor, "delete_entry", subject=entry, area_code=entry.area_code, changes=changes)
    db.session.delete(entry)
    db.session.flush()
    statistics.recount(venue_id, moment)
