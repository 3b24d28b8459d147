"""The first account of an installation, made by whoever has its shell; everybody else is appointed (Z-A7)."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import current_app
from sqlalchemy import select

from app.domain.documents import check_phone
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.masking import mask_phone
from app.domain.roles import Role
from app.extensions import db
from app.models import Account
from app.profiles import load_profile
from app.services import audit, passwords
from app.services.transaction import transactional


@transactional
def create_administrator(phone: str, name: str) -> str:
    """Make a system administrator of the region; return the first password, which must be changed within a week.

    Errors: phone, phone_taken.
    """
    number = check_phone(phone)
    if db.session.execute(select(Account.id).where(Account.username == number)).first():
        raise DomainError(N_("该手机号已有账号"), code="phone_taken", field="phone")
    account = Account(
        username=number,
        first_name=name,
        last_name="",
        email=f"{secrets.token_hex(12)}@account.invalid",
        active=True,
        role=Role.SYSTEM_ADMIN,
        area_code=load_profile(current_app.config["REGION"]).area_code,
    )
    db.session.add(account)
    password = passwords.put_temporary(account, lifetime=timedelta(days=passwords.INVITATION_DAYS))
    db.session.flush()
    changes = {"role": [None, Role.SYSTEM_ADMIN.name], "phone": [None, mask_phone(number)]}
    audit.record(audit.SYSTEM, "appoint", subject=account, area_code=account.area_code or "", changes=changes)
    return password
