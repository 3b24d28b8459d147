"""The forms of checkpoints and sectors: the compound's with what they do not ask left out (Z-S6, Z-S8)."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, RadioField, ValidationError

from app.domain.returns import ReturnDeclaration
from app.domain.venues import VenueFamily
from app.forms.fields import NO, YES, Needed
from app.forms.registration import RegistrationForm
from app.profiles import Profile


class SectorForm(RegistrationForm):
    """The eight fields of Z-S8 (checklist Z36); what is asked of a return only, is required then only (D10)."""

    address = None
    plate_number = None
    transport = None
    quarantine_method = None
    consent = BooleanField(
        lazy_gettext("我已阅读并承诺遵守《承诺书告知书》"), [Needed(lazy_gettext("请阅读《承诺书告知书》并勾选"))]
    )


class CheckpointForm(SectorForm):
    """「入郑健康扫码」: whoever fills it in arrives today, from somewhere (Z-S6, checklist Z26, Z29)."""

    is_returnee = None
    consent = BooleanField(
        lazy_gettext("我已阅读并承诺遵守《承诺书》"), [Needed(lazy_gettext("请阅读《承诺书》并勾选"))]
    )

    def __init__(
        self, typed: MultiDict[str, str] | None, *, profile: Profile, today: date, language: str, **data: Any
    ) -> None:
        super().__init__(typed, profile=profile, today=today, language=language, **data)
        # Whatever was sent: one arrives on the day on which one stands there.
        self.arrival_date.data = today
        self.arrival_date.raw_data = None
        self.arrival_date.process_errors = []
        self.arrival_date.render_kw = {"readonly": True}
        self.arrival_date.flags.starred = False

    @property
    def declaration(self) -> ReturnDeclaration:
        """What the form says of the journey that ends here."""
        is_from_abroad = self.is_from_abroad.data == YES
        return ReturnDeclaration(
            is_returnee=True,
            arrival_date=self.today,
            is_from_abroad=is_from_abroad,
            origin_area_code=None if is_from_abroad else self.origin_area_code,
            origin_country=self._country() if is_from_abroad else None,
        )

    def validate_is_from_abroad(self, field: RadioField) -> None:
        if field.data not in (YES, NO):
            raise ValidationError(gettext("请选择是否国外返回"))


FORMS: dict[VenueFamily, type[RegistrationForm]] = {
    VenueFamily.COMPOUND: RegistrationForm,
    VenueFamily.CHECKPOINT: CheckpointForm,
    VenueFamily.SECTOR: SectorForm,
}
