"""What the short reading of a form takes, the form itself would have taken, with the same content (Z-S10)."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from app.domain.venues import VenueFamily
from app.forms.families import FORMS
from app.forms.sound import sound_form
from app.profiles import load_profile
from tests.factories import id_card, phone

TODAY = date(2020, 4, 8)
SOUND = {
    "name": "何晓明",
    "document_type": "ID_CARD",
    "document_number": id_card(7, birth="19850607"),
    "phone_number": phone(7),
    "address": "幸福小区3号楼2单元501室",
    "plate_number": "",
    "is_returnee": "no",
    "consent": "y",
}
TEXTS = st.text(max_size=8) | st.sampled_from(
    ["", " ", "\u3000", "何", "何 晓明", "x" * 65, "a" * 121, "阿布都·热合曼"]
)
NUMBERS = st.sampled_from(
    [SOUND["document_number"], SOUND["document_number"].lower(), "1", "G12345678", "Ｇ１２３４５", ""]
)
CHANGES = {
    "name": TEXTS,
    "document_type": st.sampled_from(["ID_CARD", "OTHER", "", "PASSPORT"]),
    "document_number": NUMBERS | TEXTS,
    "phone_number": st.sampled_from([phone(7), "+86 139 0000 0007", "１３９０００００００７", "12"]) | TEXTS,
    "address": TEXTS,
    "plate_number": st.sampled_from(["豫A12345", "豫a·d12345", "豫A12"]) | TEXTS,
    "is_returnee": st.sampled_from(["yes", "no", "", "maybe"]),
    "is_from_abroad": st.sampled_from(["yes", "no", "", "maybe"]),
    "arrival_date": st.sampled_from(["", "2020-04-01", "昨天"]),
    "transport": st.sampled_from(["", "TRAIN", "ROCKET"]),
    "origin_province": st.sampled_from(["", "42", "99"]),
    "origin_city": st.sampled_from(["", "4201", "4401", "99"]),
    "origin_district": st.sampled_from(["", "420102", "440106"]),
    "origin_country": st.sampled_from(["", "JP"]),
    "consent": st.sampled_from(["y", "", "false", "on"]),
}
JOURNEY = {"is_from_abroad": "no", "origin_province": "44", "origin_city": "4401", "origin_district": "440106"}
SOUND_OF = {
    VenueFamily.COMPOUND: SOUND,
    VenueFamily.SECTOR: SOUND,
    VenueFamily.CHECKPOINT: {**SOUND, **JOURNEY, "is_returnee": ""},
}


@pytest.mark.parametrize("family", FORMS)
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(changed=st.fixed_dictionaries({}, optional=CHANGES))
def test_the_short_reading_never_disagrees_with_the_form(
    app: Flask, family: VenueFamily, changed: dict[str, str]
) -> None:
    sent = {**SOUND_OF[family], **changed}
    with app.test_request_context():
        read = sound_form(sent, family=family, today=TODAY)
        form = FORMS[family](MultiDict(sent), profile=load_profile("zhengzhou"), today=TODAY, language="zh")
        if read is not None:
            assert form.validate(), form.errors
            assert form.filled == read


@pytest.mark.parametrize("family", FORMS)
def test_an_ordinary_form_is_read_short(app: Flask, family: VenueFamily) -> None:
    assert sound_form(SOUND_OF[family], family=family, today=TODAY) is not None


def test_a_return_is_for_the_form_itself() -> None:
    assert sound_form({**SOUND, "is_returnee": "yes"}, family=VenueFamily.COMPOUND, today=TODAY) is None
