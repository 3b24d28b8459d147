"""Rows of a sheet of accounts, checked against what there is: who is there already, and whom one may appoint where."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from sqlalchemy import and_, or_, select

from app.access import everything
from app.domain.areas import CODE_LENGTHS, AreaLevel, area_level, code_after, code_at
from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.text import without_blanks
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import Account, Area, Venue
from app.services.accounts import Appointment, compounds, may_change
from app.spreadsheets.columns import Fault, ParsedRow

_AT_ONCE = 500
_BETWEEN_NAMES = re.compile("[、，,;；/\n]+")
# Communities are registered by the name of their office; people write the community.
_OFFICE = re.compile("(居委会|居民委员会)$")
_BETWEEN_AREAS = re.compile("[/\\\\>\\-—·]+")


class RowVerdict(Enum):
    """What becomes of a row."""

    NEW = "new"
    ALREADY_THERE = "already_there"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


@dataclass(frozen=True)
class CheckedRow:
    """A row with every fault of it, or with the appointment that it asks for."""

    row: ParsedRow
    verdict: RowVerdict
    faults: Sequence[Fault] = ()
    appointment: Appointment | None = None


def check_rows(rows: Sequence[ParsedRow], appointer: Account) -> list[CheckedRow]:
    """Every row as it stands now; to be called in the scope of `appointer`, for that is what it may name."""
    checker = _Checker(appointer, _accounts_of(rows), _areas_below(str(appointer.area_code)), _compounds_of(rows))
    return [checker.check(row) for row in rows]


@dataclass
class _Checker:
    appointer: Account
    accounts: Mapping[str, Account]
    areas: Mapping[tuple[int, str], set[str]]
    compounds: Mapping[str, set[int]]
    _seen: set[str] = field(default_factory=set)

    def check(self, row: ParsedRow) -> CheckedRow:
        phone, faults = str(row.values.get("phone") or ""), list(row.faults)
        known = self.accounts.get(phone)
        if known is not None and not may_change(known, self.appointer):
            faults.append(Fault("phone", "phone_taken", N_("该手机号已开通账号")))
        role = self._role(row, faults)
        appointment = self._appointment(row, role, faults) if role else None
        if faults or appointment is None:
            return CheckedRow(row, RowVerdict.REJECTED, faults)
        if phone in self._seen:
            return CheckedRow(row, RowVerdict.DUPLICATE)
        self._seen.add(phone)
        if known is not None:
            return CheckedRow(row, RowVerdict.ALREADY_THERE)
        return CheckedRow(row, RowVerdict.NEW, appointment=appointment)

    def _role(self, row: ParsedRow, faults: list[Fault]) -> Role | None:
        """The role that the row names, or the only one that it can mean."""
        if any(fault.column_key == "role" for fault in row.faults):
            return None
        appoints = self.appointer.role.appoints if self.appointer.role else frozenset()
        found = Role.from_label(str(row.values["role"])) if row.values.get("role") else None
        if found is None and len(appoints) == 1:
            (found,) = appoints
        if found is None and row.values.get("compounds") and Role.COMPOUND_ADMIN in appoints:
            found = Role.COMPOUND_ADMIN
        if found is None or found not in appoints:
            faults.append(Fault("role", "required", N_("请填写角色")))
            return None
        return found

    def _appointment(self, row: ParsedRow, role: Role, faults: list[Fault]) -> Appointment:
        values = row.values
        is_compound = role is Role.COMPOUND_ADMIN
        venue_ids = self._venues(str(values.get("compounds") or ""), faults) if is_compound else frozenset()
        area_code = None if is_compound else self._area(str(values.get("area") or ""), role, faults)
        kind = VenueKind.from_label(str(values["sector"])) if values.get("sector") else None
        if role is Role.SECTOR_ADMIN and kind is None:
            faults.append(Fault("sector", "required", N_("请填写行业")))
        return Appointment(
            phone=str(values.get("phone") or ""),
            name=str(values.get("name") or ""),
            role=role,
            area_code=area_code,
            venue_ids=venue_ids,
            venue_kind=kind if role is Role.SECTOR_ADMIN else None,
        )

    def _area(self, text: str, role: Role, faults: list[Fault]) -> str | None:
        """The code of the area that `text` names, at the level of the role; blank is the appointer's own."""
        own = str(self.appointer.area_code)
        level = role.level or area_level(own)
        if not text and role.level in (None, area_level(own)):
            return own
        found = self.areas.get((CODE_LENGTHS[level], _BETWEEN_AREAS.sub("", without_blanks(text))), set())
        if len(found) == 1:
            return next(iter(found))
        problem = N_("有多个同名区域，请写明上级区域或区划代码") if found else N_("请填写管辖范围内的区域")
        faults.append(Fault("area", "area", problem))
        return None

    def _venues(self, text: str, faults: list[Fault]) -> frozenset[int]:
        """The compounds that `text` names."""
        names = [name for part in _BETWEEN_NAMES.split(text) if (name := part.strip())]
        found = [self.compounds.get(name, set()) for name in names]
        if names and all(len(ids) == 1 for ids in found):
            return frozenset().union(*found)
        is_ambiguous = all(found) and bool(names)
        problem = N_("辖区内有多个同名小区，请填写小区编码") if is_ambiguous else N_("请填写管辖范围内的小区")
        faults.append(Fault("compounds", "compounds", problem))
        return frozenset()


