"""Texts of a batch's file that nobody knew: told to its importer, explained, and the batch checked anew (Z-T13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db
from app.models import Account, BatchState, ImportBatch
from app.services import files, imports
from app.services.imports_counts import Counts
from app.services.imports_staging import forget_rows
from app.services.lists import list_of
from app.services.screening import district_labels
from app.services.transaction import transactional
from app.services.value_mappings import Meaning, Unknown, remember_value, targets_of


@dataclass(frozen=True)
class Question:
    """A text in a column, how many rows have it, and what it may mean."""

    field: str
    title: str
    text: str
    rows: int
    targets: Sequence[str]


def questions_of(batch: ImportBatch) -> Sequence[Question]:
    """What nobody knew of the batch's file, the most frequent first, column by column."""
    declared = list_of(batch.kind)
    return [
        Question(key, declared.sheet.column(key).title, text, rows, targets_of(declared, key, district_labels()))
        for key, text, rows in Unknown(batch.unknown_values)
    ]


@transactional
def explain(batch: ImportBatch, meanings: Sequence[Meaning], *, account: Account) -> None:
    """The batch is checked with these texts explained, as is every later file. Errors: role, batch_state, value."""
    batch = imports.take(batch, account, BatchState.CHECKED)
    offered = {(each.field, each.text): each.targets for each in questions_of(batch)}
    if not meanings or any(each.target not in offered.get((each.field, each.text), ()) for each in meanings):
        raise DomainError(N_("请至少为一项选择对应的内容"), code="value")
    for meaning in meanings:
        remember_value(list_of(batch.kind), meaning, area_code=batch.area_code, account=account)
    _check_anew(batch)


def _check_anew(batch: ImportBatch) -> None:
    """What an earlier check found is forgotten, and the batch's check in the queue again."""
    imports.enter(batch, BatchState.CHECKING)
    batch.finished_at, batch.unknown_values = None, None
    batch.counts, batch.sample = Counts().as_json(), []
    forget_rows(batch.id)
    gone, batch.rejected_file_id = batch.rejected_file_id, None
    db.session.flush()
    if gone is not None:
        files.remove(gone)
    batch.attempts += 1
    imports.enqueue_later(batch)
