"""What an official risk-area file would change for everybody, without changing anything (X12, 2.1)."""

from __future__ import annotations

from dataclasses import dataclass

from app.access import everything
from app.domain.risk import read_official
from app.models import Account
from app.services import risk_area_arrivals, risk_areas, simulation
from app.services.risk_area_arrivals import Listing
from app.services.risk_area_changes import region
from app.services.risk_area_import import check_editor, matcher, parsed
from app.services.simulation import Preview


@dataclass(frozen=True)
class FilePreview:
    """Whose colours the file would change, how many rows it has, and the published names that match no area."""

    changes: Preview
    rows: int
    unmatched: tuple[str, ...]


def preview(content: bytes, *, account: Account) -> FilePreview:
    """What the file would do if it were imported now; nothing is kept. Errors: role, risk_file."""
    check_editor(account)
    profile = region()
    published = read_official(parsed(content), profile.risk_areas.published, profile.zone)
    with everything("risk areas lie all over the country"):
        match, since = matcher(profile), published.in_force_from
        until = risk_areas.next_official(since)
        found = [(area, match(area).area_code) for area in published.areas]
        listed = [Listing(code, area.level, since, until) for area, code in found if code]
        brings = risk_area_arrivals.brought_by(listed, profile)
    unmatched = tuple("".join((area.province, area.city, area.county)) for area, code in found if not code)
    return FilePreview(simulation.of_change(brings), len(published.areas), unmatched)
