"""Every kind of evidence has a way of its own into the system, arrives by it, and colours (issue 2.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.domain.colors import Color
from app.domain.health import EvidenceKind
from app.domain.roles import Role
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import BatchState, ChangeCause, Evidence, EvidenceSource
from app.profiles import load_profile
from app.services import change_sets, health_colors, imports_entering
from tests.factories import Factories, phone
from tests.lists import import_list
from tests.police_sheet import index_of, numbers, write_sheet
from tests.scan_pages.code_phone import GOOD_APPLICATION, CodePhone
from tests.scan_pages.phone import GOOD_FORM, Phone
from tests.services.test_compound_closures import closed
from tests.services.test_recorded_tests import results_of, visits_of
from tests.services.test_risk_areas import bring as bring_list
from tests.services.test_risk_areas import listed
from tests.views.test_health_desk import DISTRICT, proposal
from tests.web import post

ORIGIN = {"origin_province": "31", "origin_city": "3101", "origin_district": "310115"}
ZONE = load_profile("zhengzhou").zone


@dataclass(frozen=True)
class World:
    """What a way needs."""

    app: Flask
    make: Factories
    login_as: Any
    folder: Path


def by_hand(kind: EvidenceKind, world: World) -> bytes:
    """「录入依据」 by one of the district, 「批准」 by another."""
    person = world.make.person()
    first, second = (world.login_as(Role.DISTRICT_ADMIN, DISTRICT) for _ in range(2))
    post(first, "/evidence/new", proposal(person, kind=kind.name))
    row = db.session.execute(db.select(Evidence)).scalar_one()
    assert health_colors.color_of(person.document_index, clock.now()).color is Color.GREEN
    post(second, f"/evidence-proposals/{row.id}/do/approve", {"confirmed": "1"})
    return bytes(person.document_index)


def by_disease_control(kind: EvidenceKind, world: World) -> bytes:
    """A file that one of the city brings and another agrees to, however few stand in it."""
    (number,) = numbers(1)
    day = clock.local_date(clock.now(), ZONE).isoformat()
    path = world.folder / "reported.csv"
    rows = [
        "日期,人员类别,姓名,证件号,手机号,来源单位,所属区县",
        f"{day},{kind.label},何晓明,{number},{phone(9)},市疾控中心,金水区",
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    batch = import_list("disease_control", path, world.make.account(Role.CITY_ADMIN))
    assert batch.state is BatchState.AWAITING and not db.session.query(Evidence).count()
    found = change_sets.of_cause(ChangeCause.IMPORT, batch.id)
    assert found is not None and found.sample[0]["rule"] == kind.name.lower()
    change_sets.approve(found.id, account=world.make.account(Role.CITY_ADMIN))
    imports_entering.import_batch(batch.id)
    return index_of(number)


def by_police_list(world: World) -> bytes:
    (number,) = numbers(1)
    import_list("police", write_sheet(world.folder / "police.csv", [number]), world.make.account(Role.DATA_REPORTER))
    return index_of(number)


def by_clinic(world: World) -> bytes:
    (number,) = numbers(1)
    visits_of([number], world.folder, world.make.account(Role.MEDICAL_INSTITUTION, "410105003001"))
    return index_of(number)


def by_test(world: World) -> bytes:
    (number,) = numbers(1)
    results_of([number], "阳性", world.folder, world.make.account(Role.CITY_ADMIN))
    return index_of(number)


def by_checkpoint(world: World, **details: str) -> bytes:
    bring_list(world.make, listed("2022-07-21 16时", highlist=[("上海市", "上海市", "浦东新区")]))
    station = world.make.venue(VenueKind.RAILWAY_STATION, "410103")
    db.session.commit()
    Phone(world.app).fill_in(station, **{"is_from_abroad": "no", **ORIGIN, **details})
    return index_of(str(GOOD_FORM["document_number"]))


def by_application(world: World) -> bytes:
    CodePhone(world.app).code_url(has_contact="yes")
    return index_of(str(GOOD_APPLICATION["document_number"]))


def by_closure(world: World) -> bytes:
    tie = world.make.residency()
    closed(world.make, tie.venue, world.make.account(Role.DISTRICT_ADMIN, DISTRICT))
    return bytes(tie.person.document_index)


Way = Callable[[World], bytes]
REPORTED = {
    EvidenceKind.CONFIRMED_CASE: Color.RED,
    EvidenceKind.SUSPECTED_CASE: Color.RED,
    EvidenceKind.CLOSE_CONTACT: Color.RED,
    EvidenceKind.ANTIPYRETIC: Color.YELLOW,
}
LIST, SCAN = EvidenceSource.LIST_ROW, EvidenceSource.SCAN
FROM_ABROAD = {"is_from_abroad": "yes", "origin_country": "SG"}
WAYS: list[tuple[EvidenceKind, Way, EvidenceSource, Color]] = [
    *((kind, partial(by_hand, kind), EvidenceSource.MANUAL, color) for kind, color in REPORTED.items()),
    *((kind, partial(by_disease_control, kind), LIST, color) for kind, color in REPORTED.items()),
    (EvidenceKind.POLICE_KEY_PERSON, by_police_list, LIST, Color.RED),
    (EvidenceKind.FEVER_CLINIC, by_clinic, EvidenceSource.CLINIC_VISIT, Color.YELLOW),
    (EvidenceKind.POSITIVE_TEST, by_test, EvidenceSource.TEST, Color.RED),
    (EvidenceKind.RISK_AREA_ARRIVAL, by_checkpoint, SCAN, Color.RED),
    (EvidenceKind.OVERSEAS_ARRIVAL, partial(by_checkpoint, **FROM_ABROAD), SCAN, Color.RED),
    (EvidenceKind.SELF_DECLARED, by_application, EvidenceSource.DECLARATION, Color.YELLOW),
    (EvidenceKind.CLOSED_COMPOUND, by_closure, EvidenceSource.COMPOUND, Color.YELLOW),
]


def test_no_kind_of_evidence_is_without_a_way() -> None:
    assert {kind for kind, *_ in WAYS} == set(EvidenceKind)


@pytest.mark.parametrize(
    ("kind", "way", "source", "color"), WAYS, ids=[f"{kind.name} {source.name}" for kind, _, source, _ in WAYS]
)
def test_every_kind_arrives_by_its_own_way_and_colors(
    app: Flask,
    make: Factories,
    login_as: Any,
    tmp_path: Path,
    kind: EvidenceKind,
    way: Way,
    source: EvidenceSource,
    color: Color,
) -> None:
    index = way(World(app, make, login_as, tmp_path))
    db.session.expire_all()
    row = db.session.execute(db.select(Evidence).where(Evidence.document_index == index)).scalar_one()
    assert (row.kind, row.source_kind) == (kind, source)
    assert row.began_at <= clock.now() and row.area_code.startswith("4101")
    found = health_colors.color_of(index, clock.now())
    assert (found.color, [reason.fact_key for reason in found.reasons]) == (color, [row.id])
