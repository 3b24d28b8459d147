"""The manager's site for a phone (Z-R12, checklist Z79 to Z83): the desk's screens under /m/, without any script."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from app.domain.quarantine import QuarantineStatus, allowed_actions
from app.domain.roles import Role
from app.extensions import db
from app.models import AuditEvent, Person, Residency
from app.services.quarantine import today
from tests.factories import COMMUNITY, Factories, id_card
from tests.views.test_statement_counts import MOST_STATEMENTS, exported_names, statements
from tests.web import csrf_token, post

MOST_BYTES = 100_000
STATIC = re.compile(r'(?:href|src)="(/static/[^"]+)"')


@pytest.fixture
def compound(make: Factories) -> Any:
    return make.venue(area_code=COMMUNITY, name="建设新苑小区")


@pytest.fixture
def manager(compound: Any, login_as: Any) -> FlaskClient:
    return login_as(Role.COMPOUND_ADMIN, COMMUNITY, venues=[compound])  # type: ignore[no-any-return]


def _tabs(page: str) -> dict[str, str]:
    return {label: count for count, label in re.findall(r"<strong>(\d+\+?)</strong>([^<]+)</a>", page)}


def _names(page: str) -> list[str]:
    return re.findall(r'<strong class="who">([^<]+)</strong>', page)


def _buttons(page: str) -> set[str]:
    """What stands below a record."""
    dock = page.partition('<footer class="dock">')[2]
    return {label.strip() for label in re.findall(r"<(?:a|button)[^>]*>([^<]+)</", dock)}


def _operations(page: str) -> set[str]:
    panel = page.partition('<div class="ops-panel">')[2].partition("</details>")[0]
    return {label.strip() for label in re.findall(r"<(?:a|button)[^>]*>([^<]+)</", panel)}


def test_whoever_is_not_signed_in_comes_to_a_small_sign_in_and_from_there_back(client: FlaskClient, make: Any) -> None:
    account = make.account(Role.COMMUNITY_ADMIN, COMMUNITY)
    phone = account.username
    db.session.commit()
    login = client.get("/m/").location
    page = client.get(login).text
    assert "mobile.css" in page
    assert "theme.css" not in page
    form = {"username": phone, "password": make.password}
    assert post(client, login, form, page=login).location == "/m/"


def test_a_first_password_is_changed_on_the_way_to_the_phones_site(login_as: Any, make: Factories) -> None:
    client = login_as(Role.COMMUNITY_ADMIN, COMMUNITY, must_change_password=True)
    asked = client.get("/m/").location
    new = "Quite-another-Passw0rd"
    form = {"old_password": make.password, "new_password": new, "repeated": new}
    assert post(client, asked, form, page=asked).location == "/m/"
    assert client.get("/m/").status_code == 200


def test_the_second_step_and_a_forgotten_password_lead_back_to_the_phones_sign_in(client: FlaskClient) -> None:
    login, forgot = "/account/login/?next=/m/", "/account/password/forgot?next=/m/"
    assert f'href="{forgot}"' in client.get(login).text
    assert f'href="{login}"' in client.get(forgot).text
    assert client.get("/account/password/new?next=/m/").location == forgot
    assert client.get("/account/login/second?next=/m/").location == login


def test_the_first_page_has_two_tiles_with_numbers(make: Factories, compound: Any, manager: FlaskClient) -> None:
    row = make.residency(venue=compound, status=QuarantineStatus.PENDING, since=today())
    make.residency(venue=compound)
    make.entry(row)
    db.session.commit()
    page = manager.get("/m/").text
    tiles = page.partition('<ul class="tiles">')[2].partition("</ul>")[0]
    assert re.findall(r'<h2><a href="([^"]+)">.*?</svg>([^<]+)</a>', tiles, re.S) == [
        ("/m/residents/", "小区居民管理"),
        ("/m/entries/", "进出登记管理"),
    ]
    assert re.findall(r'figure-value"[^>]*>([^<]+)<', tiles) == ["2", "1", "1", "1"], (
        "residents, isolated; entries today, ever"
    )
    assert 'href="/m/residents/?status=PENDING"' in page, "what waits opens on the phone's site"


def test_the_first_page_leads_to_another_compound_and_out(compound: Any, make: Factories, login_as: Any) -> None:
    other = make.venue(area_code=COMMUNITY, name="碧沙花园小区")
    make.residency(make.person("王芳"), other)
    client = login_as(Role.COMPOUND_ADMIN, COMMUNITY, venues=[compound, other])
    own, second = compound.id, other.id
    first = client.get("/m/").text
    chosen = re.findall(r'name="venue_id" value="(\d+)"( aria-current)?', first)
    assert {int(key) for key, _ in chosen} == {own, second}
    answer = post(
        client, "/switch-compound", {"venue_id": str(second)}, page="/m/", headers={"Referer": "http://localhost/m/"}
    )
    assert answer.location == "/m/"
    assert "王芳" in client.get("/m/residents/").text
    assert post(client, "/account/logout/", {"next": "/m/"}, page="/m/").location == "/account/login/?next=/m/"
    assert client.get("/m/").status_code == 302


def test_residents_fall_into_five_tabs_by_status(make: Factories, compound: Any, manager: FlaskClient) -> None:
    for number, status in enumerate(QuarantineStatus):
        for _ in range(number + 1):
            make.residency(make.person(f"{status.label}者"), compound, status=status, since=today())
    make.residency(make.person("外人"), status=QuarantineStatus.PENDING, since=today())
    db.session.commit()
    page = manager.get("/m/residents/").text
    assert _tabs(page) == {status.label: str(number + 1) for number, status in enumerate(QuarantineStatus)}
    assert _names(page) == ["待确认隔离者"]
    assert _names(manager.get("/m/residents/?status=RELEASED").text) == ["已解除隔离者"] * 3


@pytest.mark.parametrize("status", list(QuarantineStatus), ids=lambda status: status.name)
def test_a_record_has_the_buttons_that_its_status_allows(
    make: Factories, compound: Any, manager: FlaskClient, status: QuarantineStatus
) -> None:
    row = make.residency(venue=compound, status=status, since=today())
    db.session.commit()
    page = manager.get(f"/m/residents/{row.id}").text
    assert _buttons(page) == {action.label for action in allowed_actions(status)}
    assert _operations(page) == {"未在本小区", "编辑"}


def test_a_quarantine_is_confirmed_after_a_second_question(
    make: Factories, compound: Any, manager: FlaskClient
) -> None:
    row = make.residency(venue=compound, status=QuarantineStatus.PENDING, since=today())
    db.session.commit()
    key = row.id
    question = post(manager, f"/m/residents/{key}/do/confirm").text
    assert "确定此人已经处于隔离状态吗？" in question
    assert "mobile.css" in question
    assert db.session.get_one(Residency, key).status is QuarantineStatus.PENDING
    answer = post(manager, f"/m/residents/{key}/do/confirm", {"confirmed": "1"})
    assert answer.location == f"/m/residents/{key}"
    db.session.expire_all()
    assert db.session.get_one(Residency, key).status is QuarantineStatus.CONFIRMED


def test_a_key_area_bars_the_release_on_the_phone_too(make: Factories, compound: Any, manager: FlaskClient) -> None:
    since = today() - timedelta(days=4)
    row = make.residency(venue=compound, status=QuarantineStatus.CONFIRMED, since=since, is_key_area=True)
    db.session.commit()
    url = f"/m/residents/{row.id}/do/release"
    form = manager.get(url).text
    assert "此人隔离期 14 天，还剩 10 天，期满前不能解除隔离" in form
    assert re.search(
        r'<button class="btn btn-primary" type="submit">提交</button>', form
    )  # the manual's word on a phone
    answer = post(manager, url, {"reason": "核酸阴性", "has_health_certificate": "y"})
    assert answer.status_code == 200
    assert "期满前不能解除隔离" in answer.text
    db.session.expire_all()
    assert db.session.get_one(Residency, row.id).status is QuarantineStatus.CONFIRMED


def test_a_search_spreads_over_the_tabs_and_opens_the_one_with_somebody(
    make: Factories, compound: Any, manager: FlaskClient
) -> None:
    make.residency(make.person("王芳"), compound, status=QuarantineStatus.PENDING, since=today())
    make.residency(make.person("欧阳修"), compound, status=QuarantineStatus.RELEASED, since=today())
    db.session.commit()
    answer = post(manager, "/m/residents/search", {"name": "欧阳"}, page="/m/", follow_redirects=True)
    assert _names(answer.text) == ["欧阳修"]
    assert _tabs(answer.text)["已解除隔离"] == "1"
    assert _tabs(answer.text)["待确认隔离"] == "0"
    assert "姓名：欧阳" in answer.text
    assert "重置搜索条件" in answer.text
    assert "欧阳" not in answer.request.url, "what was typed stays out of the address"
    again = manager.get(answer.request.full_path.replace("/residents/", "/residents/find")).text
    assert 'value="欧阳"' in again
    assert _names(manager.get("/m/residents/").text) == ["王芳"], "after 「重置搜索条件」"


def test_ended_ties_are_found_where_they_are_asked_for(make: Factories, compound: Any, manager: FlaskClient) -> None:
    row = make.residency(make.person("万里行"), compound)
    db.session.commit()
    post(manager, f"/m/residents/{row.id}/do/leave", {"residency_id": str(row.id), "remark": "已搬走"})
    assert _names(manager.get("/m/residents/").text) == []
    assert "显示已解除绑定人员" in manager.get("/m/residents/find").text
    assert _names(manager.get("/m/residents/?with_ended=y").text) == ["万里行"]


def test_a_long_tab_goes_on_under_a_link(make: Factories, compound: Any, manager: FlaskClient) -> None:
    for _ in range(30):
        make.residency(venue=compound, status=QuarantineStatus.RELEASED)
    db.session.commit()
    first = manager.get("/m/residents/").text
    onward = re.findall(r'href="([^"]+)" rel="next">加载更多<', first)[0].replace("&amp;", "&")
    second = manager.get(onward).text
    assert (len(_names(first)), len(_names(second))) == (25, 5)
    assert "加载更多" not in second
    assert "回到开头" in second


def test_the_plus_adds_a_resident_and_an_entry(make: Factories, compound: Any, manager: FlaskClient) -> None:
    db.session.commit()
    form = {
        "name": "李老太", "document_type": "ID_CARD", "document_number": id_card(77, birth="19400101"),
        "phone_number": "13900077777", "address": "建设新苑小区1号楼", "is_returnee": "no", "consent": "y",
        "recorded_at": f"{today() - timedelta(days=1)}T08:00",
    }  # fmt: skip
    for part in ("entries", "residents"):
        assert f'href="/m/{part}/new"' in manager.get(f"/m/{part}/").text
        assert post(manager, f"/m/{part}/new", form).location == f"/m/{part}/", part
        assert _names(manager.get(f"/m/{part}/").text) == ["李老太"]
    assert len(db.session.execute(select(Person)).all()) == 1
    actions = set(db.session.execute(select(AuditEvent.action)).scalars())
    assert {"create_entry", "create_resident"} <= actions


def test_somebody_elses_records_do_not_exist_on_the_phone_either(make: Factories, manager: FlaskClient) -> None:
    row = make.residency(status=QuarantineStatus.PENDING, since=today())
    entry = make.entry(row)
    db.session.commit()
    for url in (f"/m/residents/{row.id}", f"/m/residents/{row.id}/do/release", f"/m/entries/{entry.id}"):
        assert manager.get(url).status_code == 404, url
    assert post(manager, f"/m/residents/{row.id}/do/confirm", {"confirmed": "1"}).status_code == 404
    assert post(manager, f"/m/reveal/residency/{row.id}", {"reason": "好奇"}).status_code == 404


def test_a_phone_number_is_shown_for_a_reason_and_can_be_called(
    make: Factories, compound: Any, manager: FlaskClient
) -> None:
    row = make.residency(venue=compound)
    db.session.commit()
    number = row.person.phone
    record = manager.get(f"/m/residents/{row.id}").text
    assert number not in record
    assert f'href="/m/reveal/residency/{row.id}"' in record
    back = f"/m/residents/{row.id}"
    shown = post(manager, f"/m/reveal/residency/{row.id}", {"reason": "电话核实本人身份", "back": back}).text
    assert f'href="tel:{number}"' in shown
    assert f'href="{back}"' in shown
    assert "mobile.css" in shown


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_page_is_light_and_needs_no_script(
    make: Factories, compound: Any, manager: FlaskClient, language: str
) -> None:
    for _ in range(30):
        make.entry(make.residency(venue=compound, status=QuarantineStatus.CONFIRMED, since=today()))
    db.session.commit()
    key = db.session.execute(select(Residency.id)).scalars().first()
    manager.get(f"/language/{language}")
    for url in ("/m/", "/m/residents/", f"/m/residents/{key}", "/m/residents/new", "/m/entries/", "/m/entries/new"):
        page = manager.get(url)
        assert page.status_code == 200, url
        files = {found for found in STATIC.findall(page.text) if not found.endswith(".png")}
        weight = len(page.data) + sum(len(manager.get(found).data) for found in files)
        assert weight < MOST_BYTES, (url, weight)
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page.text), url
        assert "<button" not in re.sub(r"<form.*?</form>", "", page.text, flags=re.S), f"{url}: a button without a form"


def test_the_first_page_asks_a_few_statements(app: Flask, make: Factories, compound: Any, manager: FlaskClient) -> None:
    make.entry(make.residency(venue=compound, status=QuarantineStatus.PENDING, since=today()))
    db.session.commit()
    manager.get("/m/")
    with statements(app) as seen:
        assert manager.get("/m/").status_code == 200
    assert len(seen) <= MOST_STATEMENTS, seen


def test_the_site_can_be_installed(client: FlaskClient, make: Factories) -> None:
    manifest = client.get("/m/manifest.webmanifest")
    assert manifest.mimetype == "application/manifest+json"
    assert manifest.json is not None
    assert {key: manifest.json[key] for key in ("id", "start_url", "scope", "display")} == {
        "id": "/m/", "start_url": "/m/", "scope": "/", "display": "standalone",
    }  # fmt: skip
    assert len(manifest.json["short_name"]) <= 12
    for icon in manifest.json["icons"]:
        picture = Image.open(io.BytesIO(client.get(icon["src"]).data))
        assert icon["sizes"] == f"{picture.width}x{picture.height}"
    assert {icon["purpose"] for icon in manifest.json["icons"]} == {"any", "maskable"}


def test_the_worker_keeps_static_files_alone(client: FlaskClient) -> None:
    worker = client.get("/m/worker.js")
    assert worker.mimetype in ("text/javascript", "application/javascript")
    kept = re.findall(r'"(/[^"]*)"', worker.text)
    assert kept
    assert [path for path in kept if not path.startswith("/static/") or client.get(path).status_code != 200] == []


def test_whose_quarantine_ends_tomorrow_is_counted_listed_and_exported(
    make: Factories, compound: Any, manager: FlaskClient
) -> None:
    for name, days in (("明天完", 13), ("后天完", 12), ("早完了", 15)):
        since = today() - timedelta(days=days)
        make.residency(make.person(name), compound, status=QuarantineStatus.CONFIRMED, since=since)
    since = today() - timedelta(days=13)
    make.residency(make.person("别处人"), status=QuarantineStatus.CONFIRMED, since=since)
    db.session.commit()
    for first, listed in (("/", "/residents/"), ("/m/", "/m/residents/")):
        assert f'href="{listed}?ends=tomorrow"' in manager.get(first).text
        page = manager.get(f"{listed}?ends=tomorrow").text
        assert "明天完" in page
        assert not any(name in page for name in ("后天完", "早完了", "别处人"))
    assert _names(manager.get("/m/residents/?ends=over").text) == ["早完了"]
    answer = manager.get("/residents/export?ends=tomorrow")
    assert answer.status_code == 200
    assert exported_names(answer.data) == ["明天完"]


def test_area_managers_see_their_area_and_teams_their_lists(make: Factories, compound: Any, login_as: Any) -> None:
    make.residency(make.person("何晓明"), compound, status=QuarantineStatus.PENDING, since=today())
    community = login_as(Role.COMMUNITY_ADMIN, COMMUNITY)
    page = community.get("/m/residents/").text
    assert _names(page) == ["何晓明"]
    assert "/m/residents/new" not in page, "who manages no compound has none to add to"
    team = login_as(Role.FLIGHT_TEAM)
    first = team.get("/m/").text
    assert '<ul class="tiles">' not in first
    assert 'href="/m/screening/overseas/"' in first
    assert team.get("/m/residents/").status_code == 403
    assert login_as(Role.AUDITOR).get("/m/").status_code == 403


def test_the_desk_leads_narrow_screens_to_the_phones_site(manager: FlaskClient, login_as: Any) -> None:
    link = 'class="to-phone" href="/m/"'
    assert link in manager.get("/").text
    assert link not in login_as(Role.AUDITOR).get("/").text
    assert csrf_token(manager, "/m/")
