"""The check of a batch: from its file to staged rows, counts, the preview and the workbook of rejected rows.

It may be killed at any moment: it starts over, and nothing of the earlier try is left.
"""

from __future__ import annotations

import json
import logging
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import IO, Any

import psycopg
from flask import current_app
from sqlalchemy.exc import InterfaceError, OperationalError

from app import clock
from app.domain.areas import AreaLevel, code_at
from app.domain.dispatch import Dispatch
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db
from app.models import BatchState, ImportBatch
from app.profiles import Profile, load_profile
from app.services import files
from app.services.imports_counts import Counts
from app.services.imports_lease import Heartbeat, Lease, LeaseLost, take_lease
from app.services.imports_sample import SAMPLE_ROWS, SampleRow, sample_row
from app.services.imports_staging import (
    forget_rows,
    identity_index,
    present_identities,
    seal,
    staged_row,
    write_rows,
)
from app.services.lists import Dispatcher, ScreeningList, Values, chunk_rows, list_of
from app.services.transaction import transaction
from app.spreadsheets.columns import Fault, ParsedRow, SheetRows
from app.spreadsheets.parsing import parse_rows
from app.spreadsheets.raw import raw_from_json, raw_to_json
from app.spreadsheets.reading import OpenSheet, open_sheet
from app.spreadsheets.rejected import rejected_workbook

# The database is away or busy. COPY raises the driver's own exceptions.
AWAY = (OperationalError, InterfaceError, psycopg.OperationalError)
logger = logging.getLogger(__name__)
REJECTED_NAME = N_("退回数据")


def check(batch_id: int) -> None:
    """The batch is CHECKED, or FAILED with the reason.

    Nothing happens where somebody else took it over or it was cancelled.
    """
    try:
        lease = take_lease(batch_id, BatchState.CHECKING)
        with Heartbeat(lease):
            _Check(lease).run()
    except LeaseLost:
        db.session.rollback()
    except DomainError as fault:
        db.session.rollback()
        fail(batch_id, fault)
    except AWAY:
        raise  # the sweep starts the batch again
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


