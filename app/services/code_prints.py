"""A batch's posters as files to download: made by a job, kept sealed, gone after their time (Z-S7)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import BinaryIO, cast

from sqlalchemy import select, update

from app import clock
from app.domain.codes import BatchProgress, PrintForm
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.sectors import CodeState
from app.extensions import db
from app.models import Account, CodeBatch, CodePrint, Venue
from app.posters.poster import Poster
from app.services import audit, files
from app.services.audit import Actor
from app.services.code_pool import QUEUE
from app.services.queueing import QueuedJob, enqueue_later
from app.services.transaction import transactional
from app.services.venue_posters import poster_of

PRINT_JOB = "app.jobs.codes.print_posters"
_JOB_SECONDS = 3600
_AT_ONCE = 200
_TOLD_EVERY = 50
_PRINTS = CodePrint.__table__
_ENDINGS = {PrintForm.ARCHIVE: "zip", PrintForm.SHEET: "pdf"}


@transactional
def order(batch: CodeBatch, form: PrintForm, *, account: Account) -> list[CodePrint]:
    """Return the files that a job makes of the batch's codes, several where one would be too large.

    Error: batch_running.
    """
    if batch.state is not BatchProgress.FINISHED:
        raise DomainError(N_("二维码还在生成，请稍后再试"), code="batch_running")
    moment = clock.now()
    made = [
        CodePrint(
            batch_id=batch.id,
            form=form,
            state=BatchProgress.RUNNING,
            first_number=first,
            size=min(form.most, batch.size - first + 1),
            area_code=batch.area_code,
            created_by_id=account.id,
            heartbeat_at=moment,
            created_at=moment,
            updated_at=moment,
        )
        for first in range(1, batch.size + 1, form.most)
    ]
    db.session.add_all(made)
    db.session.flush()
    changes = {"form": form.name, "files": len(made)}
    audit.record(Actor.of(account), "print_codes", subject=batch, area_code=batch.area_code, changes=changes)
    for each in made:
        enqueue_later(job_of(each))
    return made


def job_of(each: CodePrint) -> QueuedJob:
    """Return the job that makes the file, another with every attempt."""
    return QueuedJob(QUEUE, PRINT_JOB, each.id, f"posters-{each.id}-{each.attempts}", _JOB_SECONDS)


def make(print_id: int) -> None:
    """The file is there. For a job: killed, it begins anew; run twice, the file that came first stays."""
    found = db.session.get_one(CodePrint, print_id)
    if found.state is not BatchProgress.RUNNING:
        return
    from app.posters import many  # what draws takes 19 MB, and most processes never draw

    with tempfile.TemporaryFile() as target:
        stream = cast(BinaryIO, target)
        if found.form is PrintForm.ARCHIVE:
            named = ((f"{number:05d}-{poster.short_code}.png", poster) for number, poster in _posters(found))
            many.write_archive(stream, named, tell=lambda count: _tell(print_id, count))
        else:
            sheet = (poster for _number, poster in _posters(found))
            printed_on = found.created_at.date()
            many.write_sheet(stream, sheet, printed_on=printed_on, tell=lambda count: _tell(print_id, count))
        target.seek(0)
        _finish(print_id, stream)


def _posters(found: CodePrint) -> Iterator[tuple[int, Poster]]:
    """The posters of the print's codes that were not revoked, by their numbers, a few hundred rows at a time."""
    last, end = found.first_number - 1, found.first_number + found.size - 1
    chosen = select(Venue).where(Venue.batch_id == found.batch_id, Venue.code_state != CodeState.REVOKED)
    while True:
        query = chosen.where(Venue.batch_number > last, Venue.batch_number <= end)
        lot = db.session.execute(query.order_by(Venue.batch_number).limit(_AT_ONCE)).scalars().all()
        rows = [(venue.batch_number or 0, poster_of(venue)) for venue in lot]
        for venue in lot:
            db.session.expunge(venue)
        if not rows:
            return
        yield from rows
        last = rows[-1][0]


def _tell(print_id: int, count: int) -> None:
    if count % _TOLD_EVERY == 0:
        _write_progress(print_id, count)


@transactional
def _write_progress(print_id: int, count: int) -> None:
    told = {"made": count, "heartbeat_at": clock.now()}
    db.session.execute(update(_PRINTS).where(_PRINTS.c.id == print_id).values(told))


@transactional
def _finish(print_id: int, content: BinaryIO) -> None:
    found = db.session.get_one(CodePrint, print_id, with_for_update=True, populate_existing=True)
    if found.state is not BatchProgress.RUNNING:
        return
    last = found.first_number + found.size - 1
    name = f"{found.batch.kind.label}-{found.batch_id}-{found.first_number}-{last}.{_ENDINGS[found.form]}"
    found.file_id = files.save(content, name=name)
    found.made, found.state, found.updated_at = found.size, BatchProgress.FINISHED, clock.now()
