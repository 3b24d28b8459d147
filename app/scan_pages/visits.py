"""A request to a venue's address: within the limits, in a language, by a phone, without row scope (Z-S1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from urllib.parse import parse_qsl

from flask import Response, g, request

from app.access import Scope, enter_scope
from app.domain.labels import N_
from app.domain.sectors import CodeState
from app.domain.venues import VenueFamily
from app.scan_pages import device, form_token, language, limits, rendering, too_many
from app.scan_pages.express import COUNTED
from app.services import identities, scan_venues
from app.services.scan_venues import ScanVenue

FAMILIES = (VenueFamily.COMPOUND, VenueFamily.CHECKPOINT, VenueFamily.SECTOR)
_MOST_BYTES = 64 * 1024
_PUBLIC = Scope(reason="public scan page, filtered by the device's own key", is_everything=True)


@dataclass(frozen=True)
class Visit:
    """A request to a venue's page: where, by which phone, in which language."""

    venue: ScanVenue
    device: str
    device_index: bytes
    is_new_device: bool
    language: str

    def token(self, moment: datetime, *, subject: str = "") -> str:
        """Return a fresh token for a form on this page."""
        return form_token.issue(moment, code=self.venue.code, device=self.device, subject=subject)

    def redeem(self, token: str, moment: datetime, *, subject: str = "") -> int | None:
        """Return the entry's id of a token that this page gave to this phone; None for any other text."""
        return form_token.redeem(token, moment, code=self.venue.code, device=self.device, subject=subject)

    def kept(self, response: Response) -> Response:
        """Return the page, leaving key and language on the phone."""
        if self.is_new_device:
            device.keep(response, self.device)
        language.keep(response)
        return response


def visited(page: Callable[[Visit], Response]) -> Callable[[str], Response]:
    """Make `page` the answer for the code of a venue that is open and was not revoked."""

    @wraps(page)
    def answer(code: str) -> Response:
        request.max_content_length = _MOST_BYTES
        spoken = g.public_locale = language.of(request)
        key = device.of(request)
        index = identities.device_index(key) if key else None
        if COUNTED not in request.environ:
            seconds = limits.seconds_to_wait(index, request.remote_addr, place=code)
            if seconds:
                sent = parse_qsl(request.get_data(as_text=True), keep_blank_values=True)
                return too_many.page(spoken, seconds=seconds, sent=sent)
        enter_scope(_PUBLIC)
        venue = scan_venues.find(code)
        if venue is None or venue.kind.family not in FAMILIES:
            return _unknown(spoken)
        if venue.state is CodeState.REVOKED:
            return _revoked(spoken)
        if venue.closed_at is not None:
            return _closed(spoken)
        if key is None or index is None:
            key = device.new()
            return page(Visit(venue, key, identities.device_index(key), True, spoken))
        return page(Visit(venue, key, index, False, spoken))

    return answer


def _unknown(spoken: str) -> Response:
    lead = N_("请确认扫描的是现场张贴的二维码；如二维码被覆盖、涂改或已停用，请告知现场工作人员。")
    return rendering.message("unknown", N_("场所码无效或已停用"), lead, spoken, code=404)


def _revoked(spoken: str) -> Response:
    lead = N_("请扫描现场更换后的新二维码；如现场没有新码，请告知工作人员。")
    return rendering.message("closed", N_("此二维码已作废"), lead, spoken, code=410)


def _closed(spoken: str) -> Response:
    lead = N_("这里已停止扫码登记，您不用登记。如现场仍要求登记，请扫描现场的其他二维码，或请工作人员代为登记。")
    return rendering.message("closed", N_("此场所已停用"), lead, spoken, code=410)
