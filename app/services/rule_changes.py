"""A new version of the rules: proposed with what it would change, in force by a second person's word, and back (X12)."""

from __future__ import annotations

import logging

from flask import current_app
from redis.exceptions import RedisError
from rq import Queue
from sqlalchemy import select

from app import clock
from app.access import everything
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.extensions import db, redis_connection
from app.models import Account, ChangeCause, ChangeSet, ChangeSetState, RuleState, RuleVersion
from app.profiles import Profile, load_profile
from app.profiles.health import RuleFile, check_rules, rules_as_data
from app.services import change_sets, health_colors, health_rules, simulation
from app.services.change_sets import Change, Handler
from app.services.health_colors import Recolored
from app.services.transaction import after_commit, transactional

logger = logging.getLogger(__name__)
QUEUE = "statistics"
_FOLLOW_JOB = "app.jobs.health.follow_rules"
_JOB_SECONDS = 3600
_OPEN_TO_ALL = "rules hold for everybody"


@transactional
def propose(rules: RuleFile, *, account: Account) -> RuleVersion:
    """The version waits for a second person, with what it would change for everybody. Errors: role, area, version."""
    policy, profile = health_rules.policy(), load_profile(current_app.config["REGION"])
    if account.role not in policy.proposers or account.area_code != profile.area_code:
        raise DomainError(N_("您的账号不能修改规则"), code="role")
    check_rules(rules.rules, place=rules.version)
    _check_colors(rules, profile)
    moment, new = clock.now(), rules.in_zone(profile.zone)
    start = max(moment, new.in_force_from)
    with everything(_OPEN_TO_ALL):
        present = health_rules.in_force(moment)  # before the look: the first version is kept when first needed
        known = select(RuleVersion.id).where(RuleVersion.version == rules.version)
        if present.version == rules.version or db.session.execute(known).scalar() is not None:
            raise DomainError(N_("已有版本为 %(version)s 的规则"), code="version", version=rules.version)
        row = RuleVersion(
            version=rules.version,
            in_force_from=start,
            rules=rules_as_data(rules.rules),
            state=RuleState.PROPOSED,
            created_by_id=account.id,
            created_at=moment,
        )
        db.session.add(row)
        db.session.flush()
        change = Change(cause=ChangeCause.RULES, cause_id=row.id, title=rules.version)
        preview = simulation.of_rules(new, start)
        # However few it colours: rules are for everybody, and for whoever comes tomorrow.
        row.change_set_id = change_sets.open_set(change, preview, account=account, must_wait=True).id
    return row


def _check_colors(rules: RuleFile, profile: Profile) -> None:
    """Pass where the rules colour in the region's colours alone: of another no page knows what it obliges to, and no
    statistics count it. Error: color."""
    unknown = next((rule.color for rule in rules.rules if rule.color not in profile.abnormal_colors), None)
    if unknown is not None:
        raise DomainError(N_("本地区没有%(color)s码，规则不能使用"), code="color", color=unknown.label)


def _row_of(found: ChangeSet) -> RuleVersion:
    return db.session.execute(select(RuleVersion).where(RuleVersion.id == found.cause_id)).scalar_one()


def _approved(found: ChangeSet, account: Account) -> None:
    row = _row_of(found)
    row.state, row.approved_by_id = RuleState.APPROVED, account.id
    row.in_force_from = max(row.in_force_from, clock.now())
    after_commit(_enqueue)


def _rejected(found: ChangeSet, _account: Account) -> None:
    _row_of(found).state = RuleState.REJECTED


def _rolled_back(found: ChangeSet, _account: Account) -> None:
    _row_of(found).state = RuleState.WITHDRAWN
    after_commit(_enqueue)


change_sets.handle(
    ChangeCause.RULES, Handler(is_later=True, approved=_approved, rejected=_rejected, rolled_back=_rolled_back)
)


def _enqueue() -> None:
    try:
        Queue(QUEUE, connection=redis_connection()).enqueue(_FOLLOW_JOB, job_timeout=_JOB_SECONDS, result_ttl=0)
    except RedisError:
        logger.warning("the rules wait for the schedule: the queue does not answer")


def follow() -> Recolored:
    """Everybody's colour is by the rules now in force; return how many changed. It may be stopped and run again."""
    recolored = health_colors.reevaluate_all()
    _mark_applied(health_rules.in_force(clock.now()).version)
    return recolored


@transactional
def _mark_applied(version: str) -> None:
    """The change of the version in force has happened."""
    with everything(_OPEN_TO_ALL):
        query = (
            select(ChangeSet)
            .join(RuleVersion, RuleVersion.change_set_id == ChangeSet.id)
            .where(RuleVersion.version == version, ChangeSet.state == ChangeSetState.APPROVED)
        )
        found = db.session.execute(query).scalar_one_or_none()
        if found is not None:
            found.state, found.applied_at = ChangeSetState.APPLIED, clock.now()
