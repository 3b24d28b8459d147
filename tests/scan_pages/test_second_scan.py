"""Scans of people whom the phone knows (Z-S3, Z-S4, Z-S9, Z-S10)."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask

from app import clock
from app.domain.quarantine import Color, QuarantineStatus
from app.domain.venues import VenueFamily, VenueKind
from app.extensions import db
from app.models import AuditEvent, EntryOutcome, EntryRecord, Person, Registration, RememberedIdentity, Residency, Venue
from app.scan_pages import form_token
from tests.factories import Factories, id_card
from tests.factories import phone as number
from tests.scan_pages.phone import GOOD_FORM, RETURN, Phone, forms_of

JOURNEY: dict[VenueFamily, dict[str, str]] = {
    VenueFamily.SECTOR: {},
    VenueFamily.CHECKPOINT: {
        "is_from_abroad": "no",
        "origin_province": "44",
        "origin_city": "4401",
        "origin_district": "440106",
    },
}
CHILD = {"name": "何小小", "document_number": id_card(9, birth="20150102")}


@pytest.fixture
def compound(make: Factories):
    venue = make.venue(name="幸福小区")
    db.session.commit()
    return venue


@pytest.fixture
def elsewhere(make: Factories):
    venue = make.venue(name="别处小区")
    db.session.commit()
    return venue


def entries() -> list[EntryRecord]:
    return db.session.query(EntryRecord).order_by(EntryRecord.id).populate_existing().all()


def test_a_known_phone_is_asked_who_and_shows_nobody_in_full(phone: Phone, compound) -> None:
    phone.fill_in(compound)
    page = phone.scan(compound).text
    assert "登记信息确认" in page
    assert "检测到您之前登记过以下信息，您可以点击快捷登记进行登记，也可以点击继续登记自主登记。" in page
    for label in ("何*", "此身份登记", "删除", "重新填写"):
        assert label in page
    assert "何晓明" not in page
    assert GOOD_FORM["document_number"] not in page


def test_the_three_buttons_are_named_by_the_manuals_words_alone(phone: Phone, compound) -> None:
    phone.fill_in(compound)
    page = phone.scan(compound).text
    for word, more in (
        ("此身份登记", ' aria-describedby="who-1"'),
        ("删除", ' aria-describedby="who-1"'),
        ("重新填写", ""),
    ):
        assert re.search(rf'<button class="btn [^>]+"{more}>{word}</button>', page)
    assert '<dd class="name" id="who-1">何*</dd>' in page
    assert "登记信息确认" not in phone.client.get(f"/s/{compound.code}?form=1").text


def test_one_tap_registers_a_known_identity(phone: Phone, compound) -> None:
    phone.fill_in(compound)
    page = phone.tap(compound)
    assert "登记成功" in page.text
    assert [(entry.outcome, entry.color) for entry in entries()] == [(EntryOutcome.ADMITTED, Color.GREEN)] * 2
    assert page.headers["Cache-Control"] == "no-store"


def test_several_people_register_from_one_phone(phone: Phone, compound) -> None:
    phone.fill_in(compound)
    phone.fill_in(compound, **CHILD)
    page = phone.scan(compound)
    assert page.text.count("此身份登记") == 2
    for form in (one for one in forms_of(page) if ("action", "register") in one.buttons):
        assert "登记成功" in phone.post(compound, {**form.values, "action": "register"}).text
    assert len({entry.person_id for entry in entries()}) == 2
    assert len(entries()) == 4


def test_deleting_forgets_on_this_phone_only(phone: Phone, new_phone, compound) -> None:
    other = new_phone()
    phone.fill_in(compound)
    other.fill_in(compound)
    assert "登记信息确认" not in phone.forget(compound).text
    assert "登记信息确认" in other.scan(compound).text
    assert db.session.query(Residency).count() == 1


def test_a_phone_cannot_use_or_forget_anothers_identity(phone: Phone, new_phone, compound) -> None:
    phone.fill_in(compound)
    stranger = new_phone()
    stranger.fill_in(compound, **CHILD)
    theirs = forms_of(phone.scan(compound))[0].values
    for action in ("register", "forget"):
        page = stranger.post(compound, {**theirs, "action": action})
        assert "登记成功" not in page.text
    assert len(entries()) == 2
    assert db.session.query(RememberedIdentity).count() == 2


def test_another_compound_refuses_and_keeps_the_refusal(phone: Phone, compound, elsewhere) -> None:
    phone.fill_in(compound)
    page = phone.tap(elsewhere)
    assert "非本小区人员，禁止入内" in page.text
    assert "登记成功" not in page.text
    assert entries()[-1].outcome is EntryOutcome.REFUSED
    assert entries()[-1].venue_id == elsewhere.id
    assert db.session.query(Residency).count() == 1


def test_a_first_form_at_another_compound_is_refused_too(phone: Phone, new_phone, compound, elsewhere) -> None:
    phone.fill_in(compound)
    assert "非本小区人员，禁止入内" in new_phone().fill_in(elsewhere).text
    assert db.session.query(Residency).count() == 1


def test_whoever_was_taken_off_a_compound_is_bound_by_the_next(phone: Phone, compound, elsewhere) -> None:
    phone.fill_in(compound)
    db.session.query(Residency).one().ended_at = clock.now()
    db.session.commit()
    assert "登记成功" in phone.tap(elsewhere).text
    assert [tie.venue_id for tie in db.session.query(Residency).filter_by(ended_at=None)] == [elsewhere.id]


def test_a_second_tie_made_by_hand_opens_both_gates(phone: Phone, compound, elsewhere, make: Factories) -> None:
    phone.fill_in(compound)
    make.residency(db.session.query(Person).one(), elsewhere)
    db.session.commit()
    assert "登记成功" in phone.tap(elsewhere).text
    assert "登记成功" in phone.tap(compound).text


def test_somebody_not_found_before_is_pending_again_when_seen_at_the_gate(phone: Phone, compound) -> None:
    phone.fill_in(compound, **RETURN, arrival_date="2020-01-01")
    tie = db.session.query(Residency).one()
    tie.status, tie.quarantine_since = QuarantineStatus.NOT_ARRIVED, clock.now().date()
    db.session.commit()
    assert "黄码" in phone.tap(compound).text
    db.session.expire_all()
    assert db.session.query(Residency).one().status is QuarantineStatus.PENDING


def test_an_outing_during_confirmed_quarantine_is_a_breach_at_any_compound(phone: Phone, compound, elsewhere) -> None:
    phone.fill_in(compound)
    tie = db.session.query(Residency).one()
    tie.status, tie.quarantine_since = QuarantineStatus.CONFIRMED, clock.now().date() - timedelta(days=9)
    db.session.commit()
    assert "红码" in phone.tap(compound).text
    phone.tap(elsewhere)
    assert [entry.is_breach for entry in entries()] == [False, True, True]


def test_a_declared_return_colours_somebody_whom_no_compound_knows(phone: Phone, make: Factories) -> None:
    site = make.venue(VenueKind.TESTING_SITE)
    db.session.commit()
    today = clock.now().date().isoformat()
    assert "红码" in phone.fill_in(site, **RETURN, arrival_date=today).text
    assert "红码" in phone.tap(site).text
    assert [entry.is_key_area for entry in entries()] == [True, True]


def test_the_result_shows_the_registration_time_and_a_running_clock(phone: Phone, compound) -> None:
    page = phone.fill_in(compound).text
    registered = re.search(r"登记时间</dt><dd>([-0-9]+ [:0-9]+)<", page)
    running = re.search(r'data-server-now="([^"]+)">([-0-9]+ [:0-9]+)<', page)
    assert registered and running
    assert running[1].endswith("+08:00")
    assert "绿码：请核对登记时间与当前时间一致，体温正常后放行。" in page


def test_a_result_cannot_be_opened_again_by_its_address(phone: Phone, compound) -> None:
    phone.fill_in(compound)
    assert "登记成功" not in phone.scan(compound).text


def test_the_same_page_sent_twice_is_one_entry_and_one_result(phone: Phone, compound) -> None:
    page = forms_of(phone.scan(compound))[0].values
    first, second = (phone.post(compound, {**page, **GOOD_FORM}) for _ in range(2))
    assert "登记成功" in second.text
    registered = re.compile(r"登记时间</dt><dd>([^<]+)<")
    assert registered.findall(first.text) == registered.findall(second.text)
    assert (len(entries()), db.session.query(Registration).count()) == (1, 1)
    known = {**forms_of(phone.scan(compound))[0].values, "action": "register"}
    for _ in range(3):
        assert "登记成功" in phone.post(compound, known).text
    assert len(entries()) == 2


def test_a_page_filled_in_anew_for_somebody_else_is_not_mistaken_for_the_first(phone: Phone, compound) -> None:
    page = forms_of(phone.scan(compound))[0].values
    phone.post(compound, {**page, **GOOD_FORM})
    again = phone.post(compound, {**page, **GOOD_FORM, **CHILD})
    assert "页面已过期，请重新确认" in again.text
    assert 'value="何小小"' in again.text
    assert db.session.query(Person).count() == 1
    token = forms_of(again)[0].values
    assert "登记成功" in phone.post(compound, {**token, "consent": "y"}).text


@pytest.mark.parametrize("is_known", [False, True])
def test_an_old_or_foreign_page_is_shown_again_with_what_was_typed(
    app: Flask, phone: Phone, compound, is_known
) -> None:
    if is_known:
        phone.fill_in(compound)
    before = len(entries())
    page = forms_of(phone.scan(compound))[0].values
    device = phone.client.get_cookie("device").value
    old = form_token.issue(
        clock.now() - form_token.LIFETIME - timedelta(seconds=1),
        code=compound.code,
        device=device,
        subject=page.get("identity", ""),
    )
    for token in (
        old,
        "",
        "x.y",
        page["form_token"][:-1] + "z",
        form_token.issue(clock.now(), code="X", device=device),
    ):
        values = {**page, "form_token": token, "action": "register"}
        answer = phone.post(compound, values if is_known else {**values, **GOOD_FORM})
        assert "页面已过期，请重新确认" in answer.text
        assert ("此身份登记" if is_known else 'value="何晓明"') in answer.text
    assert len(entries()) == before


def test_a_phone_without_cookies_is_told_so(app: Flask, compound) -> None:
    blind = app.test_client(use_cookies=False)
    page = forms_of(blind.get(f"/s/{compound.code}"))[0].values
    assert "Cookie" in blind.post(f"/s/{compound.code}", data={**page, **GOOD_FORM}).text


def _send_at_once(app: Flask, venue: Venue, device: str, values: dict[str, str], times: int) -> list[str]:
    code = venue.code

    def send(_turn: int) -> str:
        client = app.test_client()
        client.set_cookie("device", device)
        return client.post(f"/s/{code}", data=values).text

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(send, range(times)))


def test_a_first_form_sent_many_times_at_once_is_one_entry(app: Flask, phone: Phone, compound) -> None:
    for turn in range(3):
        page = forms_of(phone.scan(compound, "?form=1"))[0].values
        typed = {**GOOD_FORM, "document_number": id_card(turn + 20), "phone_number": number(turn)}
        device = phone.client.get_cookie("device").value
        answers = _send_at_once(app, compound, device, {**page, **typed}, 8)
        assert all("登记成功" in answer for answer in answers)
        assert len(entries()) == turn + 1
        assert db.session.query(Registration).count() == turn + 1
        assert db.session.query(Residency).count() == turn + 1


@pytest.mark.parametrize("kind", [VenueKind.AIRPORT, VenueKind.BUS])
def test_a_known_persons_form_sent_many_times_at_once_is_one_entry(
    app: Flask, phone: Phone, make: Factories, kind: VenueKind
) -> None:
    venue = make.venue(kind, "410102")
    db.session.commit()
    for turn in range(2):
        page = forms_of(phone.scan(venue, "?form=1"))[0].values
        device = phone.client.get_cookie("device").value
        answers = _send_at_once(app, venue, device, {**page, **GOOD_FORM, **JOURNEY[kind.family]}, 8)
        assert all("登记成功" in answer for answer in answers)
        assert len(entries()) == db.session.query(Registration).count() == turn + 1
    assert (db.session.query(Person).count(), db.session.query(RememberedIdentity).count()) == (1, 1)


def test_a_tap_sent_many_times_at_once_is_one_entry(app: Flask, phone: Phone, compound) -> None:
    phone.fill_in(compound)
    device = phone.client.get_cookie("device").value
    for turn in range(5):
        page = forms_of(phone.scan(compound))[0].values
        answers = _send_at_once(app, compound, device, {**page, "action": "register"}, 8)
        assert all("登记成功" in answer for answer in answers)
        assert len(entries()) == turn + 2


def test_two_phones_at_two_compounds_at_once_bind_one(app: Flask, new_phone, compound, elsewhere) -> None:
    for turn in range(5):
        typed = {**GOOD_FORM, "document_number": id_card(turn + 40)}
        sent = []
        for venue in (compound, elsewhere):
            phone = new_phone()
            page = forms_of(phone.scan(venue))[0].values
            sent.append((venue.code, phone.client, {**page, **typed}))
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda one: one[1].post(f"/s/{one[0]}", data=one[2]).text, sent))
        assert sorted("登记成功" in answer for answer in answers) == [False, True]
        assert db.session.query(Residency).count() == turn + 1


def test_an_unknown_code_says_so(app: Flask, phone: Phone, make: Factories) -> None:
    later = make.venue(VenueKind.SERVICE_POINT)
    db.session.commit()
    for code in ("NOSUCHCODE", later.code):
        answer = phone.client.get(f"/s/{code}")
        assert answer.status_code == 404
        assert "场所码无效或已停用" in answer.text


def test_public_pages_leave_no_session_and_no_personal_data_on_the_phone(phone: Phone, compound) -> None:
    phone.fill_in(compound)
    phone.scan(compound, "?lang=en")
    kept = {cookie.key: cookie for cookie in phone.client._cookies.values()}
    assert set(kept) == {"device", "lang"}
    assert all(cookie.http_only and cookie.same_site == "Lax" for cookie in kept.values())
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", kept["device"].value)
    assert db.session.query(AuditEvent).count() == 0
