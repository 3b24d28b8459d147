"""The HTTP gateway against a real server on this machine (Z-A8)."""

import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from app.gateways.http_sms import HttpSmsGateway, sign
from app.gateways.sms import SmsMessage, SmsRefusedError, SmsTemplate, SmsUnavailableError

TOKEN = "a-shared-secret"
MESSAGE = SmsMessage(
    phone="13800138000",
    template=SmsTemplate.VERIFICATION_CODE,
    params={"sender": "健康登记", "code": "482913", "minutes": "5"},
    idempotency_key="code-42",
)


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b'{"ref": "P-1"}'
    headers: tuple[tuple[str, str], ...] = ()
    is_late: bool = False
    is_cut_off: bool = False


@dataclass
class Provider:
    """An SMS service that gives the answers it was told to, the last one for ever, and keeps what it was sent."""

    answers: list[Answer] = field(default_factory=lambda: [Answer()])
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""
    closing: Event = field(default_factory=Event)

    def next_answer(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def provider() -> Iterator[Provider]:
    service = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            service.requests.append(({name.lower(): value for name, value in self.headers.items()}, body))
            answer = service.next_answer()
            if answer.is_late:
                service.closing.wait(10)
                return
            if answer.is_cut_off:
                self.wfile.write(b"HTTP/1.1 20")
                return
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        service.url = f"http://127.0.0.1:{server.server_port}/send"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield service
        service.closing.set()
        server.shutdown()
        thread.join()


def gateway(provider: Provider, *, timeout: float = 5.0, retries: int = 2) -> HttpSmsGateway:
    return HttpSmsGateway(url=provider.url, token=TOKEN, timeout=timeout, retries=retries, pause=0.001)


def test_a_message_taken_gives_the_providers_reference(provider: Provider) -> None:
    assert gateway(provider).send(MESSAGE) == "P-1"
    assert len(provider.requests) == 1


def test_the_provider_gets_phone_template_parameters_and_text(provider: Provider) -> None:
    gateway(provider).send(MESSAGE)
    headers, body = provider.requests[0]
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert json.loads(body) == {
        "phone": "13800138000",
        "template": "VERIFICATION_CODE",
        "params": {"sender": "健康登记", "code": "482913", "minutes": "5"},
        "text": MESSAGE.text,
    }


def test_the_provider_can_check_who_signed(provider: Provider) -> None:
    gateway(provider).send(MESSAGE)
    headers, body = provider.requests[0]
    timestamp, key = headers["x-timestamp"], headers["idempotency-key"]
    assert hmac.compare_digest(headers["x-signature"], sign(TOKEN, timestamp=timestamp, key=key, body=body))
    assert headers["x-signature"] != sign("another", timestamp=timestamp, key=key, body=body)
    assert headers["x-signature"] != sign(TOKEN, timestamp=timestamp, key=key, body=body + b" ")
    assert TOKEN not in str(headers)


@pytest.mark.parametrize(
    "failure", [Answer(status=500), Answer(status=503, body=b"<html>"), Answer(is_cut_off=True)], ids=lambda a: str(a)
)
def test_a_provider_that_fails_first_is_asked_again_with_the_same_key(provider: Provider, failure: Answer) -> None:
    provider.answers = [failure, failure, Answer()]
    assert gateway(provider).send(MESSAGE) == "P-1"
    assert [headers["idempotency-key"] for headers, _ in provider.requests] == ["code-42"] * 3
    assert len({body for _, body in provider.requests}) == 1


def test_a_provider_too_slow_once_is_asked_again(provider: Provider) -> None:
    provider.answers = [Answer(is_late=True), Answer()]
    assert gateway(provider, timeout=0.3).send(MESSAGE) == "P-1"
    assert len(provider.requests) == 2


def test_a_provider_that_keeps_failing_is_unavailable_after_the_last_retry(provider: Provider) -> None:
    provider.answers = [Answer(status=502)]
    with pytest.raises(SmsUnavailableError) as refusal:
        gateway(provider, retries=3).send(MESSAGE)
    assert refusal.value.code == "sms_unavailable"
    assert len(provider.requests) == 4


def test_a_provider_that_cannot_be_reached_is_unavailable() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        port = server.server_port
    nobody = HttpSmsGateway(url=f"http://127.0.0.1:{port}/", token=TOKEN, retries=1, pause=0.001)
    with pytest.raises(SmsUnavailableError):
        nobody.send(MESSAGE)


@pytest.mark.parametrize("status", [400, 401, 404, 409])
def test_a_refusal_is_not_repeated(provider: Provider, status: int) -> None:
    provider.answers = [Answer(status=status)]
    with pytest.raises(SmsRefusedError) as refusal:
        gateway(provider).send(MESSAGE)
    assert str(refusal.value) == f"短信服务拒绝发送（{status}）"
    assert len(provider.requests) == 1


@pytest.mark.parametrize("status", [408, 425, 429])
def test_a_provider_that_asks_for_patience_is_not_asked_again_at_once(provider: Provider, status: int) -> None:
    provider.answers = [Answer(status=status), Answer()]
    with pytest.raises(SmsUnavailableError):
        gateway(provider).send(MESSAGE)
    assert len(provider.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(provider: Provider, status: int) -> None:
    provider.answers = [Answer(status=status, headers=(("Location", provider.url + "/elsewhere"),)), Answer()]
    with pytest.raises(SmsRefusedError):
        gateway(provider).send(MESSAGE)
    assert len(provider.requests) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"OK", b"<html></html>", b'{"re', b"\xff\xfe", b"[]", b"null", b'"P-1"', b"{}", b'{"ref": ""}', b'{"ref": 7}',
     b"[" * 60_000],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
def test_an_answer_that_says_nothing_is_not_taken_for_sent_and_not_repeated(provider: Provider, body: bytes) -> None:
    provider.answers = [Answer(body=body)]
    with pytest.raises(SmsRefusedError) as refusal:
        gateway(provider).send(MESSAGE)
    assert refusal.value.code == "sms_answer"
    assert len(provider.requests) == 1


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.cn/", "sms.example.cn", ""])
def test_only_web_addresses_are_taken(url: str) -> None:
    with pytest.raises(ValueError, match="http"):
        HttpSmsGateway(url=url, token=TOKEN)


def test_an_empty_token_is_not_taken() -> None:
    with pytest.raises(ValueError, match="token"):
        HttpSmsGateway(url="https://sms.example.cn/", token="")


def test_the_token_does_not_show_where_a_gateway_is_logged() -> None:
    assert TOKEN not in repr(HttpSmsGateway(url="https://sms.example.cn/", token=TOKEN))
