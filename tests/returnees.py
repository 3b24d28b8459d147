"""Rows of every list for tests, as an import or a report would leave them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from app.domain.screening import EntryOrigin, ScreeningKind
from app.models import ScreeningEntry, Venue
from app.services import screening
from tests.factories import COMMUNITY, id_card, phone

DAY = date(2020, 3, 20)
PARTICULARS: dict[ScreeningKind, dict[str, Any]] = {
    ScreeningKind.OVERSEAS_RETURNEE: {"expected_at": datetime(2020, 3, 20, 21, 16), "way": "飞机", "country": "韩国"},
}


def row_of(
    kind: ScreeningKind, serial: int = 7, *, venue: Venue | None = None, area_code: str = COMMUNITY, **values: Any
) -> ScreeningEntry:
    """A row about the person of that serial number, in the compound or the area."""
    given = {
        "listed_on": DAY,
        "name": "何晓明",
        "document_type": "身份证",
        "document_number": id_card(serial, birth="19850607"),
        "phone": phone(serial),
        **PARTICULARS.get(kind, {}),
        **values,
    }
    place = {"area_code": venue.area_code, "venue_id": venue.id} if venue else {"area_code": area_code}
    return screening.add_entry(kind, given, source=EntryOrigin.REPORT, **place)
