"""An official risk-area file on its way into the record (2.1): read, matched, kept with its names as published."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence

from sqlalchemy import select

from app import clock
from app.access import everything
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.risk import AreaNames, Match, PublishedArea, PublishedList, RiskLevel, read_official
from app.domain.roles import Role
from app.extensions import db
from app.models import Account, RiskArea, RiskAreaList, RiskAreaName, RiskAreaSource, RiskListState
from app.profiles import Profile
from app.services import area_tree, audit, risk_areas
from app.services.audit import Actor
from app.services.risk_area_changes import region, submit_list
from app.services.transaction import transactional

EDITORS = frozenset({Role.CITY_ADMIN})
MOST_BYTES = 8 * 1024 * 1024
_NOT_OPEN = (RiskListState.REJECTED, RiskListState.WITHDRAWN)


@transactional
def import_official(content: bytes, *, name: str, account: Account) -> RiskAreaList:
    """The published list; in force from its own time when a second person agrees, as the profile says (X3, X4).

    Errors: role, risk_file, risk_list_known.
    """
    check_editor(account)
    profile = region()
    published = read_official(parsed(content), profile.risk_areas.published, profile.zone)
    digest = hashlib.sha256(content).hexdigest()
    with everything("risk areas lie all over the country"):
        _check_new(published)
        risk_list = _new_list(published, name=name, digest=digest, account=account)
        _add_rows(risk_list, published.areas, matcher(profile))
        db.session.flush()
        audit.record(
            Actor.of(account),
            "import_risk_areas",
            subject=risk_list,
            area_code=profile.area_code,
            changes={"file": risk_list.file_name, "rows": len(published.areas)},
        )
        submit_list(risk_list, account=account)
    return risk_list


def check_editor(account: Account) -> None:
    """Pass for an account that keeps the risk areas. Error: role."""
    if account.role not in EDITORS:
        raise DomainError(N_("您的角色不能维护风险地区"), code="role")


def parsed(content: bytes) -> object:
    if len(content) > MOST_BYTES:
        raise DomainError(N_("文件过大，这不像是风险地区文件"), code="risk_file", field="file")
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise DomainError(N_("文件不是 JSON，请上传官方发布的原文件"), code="risk_file", field="file") from None


def _check_new(published: PublishedList) -> None:
    query = select(RiskAreaList.id).where(
        RiskAreaList.source == RiskAreaSource.OFFICIAL,
        RiskAreaList.published_at == published.in_force_from,
        RiskAreaList.state.not_in(_NOT_OPEN),
    )
    if db.session.execute(query).first() is not None:
        message = N_("%(moment)s 发布的名单已经导入过")
        local = published.in_force_from.astimezone(region().zone)
        raise DomainError(message, code="risk_list_known", field="file", moment=f"{local:%Y-%m-%d %H:%M}")


def _new_list(published: PublishedList, *, name: str, digest: str, account: Account) -> RiskAreaList:
    risk_list = RiskAreaList(
        source=RiskAreaSource.OFFICIAL,
        state=RiskListState.WAITING,
        published_at=published.in_force_from,
        file_name=name[-200:],
        sha256=digest,
        announced={level.name: count for level, count in published.announced.items()},
        listed={level.name: published.places(level) for level in RiskLevel},
        created_by_id=account.id,
        created_at=clock.now(),
    )
    db.session.add(risk_list)
    db.session.flush()
    return risk_list


def _add_rows(risk_list: RiskAreaList, areas: Sequence[PublishedArea], match: Callable[[PublishedArea], Match]) -> None:
    # Lists show what came last first: the worst are added last.
    until = risk_areas.next_official(risk_list.published_at)
    for area in reversed(areas):
        found = match(area)
        db.session.add(
            RiskArea(
                list_id=risk_list.id,
                level=area.level,
                province=area.province,
                city=area.city,
                county=area.county,
                places=list(area.places),
                matched_code=found.area_code,
                unmatched=found.reason,
                in_force_from=risk_list.published_at,
                in_force_until=until,
            )
        )


def matcher(profile: Profile) -> Callable[[PublishedArea], Match]:
    """What finds the area of a published row: the names assigned by hand first, then the tree's."""
    extra = profile.risk_areas.names
    names = AreaNames(
        (record.code, record.name, (*record.aliases, *extra.get(record.code, ())))
        for record in area_tree.current().records
    )
    assigned = {
        (row.province, row.city, row.county): row.matched_code
        for row in db.session.execute(select(RiskAreaName).where(RiskAreaName.is_approved)).scalars()
    }

    def match(area: PublishedArea) -> Match:
        by_hand = assigned.get((area.province, area.city, area.county))
        return Match(by_hand) if by_hand else names.match(province=area.province, city=area.city, county=area.county)

    return match
