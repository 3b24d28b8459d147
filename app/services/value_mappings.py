"""Texts of a list's files that nobody knew, explained by hand once and known from then on: names of districts, choices.

They are kept beside the columns that were matched by hand, for the list and the area whose files they stand in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import select

from app import clock
from app.access import everything
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.text import without_blanks
from app.extensions import db
from app.models import Account, ColumnMapping
from app.models.encryption import key_ring
from app.services import audit
from app.services.audit import Actor
from app.services.screening_list import ScreeningList, Values
from app.services.transaction import transactional
from app.spreadsheets.cells import cell_text
from app.spreadsheets.checks import Check
from app.spreadsheets.columns import SheetSpec

_MOST_TEXT = 60


@dataclass(frozen=True)
class Meaning:
    """What one text in a column of a list's files means: a district's name, or one of the column's choices."""

    field: str
    text: str
    target: str


@dataclass(frozen=True)
class Explained:
    """What was said about the texts of a list's files, by column and text without blanks."""

    place_key: str | None = None
    targets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def sheet(self, spec: SheetSpec) -> SheetSpec:
        """The list's sheet, whose choices know these texts too."""
        learned = {key for key in self.targets if key != self.place_key}
        if not learned:
            return spec
        columns = tuple(
            replace(column, check=_knowing(column.check, self.targets[column.key])) if column.key in learned else column
            for column in spec.columns
        )
        return replace(spec, columns=columns)

    def placed(self, values: Values) -> Values:
        """The row's values as the rule of dispatch reads them; what is stored stays as it was written."""
        names = self.targets.get(self.place_key) if self.place_key else None
        text = values.get(self.place_key) if names and self.place_key else None
        known = names.get(without_blanks(text)) if names and text else None
        return {**values, str(self.place_key): known} if known else values


def _knowing(check: Check, texts: Mapping[str, str]) -> Check:
    def read(cell: Any, values: Mapping[str, Any], today: date) -> Any:
        return check.read(texts.get(without_blanks(cell_text(cell)), cell), values, today)

    return replace(check, read=read)


def known_values(declared: ScreeningList, *, area_code: str) -> Explained:
    """What was said about the files that this area brings to the list."""
    query = select(ColumnMapping).where(
        ColumnMapping.list_key == declared.key,
        ColumnMapping.area_code == area_code,
        ColumnMapping.field.is_not(None),
    )
    targets: dict[str, dict[str, str]] = {}
    with everything("the importer's own area is named"):
        for row in db.session.execute(query).scalars():
            meaning = explained_in(row)
            targets.setdefault(meaning.field, {})[without_blanks(meaning.text)] = meaning.target
    return Explained(declared.place_key, targets)


def explained_in(row: ColumnMapping) -> Meaning:
    """What somebody said about this text."""
    return Meaning(field=str(row.field), **json.loads(row.told))


def targets_of(declared: ScreeningList, key: str, districts: Mapping[str, str]) -> Sequence[str]:
    """What a text in that column may mean: a district's name where the column is dispatched by, else its choices."""
    if key == declared.place_key:
        return list(districts.values())
    return declared.sheet.column(key).check.choices


@transactional
def remember_value(declared: ScreeningList, meaning: Meaning, *, area_code: str, account: Account) -> ColumnMapping:
    """The text means that in every later file of the list and area; what was said before is replaced. Error: value."""
    if not without_blanks(meaning.text):
        raise DomainError(N_("空白的内容不能对应"), code="value")
    moment, signature = clock.now(), _signature(meaning)
    query = select(ColumnMapping).where(
        ColumnMapping.list_key == declared.key,
        ColumnMapping.area_code == area_code,
        ColumnMapping.signature == signature,
    )
    row = db.session.execute(query).scalar_one_or_none()
    if row is None:
        row = ColumnMapping(list_key=declared.key, area_code=area_code, signature=signature, created_at=moment)
    row.field = meaning.field
    row.told = json.dumps({"text": meaning.text, "target": meaning.target}, ensure_ascii=False)
    row.created_by_id, row.updated_at = account.id, moment
    db.session.add(row)
    db.session.flush()
    changes = {"list": declared.key, "columns": [meaning.field], "target": meaning.target}
    audit.record(Actor.of(account), "remember_value", subject=row, area_code=area_code, changes=changes)
    return row


def _signature(meaning: Meaning) -> bytes:
    return key_ring().blind_index("sheet value", f"{meaning.field}\x1f{without_blanks(meaning.text)}")


class Unknown:
    """Texts that nobody knew, by column and text, with how many rows have them; a few dozen of each column at most."""

    MOST = 50

    def __init__(self, stored: str | None) -> None:
        self._found: dict[str, dict[str, int]] = json.loads(stored) if stored else {}

    def add(self, key: str, text: str) -> None:
        """Count one row more; longer texts are no names and the rest of too many are left out."""
        text, texts = without_blanks(text), self._found.setdefault(key, {})
        if text in texts or (len(texts) < self.MOST and len(text) <= _MOST_TEXT):
            texts[text] = texts.get(text, 0) + 1

    def __iter__(self) -> Any:
        """Yield (column, text, rows), the most frequent first, in an order that stays."""
        for key in sorted(self._found):
            for text, rows in sorted(self._found[key].items(), key=lambda item: (-item[1], item[0])):
                yield key, text, rows

    def as_text(self) -> str | None:
        """As a batch keeps it: None for nothing."""
        return json.dumps(self._found, ensure_ascii=False) if self._found else None
