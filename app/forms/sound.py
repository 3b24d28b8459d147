"""The public forms read without the form object, where they are without a fault and without a return (issue 1.5).

Building, binding and checking nineteen fields is half of a first registration. The forms of families.py stay the
judges of whatever is not plainly sound; tests/forms shows that the two never disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from app.domain.documents import DocumentType, check_document, check_phone, check_plate
from app.domain.errors import DomainError
from app.domain.returns import ReturnDeclaration
from app.domain.text import clean, person_name
from app.domain.venues import VenueFamily
from app.forms import places
from app.forms.fields import NO, ORIGIN
from app.forms.person import LONGEST_NAME, SHORTEST_NAME
from app.forms.registration import LONGEST_ADDRESS, SHORTEST_ADDRESS
from app.services.filled_form import FilledForm

_TICKED = "y"
_STAYED = ReturnDeclaration()


def sound_form(sent: Mapping[str, str], *, family: VenueFamily, today: date) -> FilledForm | None:
    """Return the content of a sound form that declares no return (a checkpoint's: none from abroad); None for any other."""
    kind = DocumentType.__members__.get(sent.get("document_type", ""))
    if kind is None or sent.get("consent") != _TICKED or "choose_origin" in sent:
        return None
    declaration = _arrival(sent, today) if family is VenueFamily.CHECKPOINT else _stay(sent)
    name = person_name(sent.get("name", ""))
    if declaration is None or not SHORTEST_NAME <= len(name) <= LONGEST_NAME:
        return None
    try:
        address, plate = _home(sent) if family is VenueFamily.COMPOUND else (None, None)
        return FilledForm(
            name=name,
            document_type=kind,
            document_number=check_document(kind, clean(sent.get("document_number", "")), today=today),
            phone=check_phone(clean(sent.get("phone_number", ""))),
            address=address,
            plate=plate,
            declaration=declaration,
        )
    except (DomainError, _NotSound):
        return None


class _NotSound(Exception):
    """The form has to say what is wrong."""


def _stay(sent: Mapping[str, str]) -> ReturnDeclaration | None:
    is_one = sent.get("is_returnee") == NO and sent.get("is_from_abroad", NO) == NO and not sent.get("arrival_date")
    return _STAYED if is_one else None


def _arrival(sent: Mapping[str, str], today: date) -> ReturnDeclaration | None:
    """The journey that ends at a checkpoint, from a district that the lists offer one after the other."""
    if sent.get("is_from_abroad") != NO:
        return None
    chosen = ""
    for name in ORIGIN:
        picked = sent.get(name, "")
        if not any(picked == code for code, _ in places.areas_below(chosen)):
            return None
        chosen = picked
    return ReturnDeclaration(is_returnee=True, arrival_date=today, origin_area_code=chosen)


def _home(sent: Mapping[str, str]) -> tuple[str, str | None]:
    """Address and plate, which only those who live there are asked for."""
    address, plate = clean(sent.get("address", "")), clean(sent.get("plate_number", ""))
    if not SHORTEST_ADDRESS <= len(address) <= LONGEST_ADDRESS:
        raise _NotSound
    return address, check_plate(plate) if plate else None
