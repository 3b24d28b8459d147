"""Evidence as tests bring it: about a new person each time, unless they say whom."""

from __future__ import annotations

import itertools
from typing import Any

from app import clock
from app.domain.documents import DocumentType
from app.domain.health import EvidenceKind
from app.domain.roles import Role
from app.models import EvidenceSource
from app.services.evidence import NewEvidence
from tests.factories import id_card

DISTRICT = "410102"
_people = itertools.count(1)


def known(kind: EvidenceKind, **details: Any) -> NewEvidence:
    """Evidence of that kind from now on, brought by a test, owned by a district."""
    serial = next(_people)
    values: dict[str, Any] = {
        "document_type": DocumentType.ID_CARD,
        "document_number": id_card(serial, birth=f"{1930 + serial // 1000:04d}0202"),
        "name": "何晓明",
        "began_at": clock.now(),
        "area_code": DISTRICT,
        "owner_role": Role.DISTRICT_ADMIN,
        "source_kind": EvidenceSource.TEST,
    }
    return NewEvidence(kind=kind, **(values | details))
