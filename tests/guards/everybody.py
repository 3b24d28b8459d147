"""Rows of every table for every place and department, each with a mark of its own: what an answer tells, it is told by."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Table, insert, update
from sqlalchemy.types import Boolean, Date, DateTime, Integer, LargeBinary, String

from app.domain.colors import Color
from app.domain.documents import DocumentType
from app.domain.roles import Role
from app.domain.screening import STATUSES, ScreeningKind
from app.domain.sectors import CodeState
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import Account, BatchState, EntrySource, EvidenceState, SignInSession
from app.models.encryption import EncryptedText, document_index, phone_index
from app.models.entry import new_entry_id
from app.models.types import EnumByName, Json, UtcDateTime
from app.services import sessions
from app.services.sessions import Origin
from tests.factories import COMMUNITY, id_card
from tests.guards.sight import ACCOUNTS, OWN, SITES, WAYS, Site, Thing, Viewer, key_of, sees

# Each begins with what a search can run to, for pages are long: a pattern of all four took half of a walk.
_NAMED = re.compile(r"Zq(\d{5})x")
_KEY = re.compile(r"71(?<!\d71)(\d{5})00(?!\d)")
_PHONE = re.compile(r"\*\*\*\*(?<=\d\d\d\*\*\*\*)(\d{4})(?!\d)")
_LONG_KEY = re.compile(r"[0-9](?<![0-9][0-9])[0-9]{16,18}(?![0-9])")
# Rows that are somebody's own work: beside those of every place, one of every viewer.
OF_VIEWERS = (
    "stored_file",
    "stored_piece",
    "import_batch",
    "comparison",
    "comparison_match",
    "export_file",
    "look_up",
    "account_import",
)
_FRAMEWORK = ("ab_group", "ab_permission", "ab_register_user", "ab_role", "ab_view_menu", "ab_api_key")
# Published to everybody, and named here so that a rule that opens a table too far is a difference.
_OPEN = (
    "ab_permission_view",
    "area",
    "entry_rollup",
    "former_area_code",
    "risk_area",
    "risk_area_list",
    "risk_area_name",
    "rule_version",
)
_LEFT_OUT = {*_OPEN, *_FRAMEWORK, "audit_head", "data_release", "code_signing_key"}


def tables() -> Iterator[Table]:
    """The tables that hold somebody's rows, each after those that it points to."""
    for mapped in db.metadata.sorted_tables:
        is_link = all(column.foreign_keys or column.primary_key for column in mapped.columns)
        if mapped.name not in _LEFT_OUT and not (is_link and mapped.name.startswith("ab_")):
            yield mapped


# Rows of one place that differ in what a screen tells them apart by.
_VARIANTS: dict[str, list[dict[str, Any]]] = {
    "screening_entry": [{"kind": kind, "status": STATUSES[kind][0].name} for kind in ScreeningKind],
    "evidence": [{"state": EvidenceState.IN_FORCE}, {"state": EvidenceState.PROPOSED}],
    "import_batch": [{"state": BatchState.CHECKED}, {"state": BatchState.AWAITING_COLUMNS}],
    "venue": [{"code_state": CodeState.ACTIVE}],
    "entry_record": [{"source": EntrySource.MANUAL}],
    "appeal_photo": [{"position": 0}],
    "health_state": [{"timeline": [[None, Color.YELLOW.name]]}],
    "column_mapping": [{"told": '{"header": [], "columns": {}}'}],
}


def mark(number: int) -> str:
    return f"Zq{number:05d}x"


