"""Versions of the health code's rules: which are in force, and how a new one comes into force (X12, issue 2.1)."""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from sqlalchemy import select

from app import clock
from app.access import everything
from app.domain.errors import DomainError
from app.domain.health import RuleSet
from app.domain.labels import N_
from app.extensions import db
from app.models import RuleState, RuleVersion
from app.profiles import HealthPolicy, Profile, load_profile
from app.profiles.health import rules_as_data, rules_from_data
from app.services.dialects import inserting
from app.services.transaction import transactional

_VERSIONS = RuleVersion.__table__
_KNOWN = "health_rules"
_OPEN_TO_ALL = "rules name nobody"


def _profile() -> Profile:
    return load_profile(current_app.config["REGION"])


def policy() -> HealthPolicy:
    """The region's limits and deadlines."""
    return _profile().health


def in_force(moment: datetime) -> RuleSet:
    """The rules at `moment`; before the first version began, the first."""
    chosen = (
        select(_VERSIONS.c.version)
        .where(_VERSIONS.c.state == RuleState.APPROVED.name, _VERSIONS.c.in_force_from <= moment)
        .order_by(_VERSIONS.c.in_force_from.desc(), _VERSIONS.c.id.desc())
    )
    with everything(_OPEN_TO_ALL):
        found = db.session.execute(chosen.limit(1)).scalar() or _first_version()
    return of_version(found)


def of_version(version: str) -> RuleSet:
    """The rules of that version, whatever its state; kept in the process, for a version never changes."""
    known: dict[str, RuleSet] = current_app.extensions.setdefault(_KNOWN, {})
    if version not in known:
        known[version] = _read(version)
    return known[version]


def _read(version: str) -> RuleSet:
    with everything(_OPEN_TO_ALL):
        row = db.session.execute(select(_VERSIONS).where(_VERSIONS.c.version == version)).one_or_none()
    if row is None:
        own = policy().rules
        if own.version == version:
            return own.in_zone(_profile().zone)
        raise DomainError(N_("没有版本为 %(version)s 的规则"), code="version", version=version)
    rules = rules_from_data(row.rules, place=version)
    return RuleSet(version=version, in_force_from=row.in_force_from, zone=_profile().zone, rules=rules)


@transactional
def _first_version() -> str:
    """Keep the profile's own rules as the first version, so that a later profile cannot change them under anybody."""
    own = policy().rules
    values = {
        "version": own.version,
        "in_force_from": own.in_zone(_profile().zone).in_force_from,
        "rules": rules_as_data(own.rules),
        "state": RuleState.APPROVED,
        "created_at": clock.now(),
    }
    with everything(_OPEN_TO_ALL):
        # Two requests may be the first.
        db.session.execute(inserting(_VERSIONS).values(values).on_conflict_do_nothing(index_elements=["version"]))
    return own.version
