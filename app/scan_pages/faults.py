"""Where a service's refusal stands on the page of a form: beside its field, or above them all (Z-S10)."""

from __future__ import annotations

from flask_babel import force_locale, gettext
from wtforms import Form

from app.domain.errors import DomainError


def beside(form: Form, fault: DomainError, language: str) -> str:
    """The fault stands beside its field; return it as the page's notice where the form has no such field, else nothing."""
    with force_locale(language):
        text: str = gettext(fault.message, **fault.params)
        if fault.field not in form:
            return text
        form[fault.field].errors = [*form[fault.field].errors, text]
    return ""
