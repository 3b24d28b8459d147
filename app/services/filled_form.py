"""A form as it was filled in, checked and normalised."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.domain.documents import DocumentType
from app.domain.returns import ReturnDeclaration
from app.models.encryption import document_index


@dataclass(frozen=True, kw_only=True)
class FilledForm:
    """The form of Z-S2; those of other families ask less (Z-S6, Z-S8)."""

    name: str
    document_type: DocumentType
    document_number: str
    phone: str
    address: str | None = None
    plate: str | None = None
    declaration: ReturnDeclaration = field(default_factory=ReturnDeclaration)

    @property
    def document_index(self) -> bytes:
        return document_index(self.document_type.name, self.document_number)
