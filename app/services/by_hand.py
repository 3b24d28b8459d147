"""What managers type in for people without a phone: paper forms and residents known to isolate (Z-R7, Z-R10)."""

from __future__ import annotations

from datetime import datetime

from app import clock
from app.access import everything
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.masking import mask_document, mask_name
from app.models import EntrySource, Venue
from app.models.entry import new_entry_id
from app.services import audit, registration, scan_venues, statistics
from app.services.audit import Actor
from app.services.filled_form import FilledForm
from app.services.scan_entries import Scan, ScanResult
from app.services.scan_venues import ScanVenue
from app.services.transaction import transactional

_ONE_PERSON = "a number names one person in the whole region; the venue was fetched in scope"


def _place(venue: Venue) -> ScanVenue:
    return scan_venues.of(venue)


@transactional
def add_resident(form: FilledForm, *, venue: Venue, actor: Actor) -> int:
    """Tie the person of `form` to `venue` (「新建」); return the residency's id."""
    place = _place(venue)
    with everything(_ONE_PERSON):
        residency_id = registration.add_resident(form, venue=place, moment=clock.now())
        audit.record(
            actor,
            "create_resident",
            subject=residency_id,
            subject_type="residency",
            area_code=place.area_code,
            changes={"name": mask_name(form.name), "document_number": mask_document(form.document_number)},
        )
    return residency_id


@transactional
def add_entry(form: FilledForm, *, venue: Venue, moment: datetime, actor: Actor) -> ScanResult:
    """Record a paper form at the moment that stands on it (checklist Z75). Error: entry_in_future."""
    typed_in = clock.now()
    if moment > typed_in:
        raise DomainError(N_("登记时间不能晚于现在"), code="entry_in_future", field="recorded_at")
    scan = Scan(
        entry_id=new_entry_id(typed_in),  # the id tells when it was typed in, recorded_at when it happened
        venue=_place(venue),
        device_index=None,
        moment=moment,
        source=EntrySource.MANUAL,
        recorded_by_id=actor.id,
    )
    with everything(_ONE_PERSON):
        result = registration.register(form, scan)
        audit.record(
            actor,
            "create_entry",
            subject=scan.entry_id,
            subject_type="entry_record",
            area_code=venue.area_code,
            changes={"name": mask_name(form.name), "document_number": mask_document(form.document_number)},
        )
        statistics.recount(venue.id, moment)
    return result
