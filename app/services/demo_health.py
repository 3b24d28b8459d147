"""The demo city's health codes: a risk-area list in force, evidence, a proposal, an appeal, a change that waits. Invented."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta

from app import clock
from app.domain.health import EvidenceKind
from app.domain.quarantine import QuarantineStatus
from app.domain.roles import Role
from app.models import Account, EvidenceSource, Residency
from app.profiles import Profile
from app.services import appeals, change_sets, compound_closures, evidence, evidence_desk
from app.services.audit import SYSTEM
from app.services.evidence import NewEvidence
from app.services.evidence_desk import Proposal
from app.services.risk_area_import import import_official

_LISTED = {
    "highlist": [
        ("上海市", "上海市", "浦东新区", ["某某路12号工地宿舍"]),
        ("湖北省", "武汉市", "武昌区", ["某某小区3号楼"]),
    ],
    "middlelist": [
        ("湖北省", "武汉市", "江岸区", ["某某街道某某社区"]),
        ("广东省", "深圳市", "大鹏新区", ["某某花园"]),
    ],
    "lowlist": [("湖北省", "武汉市", "武昌区", ["某某街道其他区域"])],
}
_COUNTS = {"highlist": "hcount", "middlelist": "mcount", "lowlist": "lcount"}
_ABROAD = 3
_APPEAL = "我入境后一直在集中隔离点，已满 14 天，请核实解除。"


def load(ties: Sequence[Residency], accounts: Sequence[Account], profile: Profile) -> None:
    """Something to see on every page of the health code."""
    today = clock.local_date(clock.now(), profile.zone)
    city = next(account for account in accounts if account.role is Role.CITY_ADMIN)
    district = next(account for account in accounts if account.role is Role.DISTRICT_ADMIN)
    listed = import_official(_official(today), name="demo-risk-areas.json", account=city)
    second = next(account for account in accounts if account.role is Role.CITY_ADMIN and account is not city)
    change_sets.approve(int(listed.change_set_id or 0), account=second)
    own = [tie for tie in ties if tie.is_active and tie.area_code.startswith(district.area_code or "-")]
    abroad = [tie for tie in own if tie.registration.is_from_abroad and tie.status is QuarantineStatus.CONFIRMED]
    brought = [
        evidence.bring(_new(tie, EvidenceKind.OVERSEAS_ARRIVAL, profile), actor=SYSTEM) for tie in abroad[:_ABROAD]
    ]
    if brought:
        appeals.open(brought[0].document_index, brought[0].id, reason=_APPEAL)
    waiting = [tie for tie in own if tie.status is QuarantineStatus.PENDING]
    evidence_desk.propose(_proposal(waiting[0], today), account=district)
    compound_closures.close(
        min(own, key=lambda tie: tie.venue_id).venue,
        ground="emergency_regulation",
        text="小区内有一名密切接触者，经研判全小区封控。",
        account=district,
    )


def _official(today: date) -> bytes:
    """A list as it would have been published this morning."""
    rows = {
        key: [{"province": p, "city": c, "county": d, "communitys": places} for p, c, d, places in listed]
        for key, listed in _LISTED.items()
    }
    counts = {_COUNTS[key]: sum(len(places) for *_names, places in listed) for key, listed in _LISTED.items()}
    return json.dumps({"data": {"end_update_time": f"{today.isoformat()} 00时", **counts, **rows}}).encode()


def _new(tie: Residency, kind: EvidenceKind, profile: Profile) -> NewEvidence:
    day = tie.registration.arrival_date or clock.local_date(clock.now(), profile.zone)
    return NewEvidence(
        document_type=tie.person.document_type,
        document_number=tie.person.document_number,
        name=tie.person.name,
        kind=kind,
        began_at=clock.day_bounds(day, profile.zone)[0],
        area_code=tie.area_code[:6],
        owner_role=Role.DISTRICT_ADMIN,
        source_kind=EvidenceSource.DECLARATION,
        source_id=tie.registration_id,
    )


def _proposal(tie: Residency, today: date) -> Proposal:
    return Proposal(
        document_type=tie.person.document_type,
        document_number=tie.person.document_number,
        name=tie.person.name,
        kind=EvidenceKind.CLOSE_CONTACT,
        level=None,
        from_day=today - timedelta(days=1),
        until_day=None,
        ground="infectious_diseases",
        text="流行病学调查确认：与确诊病例同乘一列火车，前后三排。",
    )
