"""「风险地区」: who reads it, who keeps it, and what it shows (2.1)."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import clock
from app.domain.risk import RiskLevel
from app.domain.roles import Role
from app.models import ChangeSet, ChangeSetState, RiskArea, RiskAreaList, RiskListState
from app.profiles import load_profile
from app.services import change_sets, risk_areas
from tests.factories import Factories
from tests.services.test_risk_areas import FOLDER, bring, listed
from tests.web import post

TODAY = clock.local_date(clock.now(), load_profile("zhengzhou").zone)


@pytest.fixture
def city(login_as: Any) -> FlaskClient:
    client: FlaskClient = login_as(Role.CITY_ADMIN)
    return client


def upload(client: FlaskClient, path: str, content: bytes, name: str) -> Any:
    data = {"file": (io.BytesIO(content), name)}
    return post(client, path, data, content_type="multipart/form-data", follow_redirects=True)


def approve_all(make: Factories) -> None:
    """A second person lets happen what waits."""
    for found in ChangeSet.query.filter_by(state=ChangeSetState.WAITING):
        change_sets.approve(found.id, account=make.account(Role.CITY_ADMIN))


def test_the_official_file_is_counted_and_waits_for_a_second_person(city: FlaskClient, make: Factories) -> None:
    path = sorted(FOLDER.glob("*.json"))[-1]
    page = upload(city, "/risk-areas/import/official", path.read_bytes(), path.name).text
    assert "由另一人批准后生效" in page and "待审批" in page
    for expected in ("1507 / 1507", "1660 / 1660", "305 / 305", "567 / 536", path.name):
        assert expected in page
    approve_all(make)
    assert RiskAreaList.query.one().state is RiskListState.IN_FORCE


def test_a_file_that_is_none_is_refused_beside_its_field(city: FlaskClient) -> None:
    page = upload(city, "/risk-areas/import/official", b"{}", "risk.json").text
    assert "无法读取风险地区文件" in page


def test_the_list_shows_today_and_any_day_asked_for(city: FlaskClient, make: Factories) -> None:
    bring(make, listed("2022-07-21 16时", highlist=[("河南省", "郑州市", "中原区")]))
    bring(make, listed("2022-07-25 16时", highlist=[("河南省", "郑州市", "金水区")]))
    now, then = city.get("/risk-areas/").text, city.get("/risk-areas/?day=2022-07-22").text
    assert "河南省 郑州市 金水区" in now and "河南省 郑州市 中原区" not in now
    assert "河南省 郑州市 中原区" in then and "河南省 郑州市 金水区" not in then


def test_the_figures_are_of_the_day_asked_for_and_open_its_rows(city: FlaskClient, make: Factories) -> None:
    bring(make, listed("2022-07-21 16时", highlist=[("河南省", "郑州市", "中原区"), ("河南省", "郑州市", "金水区")]))
    bring(make, listed("2022-07-25 16时", highlist=[("河南省", "郑州市", "金水区")]))
    high = re.compile(r'href="([^"]*level=HIGH[^"]*)">高风险</a></dt>\s*<dd class="figure-value"[^>]*>(\d+)<')
    for asked, rows in (("", "1"), ("?day=2022-07-22", "2"), ("?day=2022-07-99", "1")):
        found = high.search(city.get(f"/risk-areas/{asked}").text)
        assert found and found[2] == rows
        assert f"共 {rows} 条" in city.get(found[1].replace("&amp;", "&")).text


def test_what_no_area_matches_is_counted_shown_and_assigned(city: FlaskClient, make: Factories) -> None:
    bring(make, listed("2022-07-21 16时", highlist=[("广东省", "深圳市", "大鹏新区"), ("河南省", "郑州市", "中原区")]))
    page = city.get("/risk-areas/?match=unmatched").text
    assert "广东省 深圳市 大鹏新区" in page and "中原区" not in page.split("<tbody", 1)[1]
    row = RiskArea.query.filter_by(county="大鹏新区").one()
    page = post(city, f"/risk-areas/{row.id}/do/assign", {"area": "哪里也不是"}).text
    assert "没有找到这个地方" in page
    post(city, f"/risk-areas/{row.id}/do/assign", {"area": "广东省深圳市龙岗区"})
    approve_all(make)
    assert risk_areas.level_on("440307", TODAY) is RiskLevel.HIGH


def test_a_place_by_hand_needs_a_ground(city: FlaskClient, make: Factories) -> None:
    form = {"level": "HIGH", "area": "湖北武汉武昌", "place": "某小区", "from_day": TODAY.isoformat(), "ground": ""}
    assert "请写明依据" in post(city, "/risk-areas/new", form).text
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    post(city, "/risk-areas/new", {**form, "until_day": tomorrow, "ground": "第12号通告"})
    approve_all(make)
    assert risk_areas.level_on("420106", TODAY) is RiskLevel.HIGH


def test_a_rejected_place_never_counts(city: FlaskClient, make: Factories, login_as: Any) -> None:
    form = {"level": "HIGH", "area": "湖北武汉武昌", "from_day": TODAY.isoformat(), "ground": "第12号通告"}
    post(city, "/risk-areas/new", form)
    found = ChangeSet.query.one()
    post(login_as(Role.CITY_ADMIN), f"/change-sets/{found.id}/do/reject", {"reason": "没有文号"})
    assert RiskAreaList.query.one().state is RiskListState.REJECTED
    assert risk_areas.level_on("420106", TODAY) is None


def test_the_template_has_the_columns_of_the_sheet(city: FlaskClient) -> None:
    assert city.get("/risk-areas/import/template").data.startswith(b"PK")


@pytest.mark.parametrize("role", [Role.DISTRICT_ADMIN, Role.AUDITOR])
def test_others_read_and_change_nothing(login_as: Any, make: Factories, role: Role) -> None:
    bring(make, listed("2022-07-21 16时", highlist=[("广东省", "深圳市", "大鹏新区")]))
    row = RiskArea.query.one()
    client = login_as(role, "410102")
    page = client.get("/risk-areas/").text
    assert "大鹏新区" in page and "导入官方名单" not in page and "指定地区" not in page
    assert "一号院" in client.get(f"/risk-areas/{row.id}").text
    assert post(client, f"/risk-areas/{row.id}/do/assign", {"area": "广东省深圳市龙岗区"}).status_code == 403
    assert client.get("/risk-areas/import/official").status_code == 403
