"""Forms: where a rule's refusal stands beside its field, in the reader's language."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask_babel import gettext

from app.domain.errors import DomainError
from app.views.page import FormPage
from app.views.sites import template


def error_text(fault: DomainError) -> str:
    """Return the refusal in the reader's language; parameters that are texts themselves are translated too."""
    params = {key: gettext(value) if isinstance(value, str) and value else value for key, value in fault.params.items()}
    return gettext(fault.message, **params)


def show_fault(form: Any, fault: DomainError) -> None:
    """Put `fault` beside its field, or above the form when it belongs to none."""
    field = form[fault.field] if fault.field and fault.field in form else None
    if field is None:
        form.form_errors.append(error_text(fault))
    else:
        field.errors = [*field.errors, error_text(fault)]


def form_response(page: FormPage) -> str:
    """Return a form as a page, or as the inside of a dialog where a script asks for that."""
    is_fragment = request.headers.get("X-Requested-With") == "fetch"
    return render_template(
        "admin/_form_body.html" if is_fragment else template("form"), page=page, is_fragment=is_fragment
    )
