"""An authenticator app, as a test holds it in its hand."""

from __future__ import annotations

import base64
import re
from urllib.parse import parse_qs, urlsplit

from app import clock
from app.domain import one_time_codes
from app.extensions import db
from app.models import Account, SecondFactor
from app.services import second_factor
from app.services.sessions import SessionInHand
from tests.factories import Factories


def secret_in(address: str) -> bytes:
    """What the app reads from the QR code."""
    return base64.b32decode(parse_qs(urlsplit(address).query)["secret"][0])


def secret_on(page: str) -> bytes:
    """What the page of the offer shows to be typed into the app."""
    found = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page)
    assert found is not None
    return base64.b32decode(found[1].replace(" ", ""))


def enrol(account: Account, session: SessionInHand, *, step: int | None = None) -> list[str]:
    """The account has an app now, by a code of the half minute before; its recovery codes."""
    before = one_time_codes.step_at(clock.now()) - 1 if step is None else step
    code = one_time_codes.code_at(secret_in(second_factor.offer(account, session).address), before)
    return second_factor.enrol(account, password=Factories.password, code=code, session=session)


def next_step() -> int:
    """A half minute of which no code was taken yet."""
    return one_time_codes.step_at(clock.now()) + 1


def app_code(account: Account, step: int) -> str:
    """What the app shows in that half minute."""
    secret = bytes.fromhex(db.session.get_one(SecondFactor, account.id).secret)
    return one_time_codes.code_at(secret, step)
