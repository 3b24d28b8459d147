"""The check of a batch: from its file to staged rows, counts, the preview and the workbook of rejected rows.

It may be killed at any moment: the next try goes on after the last chunk that was kept, and finds what the first would
have found.
"""

from __future__ import annotations

import logging
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from flask import current_app

from app import clock
from app.domain.areas import AreaLevel, code_at
from app.domain.dispatch import NAMED_BADLY, Dispatch, Draw
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db
from app.models import BatchState, ImportBatch
from app.profiles import Profile, load_profile
from app.services import files, imports_evidence, value_mappings
from app.services.imports_header import UnknownHeader, ask_for_columns, open_list
from app.services.imports_lease import Heartbeat, Lease, LeaseLost, take_lease
from app.services.imports_progress import forget_chunks, keep_chunk, progress_of, rejected_rows
from app.services.imports_sample import SAMPLE_ROWS, SampleRow, sample_row
from app.services.imports_staging import (
    forget_rows,
    identity_index,
    present_identities,
    seal,
    staged_row,
    write_rows,
)
from app.services.lists import Dispatcher, ScreeningList, Values, list_of
from app.services.outages import AWAY
from app.services.transaction import transaction
from app.services.value_mappings import Unknown
from app.spreadsheets.cells import cell_text
from app.spreadsheets.columns import ParsedRow, Raw
from app.spreadsheets.parsing import parse_rows
from app.spreadsheets.reading import OpenSheet
from app.spreadsheets.rejected import rejected_workbook

CHUNK_ROWS = 2_000  # what a kill may cost
logger = logging.getLogger(__name__)
REJECTED_NAME = N_("退回数据")


def check(batch_id: int) -> None:
    """The batch is CHECKED, waits for its columns, or has FAILED with the reason.

    Nothing happens where somebody else took it over or it was cancelled.
    """
    try:
        lease = take_lease(batch_id, BatchState.CHECKING)
        with Heartbeat(lease):
            _Check(lease).run()
    except LeaseLost:
        db.session.rollback()
    except UnknownHeader as fault:
        db.session.rollback()
        ask_for_columns(batch_id, fault)
    except DomainError as fault:
        db.session.rollback()
        fail(batch_id, fault)
    except AWAY:
        raise  # the job or the sweep starts it again
    except Exception as fault:
        # What a file has done once it does again: better a message now than five tries.
        # The message stays out of the log: it may hold what the file holds.
        frames = "".join(traceback.format_tb(fault.__traceback__))
        logger.error("batch %s: %s\n%s", batch_id, type(fault).__name__, frames)
        db.session.rollback()
        fail(batch_id, DomainError(N_("检查文件时出错，已记录下来，请联系管理员"), code="unforeseen"))


def fail(batch_id: int, fault: DomainError) -> None:
    """The batch has FAILED for that reason, unless it ended otherwise meanwhile; nothing of it is staged."""
    with transaction():
        batch = db.session.get(ImportBatch, batch_id, with_for_update=True, populate_existing=True)
        if batch is None or not batch.state.is_running:
            return
        batch.state = BatchState.FAILED
        batch.failure = {"message": fault.message, "params": {key: str(value) for key, value in fault.params.items()}}
        batch.sample = []
        batch.finished_at = batch.updated_at = clock.now()
        forget_rows(batch_id)


@dataclass
class _New:
    """A sound row that the list does not have yet."""

    number: int
    identity: bytes
    values: Values
    sample: SampleRow | None


@dataclass
class _Chunk:
    """What the rows of one piece of the file turned out to be, besides what only counts."""

    new: list[_New] = field(default_factory=list)
    present: list[bytes] = field(default_factory=list)
    rejected: list[ParsedRow] = field(default_factory=list)


@dataclass(frozen=True)
class _Rest:
    """The rows of a sheet after those that an earlier try has dealt with."""

    sheet: OpenSheet
    passed: int

    @property
    def header(self) -> Sequence[str]:
        return self.sheet.header

    @property
    def positions(self) -> Mapping[str, int]:
        return self.sheet.positions

    def __iter__(self) -> Iterator[tuple[int, Raw]]:
        return islice(self.sheet, self.passed, None)


