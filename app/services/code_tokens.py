"""Tokens of health codes: issued for the page that shows one, checked for whoever looks at it (X6)."""

from __future__ import annotations

from datetime import datetime

from flask import current_app

from app.domain import code_tokens
from app.domain.code_tokens import PATH, CodeToken
from app.domain.colors import Color
from app.services import code_keys


def issue(number: str, color: Color, moment: datetime) -> str:
    """Return the address that a live QR carries: upper-case, so that the QR stays small."""
    key = code_keys.signing_key(moment)
    text = code_tokens.write(CodeToken(number, color, moment, key.number), key.private)
    return f"{str(current_app.config['PUBLIC_URL']).rstrip('/').upper()}{PATH}{text}"


def check(text: str, moment: datetime) -> CodeToken:
    """Return what a live token of this installation says. Errors: those of domain.code_tokens.verify."""
    return code_tokens.verify(text, code_tokens.public_keys(code_keys.public_keys()), moment)
