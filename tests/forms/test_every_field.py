"""Every field of every public form says what is wrong with it, in the reader's language (Z-S10).

The forms name their fields; here each is given what nobody may send, and its sentence is looked at.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from werkzeug.datastructures import MultiDict
from wtforms import Form

from app.domain.sectors import SECTORS
from app.forms.families import FORMS
from app.forms.fields import ORIGIN
from app.forms.sector_venues import form_class
from app.profiles import load_profile
from app.scan_pages.activation_page import _with_code

TODAY = date(2020, 4, 8)
# Whatever is asked for is asked for then: everything of a return, and once the country instead of the district.
AT_HOME = {"is_returnee": "yes", "is_from_abroad": "no"}
FROM_ABROAD = {"is_returnee": "yes", "is_from_abroad": "yes"}
BAD = ("", "?", "x" * 200, "昨天", "99")
# What of it is no fault: a tick is a tick, a plate may be left out, some people's names look odd.
FINE = {
    "consent": BAD[1:],
    "plate_number": ("",),
    "name": ("昨天", "99"),
}
# What cannot be wrong, or is today whatever was sent.
_NEVER = {"poster_pin": "a wrong one is recorded as remote, not refused (X6)"}
_FIXED_AT_CHECKPOINTS = "arrival_date"


RESIDENT_FORMS = [
    pytest.param(family, kind, language, id=f"{family.name}-{language}")
    for family, kind in FORMS.items()
    for language in ("zh", "en")
]


def _faults(form: Form, name: str) -> list[str]:
    """What is said beside a field; the three lists of 出发地 are one group with one sentence."""
    form.validate()
    names = ORIGIN if name in ORIGIN else (name,)
    return [str(text) for each in names for text in form[each].errors]


def _check(faults: list[str], language: str, what: str) -> None:
    assert faults, f"{what} is taken without a word"
    assert len(faults) == len(set(faults)), f"{what} is said twice: {faults}"
    for text in faults:
        is_chinese = any("\u4e00" <= character <= "\u9fff" for character in text)
        assert is_chinese == (language == "zh"), f"{what}: {text}"


@pytest.mark.parametrize(("family", "kind", "language"), RESIDENT_FORMS)
def test_every_field_of_a_family_refuses_in_words(app: Flask, family: Any, kind: Any, language: str) -> None:
    given = {"profile": load_profile("zhengzhou"), "today": TODAY, "language": language}
    with app.test_request_context(), force_locale(language):
        names = [field.short_name for field in kind(MultiDict(), **given)]
        for name in names:
            if name in _NEVER or (name == _FIXED_AT_CHECKPOINTS and "is_returnee" not in names):
                continue
            answered = FROM_ABROAD if name == "origin_country" else AT_HOME
            bad = [value for value in BAD if value not in FINE.get(name, ())]
            for value in bad:
                form = kind(MultiDict({**answered, "document_type": "ID_CARD", name: value}), **given)
                _check(_faults(form, name), language, f"{family.name}.{name} = {value[:5]!r}")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", SECTORS, ids=lambda kind: kind.name)
def test_every_field_of_an_activation_refuses_in_words(app: Flask, kind: Any, language: str) -> None:
    with app.test_request_context(), force_locale(language):
        for make_form in (form_class(kind), _with_code(kind)):
            for field in make_form(MultiDict(), area_prefix="4101"):
                name = field.short_name
                for value in ("", "x" * 200):
                    if name == "sms_code" and value:
                        continue  # looked at where it was sent: tests/scan_pages/test_activation.py
                    form = make_form(MultiDict({name: value}), area_prefix="4101")
                    _check(_faults(form, name), language, f"{kind.name}.{name} = {value[:5]!r}")
