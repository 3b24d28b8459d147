"""Text messages through an HTTP service at a configured address (Z-A8)."""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPException
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from app.clock import now
from app.domain.labels import N_
from app.gateways.sms import SmsMessage, SmsRefusedError, SmsUnavailableError

_FIRST_SERVER_ERROR = 500
# Too slow, too early, too many: not now, and not at once again.
_LATER = (408, 425, 429)
SIGNATURE_SECONDS = 300
_LONGEST_ANSWER = 64 * 1024
_LONGEST_PAUSE = 30.0
_LONGEST_TIMESTAMP = 12


def sign(token: str, *, timestamp: str, key: str, body: bytes) -> str:
    """The signature of a request: HMAC-SHA256 over time, idempotency key and body, which a receiver repeats."""
    signed = f"{timestamp}\n{key}\n".encode() + body
    return "sha256=" + hmac.new(token.encode(), signed, hashlib.sha256).hexdigest()


def is_signed(token: str, signature: str, *, timestamp: str, key: str, body: bytes, moment: datetime) -> bool:
    """Whether a receipt was signed with `token` as `sign` says, not more than five minutes from `moment`."""
    if not token or not timestamp.isdecimal() or not timestamp.isascii() or len(timestamp) > _LONGEST_TIMESTAMP:
        return False
    expected = sign(token, timestamp=timestamp, key=key, body=body)
    is_same = hmac.compare_digest(expected.encode(), signature.encode())
    return is_same and abs(moment.timestamp() - int(timestamp)) <= SIGNATURE_SECONDS


class _NoRedirect(HTTPRedirectHandler):
    """A redirect counts as a refusal: following it would hand the message and its signature to another address."""

    def redirect_request(self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str) -> None:  # noqa: ARG002 - the signature is urllib's
        return None


_opener = build_opener(_NoRedirect)


@dataclass(frozen=True, kw_only=True)
class HttpSmsGateway:
    """Posts a message as signed JSON and reads {"ref": "…"} from the answer.

    timeout and pause are seconds; after a server error, a timeout or a broken connection it tries again, retries times
    at most, and waits pause, then twice as long each time. The idempotency key is what keeps a repeat from being a
    second message.
    """

    url: str
    token: str = field(repr=False)
    timeout: float = 5.0
    retries: int = 2
    pause: float = 0.5

    def __post_init__(self) -> None:
        if urlsplit(self.url).scheme not in {"http", "https"}:
            raise ValueError("the address of an SMS service starts with http:// or https://")
        if not self.token:
            raise ValueError("an SMS service needs a token to sign with")

    def send(self, message: SmsMessage) -> str:
        """The service's reference of the message; raises SmsUnavailableError or SmsRefusedError (Z-A8)."""
        body = _body(message)
        for attempt in range(self.retries + 1):
            if attempt:
                time.sleep(min(self.pause * 2 ** (attempt - 1), _LONGEST_PAUSE))
            answer = self._post(body, message.idempotency_key)
            if answer is not None:
                return _reference(answer)
        raise _unavailable()

    def _post(self, body: bytes, key: str) -> bytes | None:
        """The answer of the service, or None where another attempt makes sense."""
        try:
            with _opener.open(self._request(body, key), timeout=self.timeout) as response:
                return bytes(response.read(_LONGEST_ANSWER))
        except HTTPError as error:
            with error:
                if error.code >= _FIRST_SERVER_ERROR:
                    return None
                if error.code in _LATER:
                    raise _unavailable() from error
            raise SmsRefusedError(
                N_("短信服务拒绝发送（%(status)s）"), code="sms_refused", status=error.code
            ) from error
        except (OSError, HTTPException):  # timeouts, refused and broken connections
            return None

    def _request(self, body: bytes, key: str) -> Request:
        """A request signed anew, so that a late attempt is not refused for its age."""
        timestamp = str(int(now().timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": key,
            "X-Timestamp": timestamp,
            "X-Signature": sign(self.token, timestamp=timestamp, key=key, body=body),
        }
        return Request(self.url, data=body, headers=headers, method="POST")  # noqa: S310 - the scheme is checked above


def _unavailable() -> SmsUnavailableError:
    return SmsUnavailableError(N_("短信服务暂时不可用，请稍后再试"), code="sms_unavailable")


def _body(message: SmsMessage) -> bytes:
    content = {
        "phone": message.phone,
        "template": message.template.name,
        "params": dict(message.params),
        "text": message.text,
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode()


def _reference(answer: bytes) -> str:
    """The reference in an answer; one without it is refused and not repeated, for the message may be on its way."""
    try:
        reference = json.loads(answer)["ref"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SmsRefusedError(N_("短信服务的应答无法识别"), code="sms_answer") from error
    if not isinstance(reference, str) or not reference:
        raise SmsRefusedError(N_("短信服务的应答无法识别"), code="sms_answer")
    return reference
