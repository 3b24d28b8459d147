"""The health colour at the gate: the worse of the quarantine's and the code's, with its sentence (Z-S9, X1).

Reads only: a scan by itself never changes a colour (X3).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import exists, select

from app.access import everything
from app.domain.colors import Color
from app.domain.gate import Passage
from app.domain.labels import Text
from app.extensions import db
from app.models import Evidence, Person
from app.services import health_colors

_AT_GATE = "whoever stands at the gate, wherever they belong"


def worse(passage: Passage, document_index: bytes, moment: datetime) -> Passage:
    """The passage in the person's health colour, where that is worse."""
    color = health_colors.color_of(document_index, moment).color
    return replace(passage, color=Color.worst((passage.color, color)))


def sentence(document_index: bytes, *, name: str, color: Color, moment: datetime) -> Text | None:
    """Why the person is of that colour, for one who gave the name that the evidence bears.

    Whoever types another's number under some name sees the colour, as the guard does, and learns nothing more.
    """
    if color is Color.GREEN:
        return None
    found = health_colors.color_of(document_index, moment)
    if found.color is not color or not found.reasons:
        return None
    named = exists().where(
        Evidence.document_index == document_index, Evidence.id == found.reasons[0].fact_key, Evidence.name == name
    )
    with everything(_AT_GATE):
        is_own = db.session.execute(select(named)).scalar()
    return found.reasons[0].sentence if is_own else None


def sentence_of(person_id: int, *, name: str, color: Color, moment: datetime) -> Text | None:
    """The same for a person by number."""
    if color is Color.GREEN:
        return None
    people = Person.__table__
    with everything(_AT_GATE):
        index = db.session.execute(select(people.c.document_index).where(people.c.id == person_id)).scalar_one()
    return sentence(bytes(index), name=name, color=color, moment=moment)