class _Check:
    """One run of a check."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        with transaction():
            forget_rows(lease.batch_id)
            batch = db.session.get_one(ImportBatch, lease.batch_id, populate_existing=True)
            self._file_id = _existing(batch.file_id)
            self._home = batch.area_code
            self._list: ScreeningList = list_of(batch.kind)
            seed = files.sha256(self._file_id)
        self._profile: Profile = load_profile(current_app.config["REGION"])
        self._city = self._profile.area_code
        self._today = clock.local_date(clock.now(), self._profile.zone)
        self._enters = self._list.enters(self._profile) if self._list.enters else None
        self._dispatch: Dispatcher = self._list.dispatch(self._profile, seed)
        self._chunk_rows = chunk_rows(self._profile)
        self._counts = Counts()
        self._sample: list[SampleRow] = []
        self._seen: set[bytes] = set()
        self._waiting: list[_New] = []

    def run(self) -> None:
        """Read, sort, stage; then say so in one last transaction."""
        with files.on_disk(self._file_id) as path:
            db.session.rollback()  # reading was all so far; no transaction stays open while a large file is parsed
            with (
                open_sheet(path, spec=self._list.sheet) as sheet,
                tempfile.TemporaryFile("w+", encoding="utf-8") as spool,
            ):
                self._counts.total = sheet.about_rows
                for chunk in _chunks(self._read(sheet, spool), self._chunk_rows):
                    self._sort(chunk)
                    while len(self._waiting) >= self._chunk_rows:
                        self._stage(self._chunk_rows)
                    self._tell()
                self._stage(len(self._waiting))
                if not self._counts.rows:
                    raise DomainError(N_("表头下面没有数据行"), code="no_rows")
                self._finish(sheet, spool)

    def _read(self, sheet: OpenSheet, spool: IO[str]) -> Iterator[ParsedRow]:
        """The rows that may enter the list, and are sound; the others are counted, rejected ones put aside."""
        rows: SheetRows = sheet
        for row in parse_rows(self._list.sheet, rows, today=self._today):
            self._counts.done += 1
            if self._enters and not self._enters(row.values):
                self._counts.filtered_out += 1
            elif row.faults:
                self._reject(row, spool)
            else:
                yield row

    def _reject(self, row: ParsedRow, spool: IO[str]) -> None:
        code = row.faults[0].code
        self._counts.rejected[code] = self._counts.rejected.get(code, 0) + 1
        spool.write(json.dumps([raw_to_json(row.raw), [asdict(fault) for fault in row.faults]]) + "\n")
        self._show(row, "rejected")

    def _sort(self, rows: Sequence[ParsedRow]) -> None:
        """Duplicates and rows that are there already are counted; new ones wait to be staged."""
        first: list[tuple[ParsedRow, bytes]] = []
        for row in rows:
            identity = identity_index(self._list, row.values)
            if identity in self._seen:
                self._counts.duplicates += 1
                self._show(row, "duplicate")
            else:
                self._seen.add(identity)
                first.append((row, identity))
        present = present_identities(self._list.kind, [identity for _row, identity in first])
        db.session.rollback()
        for row, identity in first:
            if identity in present:
                self._counts.already_there += 1
                self._show(row, "already_there")
            else:
                self._waiting.append(_New(row.number, identity, row.values, self._show(row, "new")))

    def _show(self, row: ParsedRow, verdict: str) -> SampleRow | None:
        if len(self._sample) >= SAMPLE_ROWS:
            return None
        shown = sample_row(self._list, row, verdict)
        self._sample.append(shown)
        return shown

    def _stage(self, count: int) -> None:
        """The first `count` waiting rows have a place and are staged."""
        rows, self._waiting = self._waiting[:count], self._waiting[count:]
        if not rows:
            return
        places = self._dispatch([row.values for row in rows])
        staged = [self._staged(row, place) for row, place in zip(rows, places, strict=True)]
        with transaction():
            self._lease.hold(counts=self._counts.as_json())
            write_rows(staged)

    def _staged(self, row: _New, place: Dispatch) -> tuple[Any, ...]:
        if place.area_code is None and self._home != self._city:
            # Whoever a district's own institution reports is the district's, whatever the row does not say (Z-T6).
            place = Dispatch(code_at(self._home, AreaLevel.DISTRICT))
        district = code_at(place.area_code, AreaLevel.DISTRICT) if place.area_code else None
        self._counts.add_dispatch(district, place.reason.name if place.reason else None)
        if row.sample is not None and place.area_code is None:
            row.sample["verdict"] = "undispatched"
        sealed = seal(self._list, row.values, self._profile.zone)
        return staged_row(
            self._lease.batch_id, row.number, identity=row.identity, place=place, city_code=self._city, sealed=sealed
        )

    def _tell(self) -> None:
        """The page sees how far the check is, even where no row is new."""
        with transaction():
            self._lease.hold(counts=self._counts.as_json())

    def _finish(self, sheet: OpenSheet, spool: IO[str]) -> None:
        self._counts.total = self._counts.done
        self._sample.sort(key=lambda row: row["number"])
        with tempfile.TemporaryFile() as book:
            if self._counts.rejected:
                spool.seek(0)
                rejected_workbook(book, spec=self._list.sheet, header=sheet.header, rows=_spooled(spool))
                book.seek(0)
            with transaction():
                found: dict[str, Any] = {"counts": self._counts.as_json(), "sample": self._sample}
                if self._counts.rejected:
                    found["rejected_file_id"] = files.save(book, name=f"{REJECTED_NAME}.xlsx")
                self._lease.hold(state=BatchState.CHECKED.name, updated_at=clock.now(), **found)


def _chunks(rows: Iterator[ParsedRow], size: int) -> Iterator[list[ParsedRow]]:
    chunk: list[ParsedRow] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) >= size:
            yield chunk
            chunk = []
    yield chunk


def _spooled(spool: IO[str]) -> Iterator[tuple[list[Any], list[Fault]]]:
    for line in spool:
        raw, faults = json.loads(line)
        yield raw_from_json(raw), [Fault(**fault) for fault in faults]


def _existing(file_id: int | None) -> int:
    if file_id is None:
        raise DomainError(N_("文件已过保存期限，请重新上传"), code="expired")
    return file_id
