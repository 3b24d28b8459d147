"""The back office of the health code: evidence by two people, mass changes, appeals, rules, a person's colour (2.3)."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest

from app import clock
from app.domain.colors import Color
from app.domain.health import EvidenceKind
from app.domain.risk import RiskLevel
from app.domain.roles import Role
from app.extensions import db
from app.models import (
    AppealState,
    AuditEvent,
    ChangeSet,
    ChangeSetState,
    Evidence,
    EvidenceState,
    LookUp,
    Person,
    RiskAreaList,
    RuleVersion,
)
from app.profiles.health import rules_as_yaml
from app.services import appeals, evidence, evidence_desk, health_colors, health_rules
from app.services.audit import SYSTEM
from tests.factories import Factories
from tests.health import known
from tests.services.test_risk_area_arrivals import TODAY, arrive, bring
from tests.services.test_risk_areas import listed
from tests.web import post

DISTRICT = "410102"
IN_WUCHANG = ("湖北省", "武汉市", "武昌区")
PHOTO = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def color(index: bytes) -> Color:
    return health_colors.color_of(index, clock.now()).color


def now(row: Any) -> Any:
    """The row as it is after a request."""
    db.session.refresh(row)
    return row


def proposal(person: Person, **details: Any) -> dict[str, Any]:
    """The form 「录入依据」, filled in."""
    return {
        "document_type": person.document_type.name,
        "document_number": person.document_number,
        "name": person.name,
        "kind": "CLOSE_CONTACT",
        "level": "",
        "from_day": clock.now().date().isoformat(),
        "ground": "infectious_diseases",
        "text": "流调确认与病例同乘一车",
        **details,
    }


def bring_red(**details: Any) -> Evidence:
    return evidence.bring(known(EvidenceKind.POSITIVE_TEST, **details), actor=SYSTEM)


def test_evidence_by_hand_colours_only_by_a_second_persons_word(login_as: Any, make: Factories) -> None:
    person = make.person()
    first, second = login_as(Role.DISTRICT_ADMIN, DISTRICT), login_as(Role.DISTRICT_ADMIN, DISTRICT)
    post(first, "/evidence/new", proposal(person))
    row = Evidence.query.one()
    assert (row.state, color(person.document_index)) == (EvidenceState.PROPOSED, Color.GREEN)
    assert "批准" not in first.get("/evidence-proposals/").text.split("<tbody", 1)[1]
    page = second.get("/evidence-proposals/").text
    assert "还剩" in page and person.document_number not in page
    post(second, f"/evidence-proposals/{row.id}/do/approve", {"confirmed": "1"})
    assert color(person.document_index) is Color.RED


def test_nobody_approves_their_own_by_its_address_either(login_as: Any, make: Factories) -> None:
    person = make.person()
    first = login_as(Role.DISTRICT_ADMIN, DISTRICT)
    post(first, "/evidence/new", proposal(person))
    row = Evidence.query.one()
    post(first, f"/evidence-proposals/{row.id}/do/approve", {"confirmed": "1"})
    assert color(person.document_index) is Color.GREEN


@pytest.mark.parametrize(
    ("details", "message"),
    [
        ({"name": "张冠李"}, "姓名与该证件号的登记信息不一致"),
        ({"ground": ""}, "请选择法律依据"),
        ({"text": ""}, "请写明事由"),
        ({"kind": "RISK_AREA_ARRIVAL"}, "请选择风险等级"),
        ({"from_day": "2999-01-01"}, "开始日期不能晚于今天"),
        ({"document_number": "123"}, "身份证"),
    ],
)
def test_a_proposal_says_about_whom_what_and_on_which_ground(
    login_as: Any, make: Factories, details: dict[str, str], message: str
) -> None:
    form = proposal(make.person(), **details)
    assert message in post(login_as(Role.DISTRICT_ADMIN, DISTRICT), "/evidence/new", form).text
    assert Evidence.query.count() == 0


def test_evidence_is_ended_by_its_owner_with_a_reason(login_as: Any) -> None:
    row = bring_red()
    client = login_as(Role.DISTRICT_ADMIN, DISTRICT)
    assert "请填写理由" in post(client, f"/evidence/{row.id}/do/end", {"reason": ""}).text
    post(client, f"/evidence/{row.id}/do/end", {"reason": "复核为阴性"})
    assert color(row.document_index) is Color.GREEN


def test_a_district_neither_sees_nor_ends_what_another_answers_for(login_as: Any) -> None:
    row = bring_red(area_code="410105")
    client = login_as(Role.DISTRICT_ADMIN, DISTRICT)
    assert client.get(f"/evidence/{row.id}").status_code == 404
    assert post(client, f"/evidence/{row.id}/do/end", {"reason": "复核"}).status_code == 404
    assert color(row.document_index) is Color.RED


def test_the_auditor_reads_and_changes_nothing(login_as: Any) -> None:
    row = bring_red()
    client = login_as(Role.AUDITOR)
    for path in ("/evidence/", "/evidence-proposals/", "/change-sets/", "/appeals/", "/health-rules/"):
        assert client.get(path).status_code == 200
    assert "结束依据" not in client.get(f"/evidence/{row.id}").text
    assert post(client, f"/evidence/{row.id}/do/end", {"reason": "复核"}).status_code == 403
    assert client.get("/evidence/new").status_code == 403


def test_a_mass_change_shows_counts_and_a_masked_sample_and_waits_for_another(login_as: Any, make: Factories) -> None:
    people = [arrive(make) for _ in range(51)]
    account = make.account(Role.CITY_ADMIN)
    found = bring(account, highlist=[IN_WUCHANG])
    second = login_as(Role.CITY_ADMIN)
    page = second.get(f"/change-sets/{found.id}").text
    assert "绿 → 红" in page and "51" in page and "您 14 天内到过高风险地区。" in page
    assert not any(person.document_number in page for person in people)
    assert "变更审批" in second.get("/").text
    post(second, f"/change-sets/{found.id}/do/approve", {"confirmed": "1"})
    assert color(people[0].document_index) is Color.RED
    post(second, f"/change-sets/{found.id}/do/roll_back", {"reason": "名单有误"})
    assert color(people[0].document_index) is Color.GREEN
    assert now(found).state is ChangeSetState.ROLLED_BACK


def test_whoever_owns_the_evidence_answers_the_appeal(login_as: Any) -> None:
    row = bring_red()
    appeal = appeals.open(row.document_index, row.id, reason="我当天不在本市", photos=[PHOTO])
    client, other = login_as(Role.DISTRICT_ADMIN, DISTRICT), login_as(Role.DISTRICT_ADMIN, "410105")
    assert other.get(f"/appeals/{appeal.id}").status_code == 404
    assert "待处理的申诉" in client.get("/").text
    page = client.get(f"/appeals/{appeal.id}").text
    assert "我当天不在本市" in page and "核酸检测阳性" in page
    assert client.get(f"/appeals/{appeal.id}/photos/0").data == PHOTO
    assert other.get(f"/appeals/{appeal.id}/photos/0").status_code == 404
    assert "请填写答复" in post(client, f"/appeals/{appeal.id}/do/grant", {"answer": ""}).text
    post(client, f"/appeals/{appeal.id}/do/grant", {"answer": "经核实，结果有误"})
    assert now(appeal).state is AppealState.GRANTED
    assert color(row.document_index) is Color.GREEN


def test_a_denied_appeal_leaves_the_colour(login_as: Any) -> None:
    row = bring_red()
    appeal = appeals.open(row.document_index, row.id, reason="我当天不在本市")
    post(login_as(Role.DISTRICT_ADMIN, DISTRICT), f"/appeals/{appeal.id}/do/deny", {"answer": "结果无误"})
    assert now(appeal).state is AppealState.DENIED
    assert color(row.document_index) is Color.RED


def test_an_appeal_near_its_deadline_stands_out(login_as: Any) -> None:
    row = bring_red()
    appeal = appeals.open(row.document_index, row.id, reason="我当天不在本市")
    client = login_as(Role.DISTRICT_ADMIN, DISTRICT)
    assert "申诉临近或超过时限" not in client.get("/").text
    appeal.due_at = clock.now() - timedelta(hours=2)
    db.session.commit()
    assert "申诉临近或超过时限" in client.get("/").text
    page = client.get("/appeals/?near=y").text
    assert "已超时 2 小时" in page and "row-red" in page
    assert "申诉临近或超过时限" in client.get("/dashboard/").text


def test_the_page_of_a_persons_colour_asks_what_for_and_leaves_a_trace(login_as: Any, make: Factories) -> None:
    tie = make.residency()
    number = tie.person.document_number
    bring_red(document_number=number, name=tie.person.name)
    client = login_as(Role.DISTRICT_ADMIN, DISTRICT)
    ask = client.get(f"/person-color/{tie.id}").text
    assert "您的核酸检测结果为阳性。" not in ask and LookUp.query.count() == 0
    assert "请写明查看目的" in post(client, f"/person-color/{tie.id}", {"purpose": "看"}).text
    page = post(client, f"/person-color/{tie.id}", {"purpose": "处理居民来访"}).text
    for expected in ("红码", "您的核酸检测结果为阳性。", "中原区区县管理员", "依据变化"):
        assert expected in page
    assert number not in page
    assert LookUp.query.one().document_index == tie.person.document_index
    assert AuditEvent.query.filter_by(action="look_up_person").one().changes == {"reason": "处理居民来访"}


@pytest.mark.parametrize("role", [Role.COMPOUND_ADMIN, Role.COMMUNITY_ADMIN])
def test_managers_see_colour_and_sentence_of_their_residents_only(login_as: Any, make: Factories, role: Role) -> None:
    venue = make.venue()
    tie = make.residency(venue=venue)
    bring_red(document_number=tie.person.document_number, name=tie.person.name)
    client = login_as(role, venue.area_code, venues=[venue] if role is Role.COMPOUND_ADMIN else ())
    page = client.get(f"/residents/{tie.id}").text
    assert "红码" in page and "您的核酸检测结果为阳性。" in page and "查看颜色依据" not in page
    seen = LookUp.query.one()
    assert seen.document_index == tie.person.document_index and seen.office.endswith(role.label)
    assert client.get(f"/person-color/{tie.id}").status_code == 403
    assert client.get("/evidence/").status_code == 403


def test_a_new_version_of_the_rules_waits_for_a_second_person(login_as: Any) -> None:
    rules = rules_as_yaml(health_rules.in_force(clock.now()).rules).replace("days: 14", "days: 7")
    form = {"version": "2022-08", "in_force_from": clock.now().date().isoformat(), "rules": rules}
    first, second = login_as(Role.CITY_ADMIN), login_as(Role.CITY_ADMIN)
    post(first, "/health-rules/new", form)
    row = RuleVersion.query.filter_by(version="2022-08").one()
    assert health_rules.in_force(clock.now()).version != "2022-08"
    post(first, f"/change-sets/{row.change_set_id}/do/approve", {"confirmed": "1"})
    assert health_rules.in_force(clock.now()).version != "2022-08"
    post(second, f"/change-sets/{row.change_set_id}/do/approve", {"confirmed": "1"})
    assert health_rules.in_force(clock.now()).version == "2022-08"
    page = second.get(f"/health-rules/{row.id}").text
    assert "正在使用" in page and "您 14 天内到过高风险地区。" in page
    assert second.get(f"/health-rules/{row.id}/download").text.startswith("- key:")


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ("- key: [", "规则有误"),
        ("nothing", "expected a list of rules"),
        ("- {key: a, kind: X, color: RED, sentence: {zh: a, en: b}, advice: {zh: a, en: b}}", "is none of"),
        ("- {key: a, kind: POSITIVE_TEST, color: GREEN, sentence: {zh: a, en: b}, advice: {zh: a, en: b}}", "green"),
    ],
)
def test_rules_that_do_not_hold_are_refused_beside_their_field(login_as: Any, rules: str, message: str) -> None:
    form = {"version": "2022-08", "in_force_from": "2022-08-01", "rules": rules}
    client = login_as(Role.CITY_ADMIN)
    page = post(client, "/health-rules/new", form).text
    assert message in page and 'id="rules-error"' in page
    assert ChangeSet.query.count() == 0


def test_the_simulator_answers_for_a_person_and_a_day_and_writes_nothing(login_as: Any) -> None:
    row = bring_red()
    today = clock.now().date()
    form = {"document_number": row.document_number, "version": "", "purpose": "核对规则"}
    client = login_as(Role.DISTRICT_ADMIN, DISTRICT)
    assert "红码" in post(client, "/health-simulator/", {**form, "day": (today + timedelta(days=1)).isoformat()}).text
    before = post(client, "/health-simulator/", {**form, "day": (today - timedelta(days=3)).isoformat()}).text
    assert "绿码" in before
    assert Evidence.query.count() == 1 and LookUp.query.count() == 2


def test_the_simulator_answers_only_about_people_of_the_own_area(login_as: Any) -> None:
    row = bring_red()
    form = {"document_number": row.document_number, "version": "", "purpose": "核对规则", "day": "2099-01-01"}
    stranger = login_as(Role.DISTRICT_ADMIN, "410103")
    page = post(stranger, "/health-simulator/", form).text
    assert "您的辖区内没有这个证件号的人员" in page and 'id="document_number-error"' in page
    assert LookUp.query.count() == 0
    city = login_as(Role.CITY_ADMIN)
    assert "红码" in post(city, "/health-simulator/", form).text
    assert "您的辖区内没有" in post(city, "/health-simulator/", {**form, "document_type": "OTHER"}).text


def test_the_simulator_tells_what_a_risk_area_file_would_do_and_keeps_nothing(login_as: Any, make: Factories) -> None:
    person = arrive(make)
    nowhere = ("广东省", "深圳市", "大鹏新区")
    content = listed(f"{TODAY.isoformat()} 00时", highlist=[IN_WUCHANG, nowhere])
    db.session.commit()
    client = login_as(Role.CITY_ADMIN)
    page = post(client, "/risk-area-simulator/", {"file": (io.BytesIO(content), "risk.json")}).text
    assert "绿 → 红" in page and person.masked_document in page and "广东省深圳市大鹏新区" in page
    assert (RiskAreaList.query.count(), ChangeSet.query.count(), Evidence.query.count()) == (0, 0, 0)
    assert "文件不是 JSON" in post(client, "/risk-area-simulator/", {"file": (io.BytesIO(b"x"), "risk.json")}).text
    assert login_as(Role.DISTRICT_ADMIN, DISTRICT).get("/risk-area-simulator/").status_code == 403


def test_the_simulator_counts_whom_new_rules_would_recolour(login_as: Any) -> None:
    row = bring_red()
    kept = [rule for rule in health_rules.in_force(clock.now()).rules if rule.key != "positive_test"]
    form = {"version": "草稿", "in_force_from": clock.now().date().isoformat(), "rules": rules_as_yaml(kept)}
    page = post(login_as(Role.CITY_ADMIN), "/rule-simulator/", form).text
    assert "红 → 绿" in page and row.masked_document in page and row.document_number not in page
    assert color(row.document_index) is Color.RED
    assert ChangeSet.query.count() == 0


def test_an_arrival_by_hand_keeps_its_level(make: Factories) -> None:
    person, account = make.person(), make.account(Role.DISTRICT_ADMIN, DISTRICT)
    row = evidence_desk.propose(
        evidence_desk.Proposal(
            document_type=person.document_type,
            document_number=person.document_number,
            name=person.name,
            kind=EvidenceKind.RISK_AREA_ARRIVAL,
            level=RiskLevel.MEDIUM,
            from_day=clock.now().date() - timedelta(days=2),
            until_day=None,
            ground="medical_report",
            text="行程核实",
        ),
        account=account,
    )
    assert (row.level, row.area_code, row.owner_role) == (RiskLevel.MEDIUM, DISTRICT, Role.DISTRICT_ADMIN)
