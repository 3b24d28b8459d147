"""The form of Z-S2 read without the form object, where it is without a fault and without a return (issue 1.5).

Building, binding and checking nineteen fields is half of a first registration. RegistrationForm stays the judge of
whatever is not plainly sound; tests/forms shows that the two never disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from app.domain.documents import DocumentType, check_document, check_phone, check_plate
from app.domain.errors import DomainError
from app.domain.text import clean
from app.forms.registration import LONGEST_ADDRESS, LONGEST_NAME, NO, SHORTEST_ADDRESS, SHORTEST_NAME
from app.services.filled_form import FilledForm

_TICKED = "y"


def sound_form(sent: Mapping[str, str], *, today: date) -> FilledForm | None:
    """Return the content of a sound form of somebody who does not return; None for any other."""
    kind = DocumentType.__members__.get(sent.get("document_type", ""))
    if kind is None or sent.get("consent") != _TICKED or "choose_origin" in sent:
        return None
    if sent.get("is_returnee") != NO or sent.get("is_from_abroad", NO) != NO or sent.get("arrival_date"):
        return None
    name, address = clean(sent.get("name", "")), clean(sent.get("address", ""))
    if not (SHORTEST_NAME <= len(name) <= LONGEST_NAME and SHORTEST_ADDRESS <= len(address) <= LONGEST_ADDRESS):
        return None
    plate = clean(sent.get("plate_number", ""))
    try:
        return FilledForm(
            name=name,
            document_type=kind,
            document_number=check_document(kind, clean(sent.get("document_number", "")), today=today),
            phone=check_phone(clean(sent.get("phone_number", ""))),
            address=address,
            plate=check_plate(plate) if plate else None,
        )
    except DomainError:
        return None
