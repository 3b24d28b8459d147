"""A phone that applies for a health code and shows it."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import OutgoingMessage
from app.services.limits import Counter
from app.services.verification import PER_MINUTE
from tests.factories import id_card, phone
from tests.scan_pages.phone import forms_of

CITY_DISTRICT = "410102"
GOOD_APPLICATION = {
    "name": "何晓明",
    "document_type": "ID_CARD",
    "document_number": id_card(7, birth="19850607"),
    "phone_number": phone(7),
    "residence_type": "OWN_HOME",
    "residence_district": CITY_DISTRICT,
    "residence_address": "幸福小区3号楼2单元501室",
    "registered_province": "41",
    "registered_city": "4101",
    "registered_district": CITY_DISTRICT,
    "condition": "WELL",
    "has_contact": "no",
    "is_returnee": "no",
    "consent": "y",
}
FROM_ABROAD = {
    "is_returnee": "yes",
    "is_from_abroad": "yes",
    "transport": "PLANE",
    "connection_number": "ca1234",
    "origin_country": "IT",
}


class CodePhone:
    """Somebody's phone with the pages of health codes."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def get(self, url: str) -> TestResponse:
        return self.client.get(url)

    def form(self, url: str = "/code/apply", *, position: int = 0) -> dict[str, str]:
        return forms_of(self.get(url))[position].values

    def ask_code(self, **details: str) -> TestResponse:
        values = {**self.form(), **GOOD_APPLICATION, **details, "action": "send_code"}
        Counter(PER_MINUTE, str(values["phone_number"])).clear()  # a minute has passed
        return self.client.post("/code/apply", data=values)

    def apply(self, **details: Any) -> TestResponse:
        """Have the code sent, type it, submit."""
        self.ask_code(**details)
        typed = {"sms_code": last_code(), **details}
        return self.client.post("/code/apply", data={**self.form(), **GOOD_APPLICATION, **typed})

    def code_url(self, **details: Any) -> str:
        """Apply, and return where the code is."""
        response = self.apply(**details)
        assert response.status_code == 303, response.text
        return response.headers["Location"]


def last_code() -> str:
    """The code of the last message."""
    message = db.session.execute(db.select(OutgoingMessage).order_by(OutgoingMessage.id.desc()).limit(1)).scalar_one()
    db.session.expire_all()
    return str(json.loads(message.params)["code"])
