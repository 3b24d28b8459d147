"""Files kept in the database, sealed piece by piece: any web process and any worker reaches them."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import delete, insert, select, update

from app import clock
from app.access import everything
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.text import clean
from app.extensions import db
from app.models import StoredFile, StoredPiece
from app.models.encryption import key_ring
from app.services.transaction import transactional

# Sealing and sending a piece takes six times its size in memory for a moment.
PIECE_BYTES = 256 * 1024
MEGABYTE = 1024 * 1024
MOST_BYTES = 150 * MEGABYTE
KEPT = timedelta(days=30)
_LONGEST_NAME = 200
_FILES = StoredFile.__table__
_PIECES = StoredPiece.__table__


@transactional
def save(stream: BinaryIO, *, name: str) -> int:
    """Return the id of the file that `stream` was stored as. Error: too_large."""
    digest, size, position = hashlib.sha256(), 0, 0
    moment = clock.now()
    with everything("a file belongs to nobody until a batch holds it"):
        values = {"name": name, "size": 0, "created_at": moment, "expires_at": moment + KEPT}
        file_id: int = db.session.execute(insert(_FILES).values(**values)).inserted_primary_key[0]
        while piece := stream.read(PIECE_BYTES):
            size += len(piece)
            check_size(size)
            digest.update(piece)
            sealed = key_ring().seal(piece, piece_context(file_id, position))
            db.session.execute(insert(_PIECES).values(file_id=file_id, position=position, sealed=sealed))
            position += 1
        found = {"size": size, "sha256": digest.hexdigest()}
        db.session.execute(update(_FILES).where(_FILES.c.id == file_id).values(**found))
    return file_id


def base_name(name: str) -> str:
    """A file's name without the folders that some browsers send along, and without what cannot be seen."""
    return clean(name.replace("\\", "/")).rpartition("/")[2][-_LONGEST_NAME:]


def check_size(size: int) -> None:
    """Pass for a file that is small enough to be kept."""
    if size > MOST_BYTES:
        message = N_("文件过大，无法读取，请拆分后分次导入（单个文件不超过 %(megabytes)s MB）")
        raise DomainError(message, code="too_large", megabytes=MOST_BYTES // MEGABYTE)


@transactional
def remove(file_id: int) -> None:
    """The file is gone; nothing points to it any more."""
    with everything("whoever had the file lets it go"):
        db.session.execute(delete(_PIECES).where(_PIECES.c.file_id == file_id))
        db.session.execute(delete(_FILES).where(_FILES.c.id == file_id))


def sha256(file_id: int) -> str:
    """The digest of a file's content."""
    return str(db.session.execute(select(_FILES.c.sha256).where(_FILES.c.id == file_id)).scalar_one())


def label(file_id: int) -> tuple[str, int]:
    """What a file is called, and how many bytes it has."""
    name, size = db.session.execute(select(_FILES.c.name, _FILES.c.size).where(_FILES.c.id == file_id)).one()
    return name, size


def pieces(file_id: int) -> Iterator[bytes]:
    """The content of a file, piece by piece, in order."""
    position = 0
    while True:
        query = select(_PIECES.c.sealed).where(_PIECES.c.file_id == file_id, _PIECES.c.position == position)
        sealed = db.session.execute(query).scalar()
        if sealed is None:
            return
        yield key_ring().unseal(bytes(sealed), piece_context(file_id, position))
        position += 1


@contextmanager
def on_disk(file_id: int) -> Iterator[Path]:
    """A path that holds the content inside the block; readable by this account only, and gone afterwards."""
    descriptor, name = tempfile.mkstemp(prefix="list-")
    path = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as target:
            for piece in pieces(file_id):
                target.write(piece)
        yield path
    finally:
        path.unlink(missing_ok=True)


def piece_context(file_id: int, position: int) -> str:
    return f"stored_piece:{file_id}:{position}"
