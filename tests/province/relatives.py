"""Somebody with a green code of one's own who applies for relatives."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from app import clock
from app.services.limits import Counter
from app.services.verification import PER_MINUTE
from tests.factories import id_card, phone
from tests.scan_pages.code_phone import CodePhone, last_code

CITY = "3501"
WELL = {
    "answer_is_in_region": "yes",
    "answer_has_left_region": "no",
    "answer_is_isolated_or_contact": "no",
    "answer_has_symptoms": "no",
    "answer_has_other_trouble": "no",
}
MOTHER = {
    "relation": "PARENT",
    "name": "林秀英",
    "document_type": "ID_CARD",
    "document_number": id_card(21, birth="19550303"),
    "phone_number": phone(21),
    "consent": "y",
    **WELL,
}


def child(serial: int = 31, *, years: int = 5, name: str = "何小小") -> dict[str, str]:
    """A child of about that age, by the phone of whoever applies."""
    birth = clock.now() - timedelta(days=366 * years)
    number = id_card(serial, birth=f"{birth:%Y%m%d}")
    return {"relation": "CHILD", "name": name, "document_number": number, "phone_number": phone(7)}


class Applicant(CodePhone):
    """A phone that shows a green code, from which relatives are applied for."""

    def __init__(self, app: Flask, **details: str) -> None:
        super().__init__(app)
        self.url = self.code_url(residence_district=CITY, **details)
        self.address = f"{self.url}/relative"

    def send(self, typed: dict[str, Any]) -> TestResponse:
        return self.client.post(self.address, data={**self.form(self.address), **typed})

    def ask_relatives_code(self, **details: str) -> TestResponse:
        typed = {**MOTHER, **details}
        Counter(PER_MINUTE, typed["phone_number"]).clear()  # a minute has passed
        return self.send({**typed, "action": "send_code"})

    def apply_for(self, **details: str) -> TestResponse:
        """Have the code sent to the relative's phone, type it, submit."""
        self.ask_relatives_code(**details)
        return self.send({**MOTHER, "sms_code": last_code(), **details})

    def relative_url(self, **details: str) -> str:
        """Apply for a relative, and return where the relative's code is."""
        response = self.apply_for(**details)
        assert response.status_code == 303, re.findall(r'class="(?:error|notice)"[^>]*>([^<]*)', response.text)
        return response.headers["Location"]
