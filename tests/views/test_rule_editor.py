"""One rule changed in a form: simulated without a trace, or a new version for a second person (X12)."""

from __future__ import annotations

from typing import Any

import pytest

from app import clock
from app.domain.health import EvidenceKind
from app.domain.roles import Role
from app.models import ChangeSet, RuleVersion
from app.services import evidence, health_rules
from app.services.audit import SYSTEM
from tests.health import known
from tests.web import post

RULE = {
    "kind": "FEVER_CLINIC",
    "level": "",
    "color": "RED",
    "days": "10",
    "sentence_zh": "您 10 天内到发热门诊就诊过。",
    "sentence_en": "You visited a fever clinic within 10 days.",
    "advice_zh": "请居家。",
    "advice_en": "Stay at home.",
    "version": "2022-09",
    "in_force_from": clock.now().date().isoformat(),
}
URL = "/rule-editor/fever_clinic"


def in_force() -> Any:
    return health_rules.in_force(clock.now())


def proposed() -> RuleVersion | None:
    return RuleVersion.query.filter_by(version="2022-09").one_or_none()


def test_the_form_shows_the_rule_in_force_and_a_simulation_leaves_no_trace(login_as: Any) -> None:
    evidence.bring(known(EvidenceKind.FEVER_CLINIC), actor=SYSTEM)
    city = login_as(Role.CITY_ADMIN)
    page = city.get(URL).text
    assert "您 7 天内到发热门诊就诊过。" in page and 'value="7"' in page
    assert "黄 → 红" in post(city, URL, {**RULE, "step": "simulate"}).text
    assert proposed() is None and ChangeSet.query.count() == 0


def test_what_is_proposed_differs_in_this_rule_alone_and_waits(login_as: Any) -> None:
    one, other = login_as(Role.CITY_ADMIN), login_as(Role.CITY_ADMIN)
    before = in_force()
    post(one, URL, {**RULE, "step": "propose"})
    row = proposed()
    assert row is not None and in_force().version == before.version
    page = other.get(f"/health-rules/{row.id}").text
    assert page.count("已修改") == 1 and page.count("相同") == len(before.rules) - 1
    post(one, f"/change-sets/{row.change_set_id}/do/approve", {"confirmed": "1"})
    assert in_force().version == before.version
    post(other, f"/change-sets/{row.change_set_id}/do/approve", {"confirmed": "1"})
    assert in_force().by_key["fever_clinic"].sentence.zh == RULE["sentence_zh"]
    assert [rule.key for rule in in_force().rules] == [rule.key for rule in before.rules]


def test_a_rule_is_added_or_left_out(login_as: Any) -> None:
    city = login_as(Role.CITY_ADMIN)
    # A version never changes, so a process keeps what it has read: other versions than the other tests'.
    post(city, "/rule-editor/new", {**RULE, "version": "added", "step": "propose"})
    post(city, URL, {**RULE, "version": "removed", "is_removed": "y", "step": "propose"})
    added, removed = (RuleVersion.query.filter_by(version=version).one() for version in ("added", "removed"))
    assert "新增" in city.get(f"/health-rules/{added.id}").text
    assert [rule["key"] for rule in added.rules][-1] == "fever_clinic_1"
    assert "fever_clinic" not in {rule["key"] for rule in removed.rules}
    assert "已删除" in city.get(f"/health-rules/{removed.id}").text


@pytest.mark.parametrize(
    "wrong",
    [{"color": "GREEN"}, {"days": "0"}, {"sentence_en": ""}, {"version": ""}],
    ids=lambda each: next(iter(each)),
)
def test_what_is_no_rule_is_refused_beside_its_field(login_as: Any, wrong: dict[str, str]) -> None:
    page = post(login_as(Role.CITY_ADMIN), URL, {**RULE, "step": "propose", **wrong}).text
    assert f'id="{next(iter(wrong))}-error"' in page and proposed() is None


@pytest.mark.parametrize("role", [Role.DISTRICT_ADMIN, Role.AUDITOR])
def test_nobody_but_the_city_edits(login_as: Any, role: Role) -> None:
    client = login_as(role, "410102" if role is Role.DISTRICT_ADMIN else "4101")
    assert client.get(URL).status_code == 403
    in_force()  # the first version is kept when first needed
    row = RuleVersion.query.one()
    assert "rule-editor" not in client.get(f"/health-rules/{row.id}").text


def test_what_is_not_in_force_has_no_form(login_as: Any) -> None:
    assert login_as(Role.CITY_ADMIN).get("/rule-editor/nothing").status_code == 404
