"""The audit trail (X5): one chain of events, each written in the transaction of the change that it tells of."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app, has_request_context, request
from sqlalchemy import insert, select, text, update

from app import clock
from app.access import everything
from app.domain.labels import N_
from app.extensions import db
from app.models import Account, AuditEvent, AuditHead

_EVENTS = AuditEvent.__table__
_HEAD = AuditHead.__table__
_HEAD_ID = 1
_LOCK_KEY = 0x41554449  # "AUDI"
_GENESIS = b"\0" * 32
_BATCH = 5_000
_LATEST = 100


@dataclass(frozen=True)
class Actor:
    """Who does something: an account, or the system by a rule of its own."""

    id: int | None
    label: str

    @classmethod
    def of(cls, account: Account) -> Actor:
        role = account.role.label if account.role else ""
        return cls(account.id, f"{account.display_name}（{role}）")


SYSTEM = Actor(None, N_("系统"))
CITIZEN = Actor(None, N_("本人"))


@dataclass(frozen=True)
class ChainFault:
    """The first place where the trail does not hold."""

    event_id: int
    problem: str


def record(
    actor: Actor,
    action: str,
    *,
    subject: Any,
    area_code: str,
    changes: dict[str, Any] | None = None,
    subject_type: str | None = None,
) -> None:
    """Append one event to the session's transaction.

    `subject` is the row (or its key, with `subject_type`); `changes` maps a field to [from, to] or to a value and holds
    no unmasked personal data. Events of one transaction become visible with it or not at all.
    """
    kind = subject_type or type(subject).__tablename__
    key = subject.id if hasattr(subject, "id") else subject
    db.session.flush()
    values = {
        "recorded_at": clock.now().replace(microsecond=0),
        "actor_id": actor.id,
        "actor_label": actor.label,
        "remote_address": request.remote_addr if has_request_context() else None,
        "action": action,
        "subject_type": kind,
        "subject_id": str(key),
        "area_code": area_code,
        "changes": json.loads(json.dumps(changes or {}, default=str, ensure_ascii=False)),
    }
    with everything("the chain belongs to the whole installation, whoever adds to it"):
        _append(values)


def latest_about(subject: Any) -> Sequence[AuditEvent]:
    """Return who changed what on a record, the latest first; for whoever was let near the record itself."""
    query = select(AuditEvent).where(
        AuditEvent.subject_type == type(subject).__tablename__, AuditEvent.subject_id == str(subject.id)
    )
    with everything("the log of a record that was fetched in scope"):
        return db.session.execute(query.order_by(AuditEvent.id.desc()).limit(_LATEST)).scalars().all()


def _append(values: dict[str, Any]) -> None:
    last_id, last_hash = _take_head()
    values["id"] = last_id + 1
    values["chain_hash"] = _link(last_hash, values)
    connection = db.session.connection()
    connection.execute(insert(_EVENTS).values(**values))
    connection.execute(
        update(_HEAD)
        .where(_HEAD.c.id == _HEAD_ID)
        .values(last_id=values["id"], chain_hash=_seal(values["id"], values["chain_hash"]))
    )


def _take_head() -> tuple[int, bytes]:
    """Return number and hash of the last event, and keep others from appending until this transaction ends."""
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
    else:
        # Writing first takes SQLite's only write lock, which is the same promise.
        connection.execute(update(_HEAD).where(_HEAD.c.id == _HEAD_ID).values(last_id=_HEAD.c.last_id))
    last_id = connection.execute(select(_HEAD.c.last_id).where(_HEAD.c.id == _HEAD_ID)).scalar()
    if last_id is None:
        connection.execute(insert(_HEAD).values(id=_HEAD_ID, last_id=0, chain_hash=_seal(0, _GENESIS)))
        return 0, _GENESIS
    if last_id == 0:
        return 0, _GENESIS
    return last_id, bytes(connection.execute(select(_EVENTS.c.chain_hash).where(_EVENTS.c.id == last_id)).scalar_one())


def _key() -> bytes:
    return base64.b64decode(current_app.config["AUDIT_KEY"])


def _canonical(values: dict[str, Any]) -> bytes:
    moment: datetime = values["recorded_at"]
    fields = [
        values["id"],
        int(moment.timestamp()),
        values["actor_id"],
        values["actor_label"],
        values["remote_address"],
        values["action"],
        values["subject_type"],
        values["subject_id"],
        values["area_code"],
        values["changes"],
    ]
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _link(before: bytes, values: dict[str, Any]) -> bytes:
    # Keyed: whoever can write the table but does not hold the key cannot compute a chain that fits.
    return hmac.new(_key(), before + _canonical(values), hashlib.sha256).digest()


def _seal(last_id: int, chain_hash: bytes) -> bytes:
    return hmac.new(_key(), b"head" + str(last_id).encode() + chain_hash, hashlib.sha256).digest()


def verify() -> tuple[int, ChainFault | None]:
    """Return how many events were checked, and the first fault: changed, removed, inserted or cut off."""
    before, expected = _GENESIS, 1
    while True:
        query = select(_EVENTS).where(_EVENTS.c.id >= expected).order_by(_EVENTS.c.id).limit(_BATCH)
        rows = db.session.execute(query).mappings().all()
        for row in rows:
            if row["id"] != expected:
                return expected - 1, ChainFault(expected, N_("缺失"))
            if not hmac.compare_digest(_link(before, dict(row)), bytes(row["chain_hash"])):
                return expected - 1, ChainFault(expected, N_("内容或次序被改动"))
            before, expected = bytes(row["chain_hash"]), expected + 1
        if not rows:
            break
    strays = db.session.execute(select(_EVENTS.c.id).where(_EVENTS.c.id < 1).limit(1)).scalar()
    if strays is not None:
        return expected - 1, ChainFault(strays, N_("多出的记录"))
    return expected - 1, _check_head(expected - 1, before)


def _check_head(last_id: int, last_hash: bytes) -> ChainFault | None:
    head = db.session.execute(select(_HEAD.c.last_id, _HEAD.c.chain_hash).where(_HEAD.c.id == _HEAD_ID)).one_or_none()
    if head is None:
        return None if last_id == 0 else ChainFault(last_id, N_("链尾缺失"))
    if head.last_id != last_id or not hmac.compare_digest(_seal(last_id, last_hash), bytes(head.chain_hash)):
        return ChainFault(last_id + 1, N_("末尾记录缺失或被改动"))
    return None