class _Check:
    """One run of a check."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        profile: Profile = load_profile(current_app.config["REGION"])
        with transaction():
            batch = db.session.get_one(ImportBatch, lease.batch_id, populate_existing=True)
            found = progress_of(batch)
            if not found.chunks:
                forget_rows(lease.batch_id)
            self._file_id = _existing(batch.file_id)
            self._home = batch.area_code
            self._list: ScreeningList = list_of(batch.kind)
            # The day of the upload, whenever a killed check goes on: its rows are judged alike.
            self._today = clock.local_date(batch.created_at, profile.zone)
            seed = files.sha256(self._file_id)
            self._explained = value_mappings.known_values(self._list, area_code=self._home)
            self._unknown = Unknown(batch.unknown_values if found.chunks else None)
        self._positions: Mapping[str, int] = {}
        self._chunks, self._counts, self._sample, self._seen = found.chunks, found.counts, found.sample, found.seen
        self._enters: Callable[[Values], bool] = self._list.enters(profile) if self._list.enters else _everybody
        self._dispatch: Dispatcher = self._list.dispatch(profile, Draw(seed, dealt=self._counts.new))
        self._zone, self._city = profile.zone, profile.area_code

    def run(self) -> None:
        """Read, sort, stage; then say so in one last transaction."""
        with files.on_disk(self._file_id) as path:
            db.session.rollback()  # reading was all so far; no transaction stays open while a large file is parsed
            with open_list(path, self._list, area_code=self._home) as sheet:
                self._positions, spec = sheet.positions, self._explained.sheet(self._list.sheet)
                rows = parse_rows(spec, _Rest(sheet, self._counts.done), today=self._today)
                self._counts.total = sheet.about_rows
                while chunk := list(islice(rows, CHUNK_ROWS)):
                    self._keep(self._sorted(chunk))
                if not self._counts.rows:
                    raise DomainError(N_("表头下面没有数据行"), code="no_rows")
                self._finish(sheet.header)

    def _sorted(self, rows: Sequence[ParsedRow]) -> _Chunk:
        """Every row is counted but the new ones, which have no place yet."""
        identities = [self._identity(row) for row in rows]
        asked = {each for each in identities if each is not None and each not in self._seen}
        present = present_identities(self._list.kind, asked)
        db.session.rollback()
        chunk = _Chunk()
        for row, identity in zip(rows, identities, strict=True):
            if identity is not None:
                self._sort(row, identity, chunk, is_present=identity in present)
            elif self._enters(row.values):
                self._reject(row, chunk)
            else:
                self._counts.filtered_out += 1
        self._counts.done += len(rows)
        return chunk

    def _identity(self, row: ParsedRow) -> bytes | None:
        """Which row of the list this is; None for one that is rejected or may not enter."""
        if row.faults or not self._enters(row.values):
            return None
        return identity_index(self._list, row.values)

    def _sort(self, row: ParsedRow, identity: bytes, chunk: _Chunk, *, is_present: bool) -> None:
        if not self._seen.add(identity):
            self._counts.duplicates += 1
            self._show(row, "duplicate")
            return
        if is_present:
            self._counts.already_there += 1
            self._show(row, "already_there")
            chunk.present.append(identity)
        else:
            chunk.new.append(_New(row.number, identity, row.values, self._show(row, "new")))

    def _reject(self, row: ParsedRow, chunk: _Chunk) -> None:
        code = row.faults[0].code
        self._counts.rejected[code] = self._counts.rejected.get(code, 0) + 1
        self._show(row, "rejected")
        chunk.rejected.append(row)
        for fault in row.faults:
            if fault.code == "choice":
                self._unknown.add(fault.column_key, cell_text(row.raw[self._positions[fault.column_key]]))

    def _show(self, row: ParsedRow, verdict: str) -> SampleRow | None:
        if len(self._sample) >= SAMPLE_ROWS:
            return None
        shown = sample_row(self._list, row, verdict)
        self._sample.append(shown)
        return shown

    def _keep(self, chunk: _Chunk) -> None:
        """New rows have a place and are staged; with them is kept all that a later try has to know."""
        places = self._dispatch([self._explained.placed(row.values) for row in chunk.new])
        staged = [self._staged(row, place) for row, place in zip(chunk.new, places, strict=True)]
        self._chunks += 1
        with transaction():
            self._lease.hold(counts=self._counts.as_json(), sample=self._sample, unknown_values=self._unknown.as_text())
            write_rows(staged)
            keep_chunk(self._lease.batch_id, self._chunks, present=chunk.present, rejected=chunk.rejected)

    def _staged(self, row: _New, place: Dispatch) -> tuple[Any, ...]:
        if place.area_code is None and self._home != self._city:
            # Whoever a district's own institution reports is the district's, whatever the row does not say (Z-T6).
            place = Dispatch(code_at(self._home, AreaLevel.DISTRICT))
        district = code_at(place.area_code, AreaLevel.DISTRICT) if place.area_code else None
        self._counts.add_dispatch(district, place.reason.name if place.reason else None)
        if place.reason in NAMED_BADLY and self._list.place_key:
            self._unknown.add(self._list.place_key, str(row.values[self._list.place_key]))
        if row.sample is not None and place.area_code is None:
            row.sample["verdict"] = "undispatched"
        sealed = seal(self._list, row.values, self._zone)
        return staged_row(
            self._lease.batch_id, row.number, identity=row.identity, place=place, city_code=self._city, sealed=sealed
        )

    def _finish(self, header: Sequence[str]) -> None:
        batch_id = self._lease.batch_id
        self._counts.total = self._counts.done
        with tempfile.TemporaryFile() as book:
            if self._counts.rejected:
                rejected_workbook(book, spec=self._list.sheet, header=header, rows=rejected_rows(batch_id))
                db.session.rollback()
                book.seek(0)
            with transaction():
                batch = db.session.get_one(ImportBatch, self._lease.batch_id)
                self._counts.recolored = imports_evidence.preview(batch).counts
                found: dict[str, Any] = {"counts": self._counts.as_json(), "sample": self._sample}
                if self._counts.rejected:
                    found["rejected_file_id"] = files.save(book, name=f"{REJECTED_NAME}.xlsx")
                self._lease.hold(state=BatchState.CHECKED.name, updated_at=clock.now(), **found)
                forget_chunks(batch_id)


def _everybody(_values: Values) -> bool:
    return True


def _existing(file_id: int | None) -> int:
    if file_id is None:
        raise DomainError(N_("文件已过保存期限，请重新上传"), code="expired")
    return file_id
