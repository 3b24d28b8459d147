"""The form 「郑好码」 as services take it (Z-H1)."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.domain.declared_health import HealthCondition, ResidenceType
from app.domain.returns import ReturnDeclaration
from app.services.code_owners import CodeOwner


@dataclass(frozen=True, kw_only=True)
class Application(CodeOwner):
    """The form 「郑好码」 (Z-H1), checked and normalised; `form_number` is the page's, `sms_code` what was typed."""

    form_number: int
    pledge_version: str
    sms_code: str
    residence_type: ResidenceType
    area_code: str
    address: str
    registered_area_code: str
    condition: HealthCondition
    has_contact: bool
    connection_number: str | None = None
    declaration: ReturnDeclaration = field(default_factory=ReturnDeclaration)
