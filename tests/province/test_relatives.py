"""「为家人申领」 (F-P4): whoever has a green code applies for relatives, shows theirs, and learns of no stranger."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.domain.colors import Color
from app.domain.health import EvidenceKind
from app.domain.roles import Role
from app.extensions import db
from app.models import (
    AuditEvent,
    Evidence,
    EvidenceSource,
    HealthCode,
    HeldCode,
    OutgoingMessage,
    Person,
    Relative,
)
from app.models.encryption import document_index, phone_index
from app.services import appeals, evidence, health_colors, held_codes, look_ups
from app.services.audit import SYSTEM
from tests.factories import Factories, id_card, phone
from tests.health import known
from tests.province.relatives import CITY, MOTHER, Applicant, child
from tests.scan_pages.code_phone import GOOD_APPLICATION, CodePhone, last_code
from tests.scan_pages.phone import forms_of

NUMBER = MOTHER["document_number"]
OTHER_PERSON = {"name": "陈大文", "document_number": id_card(41, birth="19800505"), "phone_number": phone(41)}
LABELS = [
    "他/她与您的关系", "他/她的姓名", "他/她的证件类型", "他/她的证件号码", "他/她的手机号码", "验证码",
    "他/她目前是否在福建省内", "他/她最近14天是否离开过福建",
    "是否处于隔离中，或14天内与确诊病例人有密切接触，或确诊出院未满14天",
    "他/她是否有发热、气促或呼吸道症状", "目前健康状况是否有其他异常",
]  # fmt: skip
MISMATCH = "按所填信息不能申领"


@pytest.fixture
def applicant(app: Flask) -> Applicant:
    return Applicant(app)


@pytest.fixture
def another(app: Flask) -> Callable[[], Applicant]:
    return lambda: Applicant(app, **OTHER_PERSON)


def rows(model: type) -> list[Any]:
    db.session.expire_all()
    return list(db.session.execute(db.select(model)).scalars())


def color(number: str = NUMBER) -> Color:
    return health_colors.color_of(document_index("ID_CARD", number), clock.now()).color


def turn_orange(number: str, *, name: str = "何晓明") -> None:
    about = known(EvidenceKind.CLOSE_CONTACT, document_number=number, name=name, area_code=CITY)
    evidence.bring(about, actor=SYSTEM)


def errors(page: str) -> str:
    return "；".join(re.findall(r'class="error"[^>]*>([^<]*)', page))


def mothers_own_code(app: Flask) -> CodePhone:
    """The mother has a code, on a phone of her own."""
    theirs = CodePhone(app)
    details = {key: MOTHER[key] for key in ("name", "document_number", "phone_number")}
    assert theirs.apply(residence_district=CITY, **details).status_code == 303
    return theirs


# -- the form --------------------------------------------------------------------------------------------------------


def test_the_form_asks_what_the_guide_asks_in_its_order(applicant: Applicant) -> None:
    page = applicant.get(applicant.address).text
    at = [page.find(f">{label}</l") for label in LABELS]
    assert -1 not in at and at == sorted(at)
    assert "您的家人若无手机或不方便提交，可为其申领但请务必确保信息真实有效" in page
    assert (
        page.index("本人郑重承诺")
        < page.index("本人确认已获取被领人合法有效授权")
        < page.index("上述信息已经过被领人本人确认核实")
    )
    assert "他/她的健康信息" in page and ">获取验证码</button>" in page


def test_every_field_has_a_label_of_its_own(applicant: Applicant) -> None:
    page = applicant.get(applicant.address).text
    asked = re.findall(r'<(?:input|select)(?![^>]*type="(?:hidden|submit)")[^>]* id="([^"]+)"', page)
    assert len(asked) == 18 and [one for one in asked if f'for="{one}"' not in page] == []


def test_an_empty_form_says_beside_each_field_what_is_missing(applicant: Applicant) -> None:
    response = applicant.send({})
    assert response.status_code == 422
    for text in (
        "请选择他/她与您的关系",
        "请填写姓名",
        "请填写证件号",
        "请填写11位数字手机号",
        "请输入验证码",
        "请阅读承诺并勾选",
    ):
        assert f'-error">{text}</p>' in response.text, text
    assert response.text.count('-error">请选择</p>') == 5 and rows(Relative) == []


def test_nothing_typed_is_lost_while_the_code_is_sent_or_refused(applicant: Applicant) -> None:
    kept = {name: MOTHER[name] for name in MOTHER if name != "consent"}
    sent, refused = applicant.ask_relatives_code(), applicant.send({**MOTHER, "sms_code": "000000"})
    assert "验证码已发送" in sent.text and "验证码不正确或已过期" in errors(refused.text)
    for page in (sent, refused):
        values = forms_of(page)[0].values
        assert {name: values.get(name) for name in kept} == kept
    assert rows(Relative) == []


# -- what comes of it ------------------------------------------------------------------------------------------------


def test_a_relative_has_a_green_code_that_the_applicants_phone_shows(applicant: Applicant) -> None:
    url = applicant.relative_url()
    page = applicant.get(url).text
    assert "<h1>绿码</h1>" in page and "林*" in page and "（父母关系）" in page and "林秀英" not in page
    token = applicant.get(f"{url}/token").json
    assert token is not None and token["tone"] == "green"
    mother = db.session.execute(db.select(Person).where(Person.name == "林秀英")).scalar_one()
    (row,) = rows(Relative)
    assert (row.person_id, row.area_code, row.pledge_version) == (mother.id, CITY, "2020-02")
    assert row.applicant.name == GOOD_APPLICATION["name"] and row.answers["is_in_region"] is True
    assert color() is Color.GREEN and rows(Evidence) == []


def test_the_codes_are_switched_between(applicant: Applicant) -> None:
    assert "切换健康码" not in applicant.get(applicant.url).text
    mothers, childs = applicant.relative_url(), applicant.relative_url(**child())
    for url in (applicant.url, mothers, childs):
        assert ">切换健康码</a>" in applicant.get(url).text
    page = applicant.get("/code/").text
    assert all(f'href="{url}"' in page for url in (applicant.url, mothers, childs))
    assert "切换健康码" in page and "林* 父母关系" in page and "何* 子女关系" in page


@pytest.mark.parametrize("answer", ["is_isolated_or_contact", "has_symptoms", "has_other_trouble"])
def test_a_risky_answer_is_orange_explained_and_appealable(applicant: Applicant, make: Factories, answer: str) -> None:
    url = applicant.relative_url(**{f"answer_{answer}": "yes"})
    (brought,) = rows(Evidence)
    assert (brought.kind, brought.source_kind) == (EvidenceKind.SELF_DECLARED, EvidenceSource.RELATIVE)
    page = applicant.get(url).text
    assert "<h1>橙码</h1>" in page and "您申报了发热等症状或接触史。" in page and "申领时对以下问题回答为「是」" in page
    ask = f"{url}/appeal/{brought.id}"
    assert ask in page
    sent = applicant.client.post(ask, data={**applicant.form(ask), "reason": "当时误选。"})
    assert sent.headers["Location"] == url and "待处理" in applicant.get(url).text
    (appeal,) = appeals.of_person(document_index("ID_CARD", NUMBER))
    appeals.grant(appeal.id, answer="经核实系误选。", account=make.account(Role.DISTRICT_ADMIN, CITY))
    assert "<h1>绿码</h1>" in applicant.get(url).text


@pytest.mark.parametrize("answers", [{"answer_is_in_region": "no"}, {"answer_has_left_region": "yes"}])
def test_where_somebody_is_or_was_is_no_risk_by_itself(applicant: Applicant, answers: dict[str, str]) -> None:
    applicant.relative_url(**answers)
    assert color() is Color.GREEN and rows(Evidence) == []


def test_a_page_sent_twice_is_one_application(applicant: Applicant) -> None:
    applicant.ask_relatives_code(answer_has_symptoms="yes")
    typed = {**applicant.form(applicant.address), **MOTHER, "answer_has_symptoms": "yes", "sms_code": last_code()}
    first, second = (applicant.client.post(applicant.address, data=typed) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    assert [len(rows(model)) for model in (Relative, Evidence, HealthCode)] == [1, 1, 2]


def test_the_application_is_on_record_without_a_name(applicant: Applicant) -> None:
    applicant.relative_url()
    event = db.session.execute(db.select(AuditEvent).where(AuditEvent.action == "apply_for_relative")).scalar_one()
    assert event.area_code == CITY and event.changes["relation"] == "父母关系"
    told = str(event.changes)
    assert not any(secret in told for secret in ("林秀英", NUMBER, phone(21)))


def test_who_looked_at_the_relative_stands_on_the_page(applicant: Applicant, make: Factories) -> None:
    url = applicant.relative_url()
    look_ups.looked(document_index("ID_CARD", NUMBER), account=make.account(Role.DISTRICT_ADMIN, CITY))
    assert "福州市" in applicant.get(url).text


# -- who may, and for whom -------------------------------------------------------------------------------------------


def test_an_orange_code_neither_shows_the_way_nor_goes_it(applicant: Applicant) -> None:
    ready = {**applicant.form(applicant.address), **MOTHER}
    assert f'href="{applicant.address}"' in applicant.get(applicant.url).text
    turn_orange(str(GOOD_APPLICATION["document_number"]))
    page = applicant.get(applicant.url).text
    assert "<h1>橙码</h1>" in page and "为家人申领" not in page
    asked = applicant.get(applicant.address)
    for response in (
        asked,
        *(applicant.client.post(applicant.address, data={**ready, **more}) for more in ({}, {"action": "send_code"})),
    ):
        assert response.status_code == 403 and "本人健康码为绿码时才能为家人申领" in response.text
    assert rows(Relative) == []


def test_nobody_applies_from_a_relatives_code_or_from_another_phone(app: Flask, applicant: Applicant) -> None:
    url = applicant.relative_url()
    page = applicant.get(url).text
    assert ">为家人申领</a>" not in page and applicant.get(f"{url}/relative").status_code == 404
    stranger = CodePhone(app)
    stranger.get("/code/")
    assert stranger.get(applicant.address).status_code == 404 and stranger.get(url).status_code == 404


@pytest.mark.parametrize(
    ("details", "told"),
    [
        ({"document_number": id_card(22, birth="19950101")}, "须年满55周岁"),
        (child(years=17), "须未满16周岁"),
        ({"document_type": "OTHER", "document_number": "G1234567"}, "以便核对年龄"),
        ({"relation": "SPOUSE", "document_number": str(GOOD_APPLICATION["document_number"])}, "这是您本人的证件号码"),
    ],
)
def test_who_is_no_such_relative_is_refused_beside_the_field(
    applicant: Applicant, details: dict[str, str], told: str
) -> None:
    response = applicant.apply_for(**details)
    assert response.status_code == 422 and told in errors(response.text) and rows(Relative) == []


def test_a_second_spouse_has_no_place(applicant: Applicant) -> None:
    spouse = {"relation": "SPOUSE", "document_type": "OTHER", "document_number": "G1234567"}
    applicant.relative_url(**spouse)
    response = applicant.apply_for(**spouse, name="林美")
    assert response.status_code == 422 and "最多可申领1名" in errors(response.text) and len(rows(Relative)) == 1


def test_a_document_is_one_applicants(applicant: Applicant, another: Callable[[], Applicant]) -> None:
    applicant.relative_url()
    assert "已由其他用户申领" in errors(another().apply_for().text)
    assert "您已为这位家人申领" in errors(applicant.apply_for().text)
    assert len(rows(Relative)) == 1


# -- who is known already --------------------------------------------------------------------------------------------


def test_somebody_with_a_code_keeps_it_and_is_told_who_shows_it(app: Flask, applicant: Applicant) -> None:
    theirs = mothers_own_code(app)
    before = {code.number for code in rows(HealthCode)}
    url = applicant.relative_url()
    assert {code.number for code in rows(HealthCode)} == before
    told = db.session.execute(db.select(OutgoingMessage).order_by(OutgoingMessage.id.desc()).limit(1)).scalar_one()
    assert (told.template, told.phone) == ("CODE_OF_RELATIVE", phone(21))
    own = theirs.get(theirs.get("/code/").headers["Location"]).text
    assert "何*于" in own and "将您作为家人申领（父母关系）" in own and ">从本机移除</button>" in own
    assert applicant.get(url).status_code == 200


@pytest.mark.parametrize("wrong", [{"phone_number": phone(22)}, {"name": "林秀花"}])
def test_a_code_is_not_shown_to_whoever_lacks_its_phone_or_name(
    app: Flask, applicant: Applicant, wrong: dict[str, str]
) -> None:
    mothers_own_code(app)
    response = applicant.apply_for(**wrong)
    assert response.status_code == 422 and MISMATCH in errors(response.text) and rows(Relative) == []


def test_a_refusal_tells_neither_color_nor_whether_anybody_is_there(
    app: Flask, make: Factories, applicant: Applicant, another: Callable[[], Applicant]
) -> None:
    """Somebody with a code, one whom a gate knows, one on a list only, one of another's: the same words."""
    mothers_own_code(app)
    make.person("陈秀英", document_number=id_card(23, birth="19550303"), phone=phone(23))
    db.session.commit()
    turn_orange(id_card(24, birth="19550303"), name="黄秀英")
    another().relative_url(document_number=id_card(25, birth="19550303"), name="王秀英", phone_number=phone(25))
    numbers = [NUMBER, *(id_card(serial, birth="19550303") for serial in (23, 24, 25))]
    told = {
        errors(applicant.apply_for(document_number=number, name="黄秀英", phone_number=phone(26)).text)
        for number in numbers
    }
    assert len(told) == 1 and MISMATCH in told.pop()
    assert len(rows(Relative)) == 1


