"""What has had its time goes (X10): files that came and went with imports, and messages that were sent."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, select, update

from app.extensions import db
from app.models import BatchState, CodePrint, ImportBatch, MessageState, OutgoingMessage, StoredFile, StoredPiece
from app.services.transaction import transactional

_AT_ONCE = 20
# Codes and first passwords live at most a week; the trail keeps that they were sent.
_MESSAGES_KEPT = timedelta(days=7)
_MESSAGES = OutgoingMessage.__table__
_PRINTS = CodePrint.__table__
_FILES, _PIECES, _BATCHES = StoredFile.__table__, StoredPiece.__table__, ImportBatch.__table__


def purge_expired_files(moment: datetime) -> int:
    """Remove every file whose time is over at `moment`; return how many. The batch stays, without its file.

    A few at a time, each lot a transaction: a stop in the middle loses nothing and the next run goes on.
    """
    removed = 0
    while lot := _purge_some(moment):
        removed += lot
    return removed


@transactional
def purge_sent_messages(moment: datetime) -> int:
    """Remove every sent or failed message older than a week at `moment`; return how many. What waits to be sent stays."""
    was_given_up = and_(
        _MESSAGES.c.state == MessageState.FAILED.name, _MESSAGES.c.next_attempt_at < moment - _MESSAGES_KEPT
    )
    due = delete(_MESSAGES).where(or_(_MESSAGES.c.sent_at < moment - _MESSAGES_KEPT, was_given_up))
    removed: int = db.session.execute(due).rowcount
    return removed


@transactional
def _purge_some(moment: datetime) -> int:
    at_work = [state for state in BatchState if state.is_running]
    in_use = select(_BATCHES.c.id).where(
        or_(_BATCHES.c.file_id == _FILES.c.id, _BATCHES.c.rejected_file_id == _FILES.c.id),
        _BATCHES.c.state.in_(at_work),
    )
    due = select(_FILES.c.id).where(_FILES.c.expires_at <= moment, ~in_use.exists())
    keys = list(db.session.execute(due.order_by(_FILES.c.expires_at).limit(_AT_ONCE)).scalars())
    if not keys:
        return 0
    db.session.execute(update(_PRINTS).where(_PRINTS.c.file_id.in_(keys)).values(file_id=None))
    for column in (_BATCHES.c.file_id, _BATCHES.c.rejected_file_id):
        db.session.execute(update(_BATCHES).where(column.in_(keys)).values({column.name: None}))
    db.session.execute(delete(_PIECES).where(_PIECES.c.file_id.in_(keys)))
    db.session.execute(delete(_FILES).where(_FILES.c.id.in_(keys)))
    return len(keys)