def _accounts_of(rows: Sequence[ParsedRow]) -> dict[str, Account]:
    """The accounts of the phones in the sheet, wherever they stand."""
    phones = sorted({str(row.values["phone"]) for row in rows if row.values.get("phone")})
    found: dict[str, Account] = {}
    with everything("a phone number is one account's everywhere"):
        for at in range(0, len(phones), _AT_ONCE):
            query = select(Account).where(Account.username.in_(phones[at : at + _AT_ONCE]))
            found |= {account.username: account for account in db.session.execute(query).scalars()}
    return found


def _areas_below(code: str) -> dict[tuple[int, str], set[str]]:
    """The areas in `code` by level and by whatever names them: code, name, or names from above down to it."""
    above_it = [code[:length] for length in CODE_LENGTHS.values() if length < len(code)]
    below_it = and_(Area.code >= code, Area.code < code_after(code))
    query = select(Area.code, Area.name, Area.aliases).where(or_(below_it, Area.code.in_(above_it)))
    found_rows = db.session.execute(query).all()
    names = {row.code: row.name for row in found_rows}
    rows = [row for row in found_rows if len(row.code) >= len(code)]
    found: dict[tuple[int, str], set[str]] = defaultdict(set)
    for row in rows:
        paths, above = [row.name, *(row.aliases or [])], ""
        for level in reversed(AreaLevel):
            upper = code_at(row.code, level)
            if upper is not None and upper != row.code and upper in names:
                above = names[upper] + above
                paths.append(above + row.name)
        for name in (row.code, *paths):
            plain = without_blanks(name)
            found[len(row.code), plain].add(row.code)
            found[len(row.code), _OFFICE.sub("", plain)].add(row.code)
    return found


def _compounds_of(rows: Sequence[ParsedRow]) -> dict[str, set[int]]:
    """The compounds in scope that the sheet names, by name and by code."""
    texts = [str(row.values["compounds"]) for row in rows if row.values.get("compounds")]
    names = sorted({part.strip() for text in texts for part in _BETWEEN_NAMES.split(text) if part.strip()})
    found: dict[str, set[int]] = defaultdict(set)
    for venue in _named(names):
        found[venue.name].add(venue.id)
        found[venue.code].add(venue.id)
    return found


def _named(names: Sequence[str]) -> Iterable[Venue]:
    for at in range(0, len(names), _AT_ONCE):
        some = names[at : at + _AT_ONCE]
        query = compounds().where(or_(Venue.name.in_(some), Venue.code.in_(some)))
        yield from db.session.execute(query).scalars()
