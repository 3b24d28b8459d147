"""Which district gets a row of a screening list (Z-T1, Z-T2, D17)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from app.domain.errors import DomainError
from app.domain.labels import N_, Labelled
from app.domain.text import without_blanks


class UndispatchedReason(Labelled):
    """Why a row waits in the city's tray."""

    OTHER_CITY = N_("不属于本市")
    NO_DISTRICT = N_("没有写明区县")
    UNKNOWN_DISTRICT = N_("区县名称无法识别")
    NO_STREET = N_("没有写明街道办事处")
    UNKNOWN_STREET = N_("街道办事处名称无法识别")
    POSSIBLE_DUPLICATE = N_("可能重复，待核对")


# The row says where it belongs, in words that nobody knows yet.
NAMED_BADLY = frozenset({UndispatchedReason.UNKNOWN_DISTRICT, UndispatchedReason.UNKNOWN_STREET})


@dataclass(frozen=True)
class Dispatch:
    """Where a row goes: an area code, or None and the reason; the compound where it is known."""

    area_code: str | None
    reason: UndispatchedReason | None = None
    venue_id: int | None = None


class DistrictNames:
    """The names by which sheets call the city's districts. Only listed names are known: nothing is guessed."""

    def __init__(self, districts: Iterable[tuple[str, str, Iterable[str]]]) -> None:
        """Take (code, name, aliases) of each district; one name for two districts is refused (ValueError)."""
        self._codes: dict[str, str] = {}
        for code, name, aliases in districts:
            for text in (name, *aliases):
                if self._codes.setdefault(without_blanks(text), code) != code:
                    raise ValueError(f"{text} names two districts: {self._codes[without_blanks(text)]} and {code}")

    def find(self, text: str | None) -> str | None:
        """The code of the district called `text`, however it is spaced and whatever its width, or None."""
        return self._codes.get(without_blanks(text)) if text else None


def by_named_district(
    city_text: str | None, district_text: str | None, names: DistrictNames, city_name: str
) -> Dispatch:
    """The district that a row names, unless it names another city (Z-T1).

    A row that names no city goes by its district: `names` holds this city's districts only.
    """
    city = without_blanks(city_text or "")
    if city and city.removesuffix("市") != city_name.removesuffix("市"):
        return Dispatch(None, UndispatchedReason.OTHER_CITY)
    if not without_blanks(district_text or ""):
        return Dispatch(None, UndispatchedReason.NO_DISTRICT)
    code = names.find(district_text)
    return Dispatch(code) if code else Dispatch(None, UndispatchedReason.UNKNOWN_DISTRICT)


class PlaceNames:
    """The region's streets and communities by name below their parent; districts have their own names."""

    def __init__(self, places: Iterable[tuple[str, str, str]]) -> None:
        """Take (code, parent's code, name) of each street and community."""
        self._codes = {(parent, without_blanks(name)): code for code, parent, name in places}

    def deepest(self, district: str, names: Sequence[str | None]) -> str:
        """The code of the last of street and community that is found below the one before, else the district's."""
        code = district
        for name in names:
            found = self._codes.get((code, without_blanks(name))) if name else None
            if found is None:
                return code
            code = found
        return code


def by_residence(known: Dispatch | None, named: Dispatch, names: Sequence[str | None], places: PlaceNames) -> Dispatch:
    """Where the person lives: the compound of the tie that we know, else what the row names, as deep as that goes.

    A tie tells street, community and compound for certain; a sheet's names are what somebody heard (Z-T6, D11).
    """
    if known is not None:
        return known
    if named.area_code is None:
        return named
    return Dispatch(places.deepest(named.area_code, names))


class StreetNames:
    """The names by which sheets call the city's streets, with or without their district's before it (Z-T3)."""

    def __init__(self, streets: Iterable[tuple[str, str]], districts: DistrictNames) -> None:
        """Take (code, name) of each street."""
        self._districts = districts
        self._codes: dict[str, set[str]] = {}
        for code, name in streets:
            self._codes.setdefault(_bare_street(name), set()).add(code)

    def find(self, text: str) -> str | None:
        """The code of the one street called `text`, else of the district that it begins with, or None."""
        named = without_blanks(text)
        found = self._codes.get(_bare_street(named), set())
        if len(found) == 1:
            return next(iter(found))
        for end in range(len(named), 0, -1):
            district = self._districts.find(named[:end])
            if district is not None:
                own = [code for code in self._codes.get(_bare_street(named[end:]), ()) if code.startswith(district)]
                return own[0] if len(own) == 1 else district
        return None


def _bare_street(name: str) -> str:
    return without_blanks(name).removesuffix("办事处").removesuffix("街道")


def by_named_street(text: str | None, names: StreetNames) -> Dispatch:
    """The street that a row names, or its district where the street is not known (Z-T3)."""
    if not without_blanks(text or ""):
        return Dispatch(None, UndispatchedReason.NO_STREET)
    code = names.find(str(text))
    return Dispatch(code) if code else Dispatch(None, UndispatchedReason.UNKNOWN_STREET)


@dataclass(frozen=True)
class Draw:
    """The lots of one batch: what they are drawn from, and how many of its rows were dealt out before."""

    seed: str
    dealt: int = 0


def spread_evenly(row_count: int, districts: Sequence[str], draw: Draw) -> list[str]:
    """A district for each of the next `row_count` rows, at random, no district more than one row ahead (Z-T2).

    Every round gives each district one row, in an order drawn for it. So a row's district hangs on its place in the
    batch and on the seed alone, on every machine: a batch that goes on after a crash lands where it would have.
    """
    if not districts:
        raise DomainError(N_("没有可以下发的区县"), code="no_district")
    codes = sorted(set(districts))
    first_round, passed = divmod(draw.dealt, len(codes))
    rounds = range(first_round, (draw.dealt + row_count) // len(codes) + 1)
    dealt = [code for number in rounds for code in sorted(codes, key=partial(_lot, draw.seed, number))]
    return dealt[passed : passed + row_count]


def _lot(seed: str, number: int, code: str) -> bytes:
    return sha256(f"{seed}\0{number}\0{code}".encode()).digest()


@dataclass(frozen=True, kw_only=True)
class StationPolicy:
    """Boarding stations whose passengers must be screened; from the profile."""

    must_screen: frozenset[str] = frozenset()


def must_screen_station(policy: StationPolicy, station: str | None) -> bool:
    """Whether someone who boarded at `station` (with or without 站) enters the list (Z-T2)."""
    name = without_blanks(station or "").removesuffix("站")
    return bool(name) and name in {listed.removesuffix("站") for listed in policy.must_screen}
