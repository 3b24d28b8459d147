"""The header of an import: known by its titles, remembered from before, or to be matched by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from app import clock
from app.domain.errors import DomainError
from app.extensions import db
from app.models import BatchState, ImportBatch
from app.services import column_mappings
from app.services.screening_list import ScreeningList
from app.services.transaction import transaction
from app.spreadsheets.reading import OpenSheet, header_of, open_sheet


class UnknownHeader(DomainError):
    """Titles that tell too little, and that nobody has matched by hand yet."""

    def __init__(self, fault: DomainError, header: Sequence[str]) -> None:
        super().__init__(fault.message, code=fault.code, **fault.params)
        self.header = header


def open_list(path: Path, declared: ScreeningList, *, area_code: str) -> OpenSheet:
    """The sheet with its columns where the titles say, or where somebody said of such a header. Raises UnknownHeader."""
    try:
        return open_sheet(path, spec=declared.sheet)
    except DomainError as fault:
        if fault.code != "no_header":
            raise
        header = header_of(path, spec=declared.sheet)
        known = column_mappings.learned(list_key=declared.key, area_code=area_code, header=header)
        db.session.rollback()  # reading was all; no transaction stays open while the file is parsed
        if known is None:
            raise UnknownHeader(fault, header) from fault
    return open_sheet(path, spec=declared.sheet, learned=known)


def ask_for_columns(batch_id: int, fault: UnknownHeader) -> None:
    """The batch waits until somebody has matched its columns, unless it ended meanwhile."""
    with transaction():
        batch = db.session.get(ImportBatch, batch_id, with_for_update=True, populate_existing=True)
        if batch is None or batch.state is not BatchState.CHECKING:
            return
        batch.state = BatchState.AWAITING_COLUMNS
        batch.header = json.dumps(list(fault.header), ensure_ascii=False)
        batch.failure = {"message": fault.message, "params": {key: str(text) for key, text in fault.params.items()}}
        batch.updated_at = clock.now()


def titles_of(batch: ImportBatch) -> Sequence[str]:
    """The titles of the file's columns, where they had to be asked about."""
    return list(json.loads(batch.header)) if batch.header else []
