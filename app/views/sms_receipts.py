"""Where the SMS provider tells how a message went (Z-A8): public, signed, and deaf to whatever is not."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from flask_appbuilder import AppBuilder

from app import clock
from app.access import everything
from app.extensions import csrf, limiter
from app.gateways.http_sms import is_signed
from app.services import message_receipts
from app.services.limits import Counter, Limit, network_of, take
from app.services.message_receipts import Receipt

receipts = Blueprint("receipts", __name__)
_MOST_BYTES = 4096
_STATUSES = {"delivered": True, "failed": False}
# A provider tells of thousands at once; who guesses signatures is told less, and takes nothing from the provider.
PER_ADDRESS = Limit("sms:receipts", 6_000, 60)
FORGED = Limit("sms:forged", 20, 60)


@receipts.post("/sms/receipts")
def tell() -> tuple[Response, int]:
    """Take one receipt: {"status": "delivered" or "failed", "ref": …, "reason": …}, signed as messages are."""
    if not current_app.config["SMS_GATEWAY_URL"] or not current_app.config["SMS_GATEWAY_TOKEN"]:
        return _answer("no provider is set", 404)
    if request.content_length is None or request.content_length > _MOST_BYTES:
        return _answer("a receipt says its length, and is short", 413)
    body, network = request.get_data(), network_of(request.remote_addr)
    if not _is_signed(body):
        is_over = take(Counter(FORGED, network))
        return _answer("too many", 429) if is_over else _answer("the signature or its time is wrong", 401)
    if take(Counter(PER_ADDRESS, network)):
        return _answer("too many", 429)
    receipt = _read(body)
    if receipt is None:
        return _answer("this is no receipt", 400)
    with everything("a provider tells how a message went, whoever it was for"):
        is_known = message_receipts.take(receipt)
    return _answer("taken", 200) if is_known else _answer("no message goes by that key", 404)


def _is_signed(body: bytes) -> bool:
    headers = request.headers
    return is_signed(
        current_app.config["SMS_GATEWAY_TOKEN"],
        headers.get("X-Signature", ""),
        timestamp=headers.get("X-Timestamp", ""),
        key=headers.get("Idempotency-Key", ""),
        body=body,
        moment=clock.now(),
    )


def _read(body: bytes) -> Receipt | None:
    try:
        told: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    status, reference, note = (told.get(name, "") for name in ("status", "ref", "reason"))
    if not all(isinstance(value, str) for value in (status, reference, note)) or status not in _STATUSES:
        return None
    return Receipt(request.headers.get("Idempotency-Key", ""), _STATUSES[status], reference, note)


def _answer(said: str, status: int) -> tuple[Response, int]:
    return jsonify(message=said), status


def register(_appbuilder: AppBuilder) -> None:
    """Attach the address; a provider holds no token of a form."""
    csrf.exempt(receipts)
    limiter.exempt(receipts)
    current_app.register_blueprint(receipts)