def test_of_somebody_on_record_without_a_code_nothing_is_shown_even_under_the_right_name(
    make: Factories, applicant: Applicant
) -> None:
    """Whoever typed a phone at a gate proved nothing by it."""
    make.person("林秀英", document_number=NUMBER, phone=phone(21))
    db.session.commit()
    turn_orange(NUMBER, name="林秀英")
    assert MISMATCH in errors(applicant.apply_for().text)


# -- on which phones -------------------------------------------------------------------------------------------------


def test_every_phone_of_the_applicant_shows_the_relatives(app: Flask, applicant: Applicant) -> None:
    second = CodePhone(app)
    second.code_url(residence_district=CITY)
    applicant.relative_url()
    third = CodePhone(app)
    third.code_url(residence_district=CITY)
    for device in (applicant, second, third):
        assert "林* 父母关系" in device.get("/code/").text


def test_a_relatives_code_is_not_removed_alone_and_goes_with_the_applicants(applicant: Applicant) -> None:
    url = applicant.relative_url()
    page = applicant.get(url).text
    assert "从本机移除" not in page
    theirs = db.session.execute(db.select(HeldCode).where(HeldCode.relative_id.is_not(None))).scalar_one()
    held_codes.forget(theirs.id, theirs.device_index)
    assert applicant.get(url).status_code == 200
    form = forms_of(applicant.get(applicant.url))[0]
    applicant.client.post(f"{applicant.url}/forget", data=form.values)
    assert rows(HeldCode) == [] and len(rows(Relative)) == 1
    applicant.code_url(residence_district=CITY)
    assert "林* 父母关系" in applicant.get("/code/").text


