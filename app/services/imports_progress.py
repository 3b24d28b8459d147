"""How far a check is: what it has found so far is kept with the rows that it staged, so that a killed one goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field

from sqlalchemy import delete, func, insert, select

from app.extensions import db
from app.models import ImportBatch, ImportChunk, ImportRow
from app.models.encryption import BLIND_INDEX_BYTES
from app.services.imports_counts import Counts
from app.services.imports_sample import SampleRow
from app.services.imports_seen import SeenIdentities
from app.spreadsheets.columns import Fault, ParsedRow, Raw
from app.spreadsheets.raw import raw_from_json, raw_to_json

_CHUNKS = ImportChunk.__table__
_ROWS = ImportRow.__table__
_READ_TOGETHER = 2_000


@dataclass
class Progress:
    """What a check has found up to the end of its last chunk."""

    chunks: int = 0
    counts: Counts = field(default_factory=Counts)
    sample: list[SampleRow] = field(default_factory=list)
    seen: SeenIdentities = field(default_factory=SeenIdentities)


def progress_of(batch: ImportBatch) -> Progress:
    """What an earlier try has found; nothing where none came to the end of a chunk."""
    own = _CHUNKS.c.batch_id == batch.id
    chunks = db.session.execute(select(func.count()).select_from(_CHUNKS).where(own)).scalar_one()
    if not chunks:
        return Progress()
    staged = select(_ROWS.c.identity_index).where(_ROWS.c.batch_id == batch.id)
    streamed = {"yield_per": _READ_TOGETHER}  # a file may have a million of them
    seen = SeenIdentities(bytes(each) for each in db.session.execute(staged, execution_options=streamed).scalars())
    kept = select(_CHUNKS.c.present).where(own)
    for present in db.session.execute(kept, execution_options=streamed).scalars():
        for at in range(0, len(present), BLIND_INDEX_BYTES):
            seen.add(present[at : at + BLIND_INDEX_BYTES])
    return Progress(chunks, Counts.of(batch.counts), list(batch.sample), seen)


def keep_chunk(batch_id: int, number: int, *, present: Sequence[bytes], rejected: Sequence[ParsedRow]) -> None:
    """The chunk is kept, in the transaction in hand."""
    found = [[raw_to_json(row.raw), [asdict(fault) for fault in row.faults]] for row in rejected]
    values = {"present": b"".join(present), "rejected": json.dumps(found) if found else None}
    db.session.execute(insert(_CHUNKS).values(batch_id=batch_id, number=number, **values))


def rejected_rows(batch_id: int) -> Iterator[tuple[Raw, list[Fault]]]:
    """Yield the rejected rows of the batch in the file's order, with their faults; one chunk is in memory at a time."""
    last = 0
    while True:
        query = select(_CHUNKS.c.number, _CHUNKS.c.rejected)
        query = query.where(_CHUNKS.c.batch_id == batch_id, _CHUNKS.c.number > last, _CHUNKS.c.rejected.is_not(None))
        found = db.session.execute(query.order_by(_CHUNKS.c.number).limit(1)).one_or_none()
        if found is None:
            return
        last = found.number
        for raw, faults in json.loads(found.rejected):
            yield raw_from_json(raw), [Fault(**fault) for fault in faults]


def forget_chunks(batch_id: int) -> None:
    """No chunk of the batch is kept any more."""
    db.session.execute(delete(_CHUNKS).where(_CHUNKS.c.batch_id == batch_id))
