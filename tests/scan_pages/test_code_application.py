"""The form 「郑好码」: asked as in the manual, one code a person, and evidence of what was declared."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from app import clock
from app.domain.colors import Color
from app.domain.health import EvidenceKind
from app.extensions import db
from app.models import Evidence, HealthCode, HealthDeclaration, HeldCode, Person
from app.models.encryption import document_index, phone_index
from app.profiles import load_profile
from app.services import health_colors
from tests.factories import Factories, id_card, phone
from tests.scan_pages.code_phone import FROM_ABROAD, GOOD_APPLICATION, CodePhone, last_code
from tests.services.test_risk_areas import bring

NUMBER = str(GOOD_APPLICATION["document_number"])
LABELS = [
    "姓名", "证件类型", "证件号", "手机号", "居住类型", "郑州居住地址", "户籍所在地", "当前健康状况",
    "近14天接触人员是否接触过新冠病人疑似病人", "是否外地返回", "来郑日期", "交通方式", "是否国外返回", "出发地",
]  # fmt: skip


@pytest.fixture
def new_phone(app: Flask) -> Callable[[], CodePhone]:
    return lambda: CodePhone(app)


@pytest.fixture
def owner(new_phone: Callable[[], CodePhone]) -> CodePhone:
    return new_phone()


def list_areas(make: Factories, key: str, city: str, county: str) -> None:
    """An official list of yesterday has a place there."""
    moment = clock.now() - timedelta(days=1)
    row = {"province": "湖北省", "city": city, "county": county, "communitys": ["一号院"]}
    content = {"data": {"end_update_time": f"{moment:%Y-%m-%d} 08时", key: [row]}}
    bring(make, json.dumps(content).encode())


def rows(model: type) -> list[object]:
    return list(db.session.execute(db.select(model)).scalars())


def kinds() -> list[EvidenceKind]:
    return [row.kind for row in db.session.execute(db.select(Evidence).order_by(Evidence.id)).scalars()]


def color() -> Color:
    return health_colors.color_of(document_index("ID_CARD", NUMBER), clock.now()).color


def today() -> str:
    return clock.local_date(clock.now(), load_profile().zone).isoformat()


def test_the_form_asks_what_the_manual_asks_in_its_order(owner: CodePhone) -> None:
    page = owner.get("/code/apply").text
    at = [page.find(f">{label}</l") for label in LABELS]
    assert -1 not in at
    assert at == sorted(at)
    assert "河南省 郑州市" in page
    for placeholder in ("请输入车牌号/航班号/火车车次", "请选择区域", "请输入详细地址", "请选择居住类型"):
        assert placeholder in page
    assert len(page.encode()) < 60_000


def test_every_field_has_a_label_of_its_own(owner: CodePhone) -> None:
    page = owner.get("/code/apply").text
    asked = re.findall(r'<(?:input|select|textarea)(?![^>]*type="hidden")[^>]* id="([^"]+)"', page)
    assert len(asked) > 20
    assert [one for one in asked if f'for="{one}"' not in page] == []


def test_a_healthy_applicant_has_a_green_code_with_twelve_random_digits(owner: CodePhone) -> None:
    page = owner.get(owner.code_url()).text
    code = db.session.execute(db.select(HealthCode)).scalar_one()
    assert re.fullmatch(r"\d{12}", code.number)
    assert "绿码" in page and "何*" in page and "何晓明" not in page
    assert f"<span>{code.number[:4]}</span><span>{code.number[4:8]}</span><span>{code.number[8:]}</span>" in page
    assert color() is Color.GREEN and kinds() == []


@pytest.mark.parametrize("answer", [{"condition": "FEVER"}, {"has_contact": "yes"}])
def test_symptoms_or_a_contact_are_evidence(owner: CodePhone, answer: dict[str, str]) -> None:
    page = owner.get(owner.code_url(**answer)).text
    assert kinds() == [EvidenceKind.SELF_DECLARED]
    assert color() is Color.YELLOW
    assert "黄码" in page and "您申报了发热等症状或接触史。" in page


def test_an_arrival_from_abroad_is_evidence(owner: CodePhone) -> None:
    owner.code_url(**FROM_ABROAD, arrival_date=today())
    assert kinds() == [EvidenceKind.OVERSEAS_ARRIVAL]
    assert color() is Color.RED
    form = db.session.execute(db.select(HealthDeclaration)).scalar_one()
    assert (form.connection_number, form.origin_country, form.is_from_abroad) == ("CA1234", "IT", True)


@pytest.mark.parametrize(
    ("listed", "expected", "seen"),
    [("highlist", [EvidenceKind.RISK_AREA_ARRIVAL], Color.RED), ("lowlist", [], Color.GREEN)],
)
def test_a_declared_origin_in_a_listed_area_is_evidence(
    make: Factories, owner: CodePhone, listed: str, expected: list[EvidenceKind], seen: Color
) -> None:
    list_areas(make, listed, "武汉市", "江岸区")
    origin = {
        "is_returnee": "yes", "is_from_abroad": "no", "transport": "TRAIN", "arrival_date": today(),
        "origin_province": "42", "origin_city": "4201", "origin_district": "420102",
    }  # fmt: skip
    owner.code_url(**origin)
    assert kinds() == expected
    assert color() is seen


def test_a_page_sent_twice_is_one_form(owner: CodePhone) -> None:
    owner.ask_code()
    typed = {**owner.form(), **GOOD_APPLICATION, "condition": "FEVER", "sms_code": last_code()}
    first, second = (owner.client.post("/code/apply", data=typed) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert [len(rows(model)) for model in (HealthCode, HealthDeclaration, HeldCode, Evidence)] == [1, 1, 1, 1]


def test_one_person_has_one_code_on_whatever_phone(owner: CodePhone, new_phone: Callable[[], CodePhone]) -> None:
    owner.code_url()
    other = new_phone()
    other.code_url()
    assert [len(rows(model)) for model in (Person, HealthCode, HeldCode)] == [1, 1, 2]


def test_a_known_document_needs_its_name_and_the_phone_on_record(make: Factories, owner: CodePhone) -> None:
    make.person("何晓明", document_number=NUMBER, phone=phone(8))
    db.session.commit()
    response = owner.apply()
    assert response.status_code == 422
    assert "请使用登记时的姓名和手机号" in response.text and "请携带证件到所在社区办理" in response.text
    assert rows(HealthCode) == []
    assert owner.apply(phone_number=phone(8)).status_code == 303


def test_the_phone_that_was_proved_first_counts_whatever_a_scan_said_since(
    owner: CodePhone, new_phone: Callable[[], CodePhone]
) -> None:
    owner.code_url()
    person = db.session.execute(db.select(Person)).scalar_one()
    person.phone, person.phone_index = phone(9), phone_index(phone(9))
    db.session.commit()
    assert new_phone().apply(phone_number=phone(9)).status_code == 422
    assert new_phone().apply().status_code == 303


def test_who_tries_documents_of_others_is_stopped(make: Factories, owner: CodePhone) -> None:
    for serial in range(20, 26):
        make.person("何晓明", document_number=id_card(serial, birth="19700101"), phone=phone(8))
    db.session.commit()
    answers = [owner.apply(document_number=id_card(serial, birth="19700101")).text for serial in range(20, 26)]
    assert [("不一致" in one, "核对不符的次数过多" in one) for one in answers] == [(True, False)] * 5 + [(False, True)]


def test_whoever_is_stopped_learns_of_no_further_document_whether_it_is_known(
    make: Factories, owner: CodePhone
) -> None:
    for serial in range(20, 25):
        make.person("何晓明", document_number=id_card(serial, birth="19700101"), phone=phone(8))
    db.session.commit()
    for serial in range(20, 25):
        owner.apply(document_number=id_card(serial, birth="19700101"))
    unknown = owner.apply(document_number=id_card(99, birth="19700101"))
    assert unknown.status_code == 422 and "核对不符的次数过多" in unknown.text
    assert rows(HealthCode) == [] and len(rows(Person)) == 5


def test_without_the_code_of_the_message_there_is_no_health_code(owner: CodePhone) -> None:
    owner.ask_code()
    for wrong in ("", "000000"):
        response = owner.client.post("/code/apply", data={**owner.form(), **GOOD_APPLICATION, "sms_code": wrong})
        assert response.status_code == 422
        assert "请输入验证码" in response.text or "验证码不正确或已过期" in response.text
    assert rows(HealthCode) == []


def test_what_was_typed_is_not_lost_when_the_code_is_sent(owner: CodePhone) -> None:
    page = owner.ask_code(residence_address="建设路1号院2号楼").text
    assert "验证码已发送" in page and "建设路1号院2号楼" in page


def test_every_fault_stands_beside_its_field(owner: CodePhone) -> None:
    response = owner.client.post("/code/apply", data={**owner.form(), "phone_number": "123"})
    assert response.status_code == 422
    for text in ("请填写姓名", "请填写11位数字手机号", "请选择居住类型", "请选择区域", "请选择户籍所在地"):
        assert f'-error">{text}' in response.text, text


def test_an_empty_choice_is_complained_of_once(owner: CodePhone) -> None:
    page = owner.client.post("/code/apply", data=owner.form()).text
    summary = page[page.index("data-errors") : page.index("</ul>")]
    for message in ("请选择居住类型", "请选择区域", "请选择当前健康状况"):
        assert summary.count(message) == 1, message


def test_a_form_from_elsewhere_is_not_taken(owner: CodePhone) -> None:
    owner.ask_code()
    response = owner.client.post("/code/apply", data={**GOOD_APPLICATION, "sms_code": last_code()})
    assert "页面已过期" in response.text
    assert rows(HealthCode) == []
