"""Where a list's rows go and which of them enter it: the rules of domain/dispatch.py with the region's data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from app.domain.dispatch import (
    Dispatch,
    Draw,
    by_named_district,
    by_named_street,
    by_residence,
    must_screen_station,
    spread_evenly,
)
from app.domain.documents import DocumentType
from app.domain.text import without_blanks
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import Person, Residency, Venue
from app.models.encryption import document_index, phone_index
from app.profiles import Profile
from app.services import area_tree
from app.spreadsheets.checks import document_type_of

Values = Mapping[str, Any]
# Where the next new rows of a batch go, in their order.
Dispatcher = Callable[[Sequence[Values]], list[Dispatch]]
DispatchRule = Callable[[Profile, Draw], Dispatcher]
FilterRule = Callable[[Profile], Callable[[Values], bool]]


def to_named_district(district_key: str, *, city_key: str | None = None) -> DispatchRule:
    """Each row goes to the district that it names (Z-T1, Z-T4)."""

    def rule(profile: Profile, _draw: Draw) -> Dispatcher:
        names, city = area_tree.current().district_names, profile.region_name.zh

        @lru_cache(maxsize=4096)
        def find(city_text: str | None, district_text: str | None) -> Dispatch:
            return by_named_district(city_text, district_text, names, city)

        def dispatch(rows: Sequence[Values]) -> list[Dispatch]:
            return [find(row[city_key] if city_key else None, row[district_key]) for row in rows]

        return dispatch

    return rule


def evenly(_profile: Profile, draw: Draw) -> Dispatcher:
    """The rows are spread at random over the districts, no district more than one row ahead (Z-T2).

    The seed is the file, so that the same file is dealt out the same way again.
    """
    codes = [record.code for record in area_tree.current().districts]

    def dispatch(rows: Sequence[Values]) -> list[Dispatch]:
        nonlocal draw
        found = spread_evenly(len(rows), codes, draw)
        draw = replace(draw, dealt=draw.dealt + len(rows))
        return [Dispatch(code) for code in found]

    return dispatch


def boarded_at_listed_station(profile: Profile) -> Callable[[Values], bool]:
    """Rows of passengers from the stations of the policy enter the list (Z-T2)."""

    @lru_cache(maxsize=4096)
    def is_listed(station: str | None) -> bool:
        return must_screen_station(profile.stations, station)

    return lambda row: is_listed(row["boarding_station"])


def document_type_of_row(values: Values) -> DocumentType:
    """The kind of a row's document: as its sheet names it, else by the number's look."""
    named = values.get("document_type")
    if named:
        return document_type_of(named)
    return DocumentType.OTHER if str(values["document_number"])[:1].isalpha() else DocumentType.ID_CARD


def to_residence(profile: Profile, _draw: Draw) -> Dispatcher:
    """Each row goes to where the person lives: to the compound of a tie, else as deep as the row's names lead (Z-T6).

    A chunk of rows costs two statements: the people's ties, and the compounds that the rows name.
    """
    tree, city = area_tree.current(), profile.region_name.zh
    names, places = tree.district_names, tree.place_names

    def place(row: Values, tie: Dispatch | None) -> Dispatch:
        named = by_named_district(None, row.get("target_district"), names, city)
        return by_residence(tie, named, (row.get("street"), row.get("community")), places)

    return _by_ties(place)


def to_residence_or_street(_profile: Profile, _draw: Draw) -> Dispatcher:
    """Each row goes to the compound of the person's tie, else to the street and the compound that it names (Z-T3)."""
    names = area_tree.current().street_names
    return _by_ties(lambda row, tie: tie or by_named_street(row.get("street"), names))


def _by_ties(place: Callable[[Values, Dispatch | None], Dispatch]) -> Dispatcher:
    def dispatch(rows: Sequence[Values]) -> list[Dispatch]:
        ties = _ties(rows)
        placed = [place(row, ties.get(_document(row) or _phone(row))) for row in rows]
        return _with_compounds(rows, placed)

    return dispatch


def _document(row: Values) -> bytes | None:
    number = row.get("document_number")
    return document_index(document_type_of_row(row).name, number) if number else None


def _phone(row: Values) -> bytes | None:
    number = row.get("phone")
    return phone_index(number) if number else None


def _ties(rows: Sequence[Values]) -> dict[bytes | None, Dispatch]:
    """The compound of everybody who has a tie, by the index of the document and, for rows without one, the phone."""
    documents = {index for row in rows if (index := _document(row))}
    phones = {index for row in rows if not row.get("document_number") and (index := _phone(row))}
    person, tie = Person.__table__.c, Residency.__table__.c
    columns = (person.document_index, person.phone_index, tie.area_code, tie.venue_id)
    either = person.document_index.in_(documents) | person.phone_index.in_(phones)
    query = select(*columns).join(Residency.__table__, tie.person_id == person.id).where(either, tie.ended_at.is_(None))
    found: dict[bytes | None, Dispatch] = {}
    for row in db.session.execute(query.order_by(tie.id)):
        place = Dispatch(row.area_code, venue_id=row.venue_id)
        found[bytes(row.document_index)] = place
        found.setdefault(bytes(row.phone_index), place)
    return found


def _with_compounds(rows: Sequence[Values], placed: Sequence[Dispatch]) -> list[Dispatch]:
    """The places with the compound that a row names, where exactly one of that name lies there."""
    names = {row["compound"].strip() for row in rows if row.get("compound")}
    if not names:
        return list(placed)
    compounds = _compounds_named(names)
    return [
        _narrowed(place, compounds.get(without_blanks(row.get("compound") or ""), ()))
        for row, place in zip(rows, placed, strict=True)
    ]


def _compounds_named(names: Iterable[str]) -> dict[str, list[tuple[int, str]]]:
    venue = Venue.__table__.c
    binding = [kind for kind in VenueKind if kind.binds]
    query = select(venue.id, venue.area_code, venue.name)
    query = query.where(venue.name.in_(names), venue.kind.in_(binding), venue.closed_at.is_(None))
    found: dict[str, list[tuple[int, str]]] = {}
    for key, area_code, name in db.session.execute(query):
        found.setdefault(without_blanks(name), []).append((key, area_code))
    return found


def _narrowed(place: Dispatch, compounds: Sequence[tuple[int, str]]) -> Dispatch:
    if place.venue_id is not None or place.area_code is None:
        return place
    there = [(key, code) for key, code in compounds if code.startswith(place.area_code)]
    return Dispatch(there[0][1], venue_id=there[0][0]) if len(there) == 1 else place