class Everybody:
    """All rows, by what they are marked with."""

    def __init__(self) -> None:
        self.things: list[Thing] = []
        self.numbers: dict[int, int] = {}  # of rows whose key is not ours to choose
        self.viewers: list[Viewer] = []
        self.secrets: dict[int, str] = {}  # of the viewers' sessions
        self._rows: dict[tuple[str, Site, int], dict[str, Any]] = {}
        owners = {site: self._add_account(site.area, site.role, site) for site in SITES}
        for table in tables():
            for site in SITES if table.name != ACCOUNTS else ():
                for variant in _VARIANTS.get(table.name, [{}]):
                    self._add(table, site, owners[site], variant)
        self._add_viewers()
        home = self._rows["venue", SITES[0], 0]["id"]
        self.things = [replace(thing, is_in_hand=self.venue_of(thing) == home) for thing in self.things]
        self._by_table: dict[str, list[Thing]] = {}
        for thing in self.things:
            self._by_table.setdefault(thing.table.name, []).append(thing)

    def told(self, text: str, held: frozenset[int] = frozenset()) -> set[int]:
        """The numbers of the rows that a text names, by mark, by masked phone, or by a key that is none of `held`."""
        found = {int(number) for number in (*_NAMED.findall(text), *_PHONE.findall(text))}
        found |= {int(number) for number in _KEY.findall(text)} - held
        found |= {self.numbers.get(int(key), 0) for key in _LONG_KEY.findall(text)}
        return {number for number in found if 0 < number <= len(self.things)}

    def of_table(self, name: str) -> Sequence[Thing]:
        """The rows of one table."""
        return self._by_table.get(name, ())

    def seen_by(self, who: Viewer) -> frozenset[int]:
        return frozenset(thing.number for thing in self.things if sees(who, thing))

    def held_by(self, seen: frozenset[int]) -> frozenset[int]:
        """The numbers of the rows whose keys these rows hold: a venue tells the number of its batch, and no more of it."""
        keys = {key_of(thing.number): thing.number for thing in self.things}
        rows = (self.things[number - 1].row for number in seen)
        return frozenset(
            keys[value] for row in rows for value in row.values() if isinstance(value, int) and value in keys
        )

    def _add_viewers(self) -> None:
        home = self._rows["venue", SITES[0], 0]["id"]
        for role in Role:
            level = role.level.code_length if role.level else 6
            area = COMMUNITY if role is Role.COMPOUND_ADMIN else COMMUNITY[:level]
            kind = VenueKind.BUS if role is Role.SECTOR_ADMIN else None
            site = Site(OWN, area, kind or VenueKind.COMPOUND, way=WAYS.get(role, "PLANE"))
            account = self._add_account(area, role, site, kind)
            for name in OF_VIEWERS:
                self._add(db.metadata.tables[name], site, account, {})
            if role is Role.COMPOUND_ADMIN:
                link = db.metadata.tables["account_venue"]
                db.session.execute(insert(link).values(account_id=account, venue_id=home, area_code=area))
            self.viewers.append(Viewer(role, area, account, kind))
            self.secrets[account] = self._sign_in(account)

    @staticmethod
    def _sign_in(account: int) -> str:
        """The secret of a session that no request has to note as seen."""
        origin = Origin("127.0.0.1", "a test")
        secret = sessions.begin(db.session.get_one(Account, account), origin, has_second_factor=True)
        later = datetime.now(UTC) + timedelta(hours=1)
        db.session.execute(update(SignInSession).values(last_seen_at=later))
        return secret

    def _add_account(self, area: str, role: Role, site: Site, kind: VenueKind | None = None) -> int:
        values = {"role": role, "area_code": area, "venue_kind": kind, "active": not site.is_ended}
        return int(self._add(db.metadata.tables[ACCOUNTS], site, 0, values)["id"])

    def _add(self, table: Table, site: Site, account: int, variant: dict[str, Any]) -> dict[str, Any]:
        number = len(self.things) + 1
        row = {c.name: self._value(c, number, site, account) for c in table.columns if _is_filled(c, table)}
        row |= self._particulars(table, number, site) | variant
        made = db.session.execute(insert(table).values(**row).returning(*table.primary_key.columns)).one()
        row |= made._mapping
        self._rows.setdefault((table.name, site, 0), row)
        self._rows[table.name, site, account] = row
        self.things.append(Thing(number, table, row, site, account or int(row.get("id", 0))))
        if isinstance(row.get("id"), int) and row["id"] != key_of(number):
            self.numbers[row["id"]] = number
        return row

    def row_at(self, name: str, site: Site) -> dict[str, Any]:
        """The row of a table at a place; of the first place where it has none."""
        return self._pointed_to(name, site, 0)

    def venue_of(self, thing: Thing) -> int | None:
        """The venue of a row, or of the place where it lies."""
        if thing.table.name == "venue":
            return int(thing.row["id"])
        if "venue_id" in thing.row:
            return int(thing.row["venue_id"])
        found = self._rows.get(("venue", SITES[0] if thing.site.is_ended else thing.site, 0))
        return int(found["id"]) if found else None

    def _pointed_to(self, name: str, site: Site, account: int) -> dict[str, Any]:
        """The row of the same owner and place; of the first place where a viewer has none."""
        for key in ((name, site, account), (name, site, 0), (name, SITES[0], 0)):
            if key in self._rows:
                return self._rows[key]
        raise LookupError(name)

    def _value(self, column: Column[Any], number: int, site: Site, account: int) -> Any:  # noqa: C901 - a table of types
        for key in column.foreign_keys:
            if key.column.table.name == ACCOUNTS:
                return account
            if key.column.table is not column.table:
                # What has ended was at the same compound.
                own = SITES[0] if site.is_ended and key.column.table.name == "venue" else site
                return self._pointed_to(key.column.table.name, own, account)[key.column.name]
        kind = column.type
        if column.name.endswith("area_code"):
            return site.area
        if column.name == "kind" and isinstance(kind, EnumByName) and VenueKind.BUS in kind.members:
            return site.kind
        if column.name == "document_index":
            return document_index(DocumentType.ID_CARD.name, document(_person(site)))
        if isinstance(kind, EnumByName):
            return list(kind.members)[-1 if site.is_ended and column.name == "state" else 0]
        if isinstance(kind, UtcDateTime | DateTime):
            return datetime.now(UTC) + (timedelta(days=3) if column.name in ("expires_at", "due_at") else timedelta(0))
        if isinstance(kind, Integer):
            if column.name.endswith("number"):
                return number
            return key_of(number) if column.primary_key and column.name == "id" else 1
        fixed = {Boolean: False, Date: date(2022, 1, 1) + timedelta(number % 300), LargeBinary: secrets.token_bytes(16)}
        if type(kind) in fixed:
            return fixed[type(kind)]
        if type(kind) is type(Json) or not isinstance(kind, String | EncryptedText):
            return {}
        return mark(number)[: getattr(kind, "length", None) or 8]

    def _particulars(self, table: Table, number: int, site: Site) -> dict[str, Any]:
        """What a row of this table must be for screens to draw it."""
        phone = f"1390000{number:04d}"
        name = table.name
        if name == ACCOUNTS:
            return {"username": phone, "session_stamp": 0, "must_change_password": False}
        if name == "person":
            papers = {"document_number": document(_person(site)), "phone": phone, "phone_index": phone_index(phone)}
            return {"document_type": DocumentType.ID_CARD, **papers}
        if name == "screening_entry":
            papers = {"document_number": document(number), "phone": phone, "phone_index": phone_index(phone)}
            index = document_index(DocumentType.ID_CARD.name, document(number))
            shown = {"name": mark(number), "category": site.way, "document_index": index, "identity_index": index}
            return {"document_type": DocumentType.ID_CARD, "particulars": "{}", **papers, **shown}
        if name == "evidence":
            return {"document_type": DocumentType.ID_CARD, "document_number": document(_person(site))}
        if name == "outgoing_message":
            return {"phone": phone, "params": "{}", "template": "VERIFICATION_CODE"}
        if name == "entry_record":
            return {"id": new_entry_id(datetime.now(UTC))}
        ends = {"residency": "ended_at", "venue": "closed_at", "evidence": "ended_at"}
        return {ends[name]: datetime.now(UTC)} if site.is_ended and name in ends else {}


def _person(site: Site) -> int:
    """Who is known there: one at each place, by whose document every table means the same person."""
    return SITES.index(site) + 1 if site in SITES else 0


def document(number: int) -> str:
    """A valid number of a person's own."""
    return id_card(number % 1000, birth=f"{1960 + number // 1000:04d}0101")


def _is_filled(column: Column[Any], table: Table) -> bool:
    if column.primary_key and table.autoincrement_column is column and not isinstance(column.type, Integer):
        return False
    points_elsewhere = any(key.column.table is not table for key in column.foreign_keys)
    return not column.nullable or points_elsewhere or column.name == "area_code"