def test_a_relative_who_takes_the_code_to_another_phone_is_shown_on_no_new_one(
    app: Flask, applicant: Applicant
) -> None:
    applicant.relative_url()
    code = db.session.execute(
        db.select(HealthCode).where(HealthCode.phone_index == phone_index(phone(21)))
    ).scalar_one()
    code.phone_index = phone_index(phone(29))
    held_codes.forget_everywhere(code)
    db.session.commit()
    other = CodePhone(app)
    assert other.get(other.code_url(residence_district=CITY)).status_code == 200
    assert len(rows(HeldCode)) == 2, "the applicant's own code, on two phones"


def test_a_lost_phone_shows_the_relatives_no_longer_either(applicant: Applicant) -> None:
    applicant.relative_url()
    code = db.session.execute(db.select(HealthCode).where(HealthCode.phone_index == phone_index(phone(7)))).scalar_one()
    held_codes.forget_everywhere(code)
    db.session.commit()
    assert rows(HeldCode) == []


def test_who_has_shown_the_phone_is_the_codes_owner_here_too(app: Flask, applicant: Applicant) -> None:
    url = applicant.relative_url()
    details = {key: MOTHER[key] for key in ("name", "document_number", "phone_number")}
    assert applicant.code_url(residence_district=CITY, **details) == url
    assert ">为家人申领</a>" in applicant.get(url).text


def test_in_english_the_form_and_its_questions_are_english(applicant: Applicant) -> None:
    page = applicant.get(f"{applicant.address}?lang=en").text
    assert "Have they left Fujian within the last 14 days?" in page and "I pledge not to use or disclose" in page
