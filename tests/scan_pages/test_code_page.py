"""A code on its owner's phone: live, explained, appealed, and nothing to a stranger's camera."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import zxingcpp
from flask import Flask
from PIL import Image

from app import clock
from app.domain.colors import Color
from app.domain.roles import Role
from app.extensions import db
from app.models import Appeal, AppealPhoto, Evidence, HealthCode
from app.models.encryption import document_index
from app.services import appeals, code_tokens, evidence, files, look_ups
from app.services.audit import SYSTEM
from tests.factories import Factories, phone
from tests.scan_pages.code_phone import GOOD_APPLICATION, CodePhone
from tests.scan_pages.phone import forms_of


@pytest.fixture
def new_phone(app: Flask) -> Callable[[], CodePhone]:
    return lambda: CodePhone(app)


@pytest.fixture
def owner(new_phone: Callable[[], CodePhone]) -> CodePhone:
    return new_phone()


def photo(kind: str = "JPEG", **details: object) -> bytes:
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SECRET-CAMERA"
    Image.new("RGB", (60, 40), "white").save(stream, format=kind, exif=exif, **details)
    return stream.getvalue()


def appeal_url(owner: CodePhone) -> str:
    """The code is yellow by the owner's own declaration; where the appeal against that begins."""
    page = owner.get(owner.code_url(condition="FEVER")).text
    found = re.search(r'href="(/code/\d+/appeal/\d+)"', page)
    assert found
    return found[1]


def send(owner: CodePhone, url: str, *photos: bytes, reason: str = "体温计有误，已做核酸检测。"):  # type: ignore[no-untyped-def]
    files = [(io.BytesIO(content), f"{at}.jpg") for at, content in enumerate(photos)]
    values = {**owner.form(url), "reason": reason, "photos": files}
    return owner.client.post(url, data=values, content_type="multipart/form-data")


def test_a_phone_without_a_code_is_led_to_the_application(owner: CodePhone) -> None:
    page = owner.get("/code/").text
    assert 'href="/code/apply"' in page and ">申请</a>" in page


def test_a_phone_with_one_code_is_led_to_it_and_with_two_may_choose(owner: CodePhone) -> None:
    first = owner.code_url()
    assert owner.get("/code/").headers["Location"] == first
    second = owner.code_url(document_type="OTHER", document_number="G1234567", name="何小小", phone_number=phone(8))
    page = owner.get("/code/").text
    assert f'href="{first}"' in page and f'href="{second}"' in page and "何小小" not in page


def test_another_phone_gets_nothing_from_the_address(owner: CodePhone, new_phone: Callable[[], CodePhone]) -> None:
    url = owner.code_url()
    other = new_phone()
    other.get("/code/")
    for path in (url, f"{url}/token", f"{url}/qr.svg", f"{url}/appeal/1"):
        answer = other.get(path)
        assert answer.status_code == 404 and "何" not in answer.text and "/C/" not in answer.text
    assert 'href="/code/">打开健康码' in other.get(url).text


def test_a_forgotten_code_leaves_the_phone_and_stays_a_code(owner: CodePhone) -> None:
    url = owner.code_url()
    forget = next(one for one in forms_of(owner.get(url)) if "form_token" in one.values)
    owner.client.post(f"{url}/forget", data={})
    assert owner.get(url).status_code == 200
    owner.client.post(f"{url}/forget", data=forget.values)
    assert owner.get(url).status_code == 404
    assert db.session.execute(db.select(HealthCode)).scalar_one()


def test_the_token_of_the_page_is_live_and_says_number_and_color_only(app: Flask, owner: CodePhone) -> None:
    url = owner.code_url(condition="FEVER")
    answer = owner.get(f"{url}/token")
    assert answer.json is not None and answer.json["tone"] == "yellow"
    assert set(answer.json) == {"address", "tone"}
    number = db.session.execute(db.select(HealthCode.number)).scalar_one()
    page = owner.get(url).text
    shown = re.search(r'data-address="([^"]+)"', page)
    assert shown is not None and f'<noscript><img class="qr-code" src="{url}/qr.svg"' in page
    # Drawn by the browser, or read from the picture for one without scripts: a live token of that code and colour.
    for address in (answer.json["address"], shown[1], _read(owner.get(f"{url}/qr.svg").text)):
        checked = code_tokens.check(address, clock.now())
        assert (checked.number, checked.color) == (number, Color.YELLOW)
    assert "no-store" in answer.headers["Cache-Control"]


def _read(svg: str) -> str:
    """What a camera reads."""
    side = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])  # type: ignore[index]
    image = Image.new("L", (side, side), 255)
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1", svg.partition('fill="#000"')[2]):
        for at in range(int(length)):
            image.putpixel((int(x) + at, int(y)), 0)
    return str(zxingcpp.read_barcodes(image.resize((side * 6, side * 6), Image.Resampling.NEAREST))[0].text)


def test_a_page_without_scripts_renews_itself_every_minute(owner: CodePhone) -> None:
    page = owner.get(owner.code_url()).text
    assert '<noscript><meta http-equiv="refresh" content="60"></noscript>' in page
    assert len(page.encode()) < 60_000


def test_the_page_says_why_until_when_by_which_rules_and_what_to_do(owner: CodePhone) -> None:
    page = owner.get(owner.code_url(condition="FEVER")).text
    for text in ("您申报了发热等症状或接触史。", "请居家观察", "规则版本", "2020-07", "自动变化", "进行医学隔离观察"):
        assert text in page, text
    english = owner.get(owner.get("/code/").headers["Location"] + "?lang=en").text
    assert "You declared symptoms or a contact." in english


def test_a_color_ends_by_itself_on_the_page(owner: CodePhone) -> None:
    url = owner.code_url(condition="FEVER")
    row = db.session.execute(db.select(Evidence)).scalar_one()
    evidence.end(row.id, reason="误报", actor=SYSTEM)
    page = owner.get(url).text
    assert "绿码" in page and "目前没有影响您健康码颜色的依据。" in page


def test_who_looked_stands_on_the_page(make: Factories, owner: CodePhone) -> None:
    url = owner.code_url()
    assert "还没有单位查看过" in owner.get(url).text
    account = make.account(Role.DISTRICT_ADMIN, "410102")
    look_ups.looked(document_index("ID_CARD", str(GOOD_APPLICATION["document_number"])), account=account)
    page = owner.get(url).text
    assert "中原区区县管理员" in page and account.display_name not in page


def test_a_strangers_camera_learns_neither_name_nor_color(owner: CodePhone) -> None:
    url = owner.code_url(condition="FEVER")
    address = owner.get(f"{url}/token").json["address"]  # type: ignore[index]
    path = "/C/" + address.rpartition("/")[2]
    phones = (owner, CodePhone(owner.client.application))
    answers = [client.get(url) for client in phones for url in (path, "/C/X")]
    bodies = {re.sub(r'nonce="[^"]+"', "", answer.text) for answer in answers}
    assert len(bodies) == 1  # nor whether it is a code at all
    body = bodies.pop()
    assert "这是一个健康码" in body
    assert not any(word in body for word in ("何", "黄码", "绿码", "红码", "tint-"))


def test_public_keys_are_published_with_the_time(owner: CodePhone) -> None:
    owner.code_url()
    owner.get(owner.get("/code/").headers["Location"])  # the first token makes the first key
    found = owner.get("/code/keys.json").json
    assert found is not None and abs(found["now"] - clock.now().timestamp()) < 5
    assert [key[:2] for key in found["keys"].values()] == ["04"]
    assert {len(key) for key in found["keys"].values()} == {130}


def test_an_appeal_waits_for_its_answer_until_the_deadline(owner: CodePhone) -> None:
    url = appeal_url(owner)
    answer = send(owner, url, photo(), photo("PNG"))
    assert answer.status_code == 303
    page = owner.get(answer.headers["Location"]).text
    appeal = db.session.execute(db.select(Appeal)).scalar_one()
    assert appeal.due_at - appeal.created_at == timedelta(hours=24)
    assert "待处理" in page and "最迟" in page
    assert url not in page  # one at a time


def test_photos_are_kept_sealed_and_without_what_the_camera_wrote(owner: CodePhone) -> None:
    assert b"SECRET-CAMERA" in photo()
    send(owner, appeal_url(owner), photo(), photo("PNG"))
    kept = [b"".join(files.pieces(row.file_id)) for row in db.session.execute(db.select(AppealPhoto)).scalars()]
    assert len(kept) == 2
    for content in kept:
        image = Image.open(io.BytesIO(content))
        assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (60, 40), {})
        assert b"SECRET" not in content


@pytest.mark.parametrize(
    ("photos", "message"),
    [
        ([b"<svg onload=alert(1)>"], "照片须为 JPG 或 PNG 格式"),
        ([b"\xff\xd8\xff" + b"x" * 100], "照片须为 JPG 或 PNG 格式"),
        ([b"GIF89a" + b"x" * 100], "照片须为 JPG 或 PNG 格式"),
        ([photo()] * 4, "最多上传 3 张照片"),
    ],
)
def test_what_is_no_photo_or_too_many_comes_back_with_the_text(
    owner: CodePhone, photos: list[bytes], message: str
) -> None:
    answer = send(owner, appeal_url(owner), *photos)
    assert answer.status_code == 422
    assert message in answer.text and "体温计有误" in answer.text
    assert db.session.execute(db.select(Appeal)).first() is None


def test_an_appeal_without_a_reason_is_asked_for_one(owner: CodePhone) -> None:
    assert "请填写理由" in send(owner, appeal_url(owner), reason=" ").text


def test_an_appeal_sent_twice_is_one(owner: CodePhone) -> None:
    url = appeal_url(owner)
    values = {**owner.form(url), "reason": "体温计有误。"}
    assert [owner.client.post(url, data=values).status_code for _ in range(2)] == [303, 303]
    assert len(db.session.execute(db.select(Appeal)).all()) == 1


def test_a_granted_appeal_turns_the_page_green_and_shows_the_answer(make: Factories, owner: CodePhone) -> None:
    code_url = send(owner, appeal_url(owner)).headers["Location"]
    appeal = db.session.execute(db.select(Appeal)).scalar_one()
    appeals.grant(appeal.id, answer="核酸检测为阴性。", account=make.account(Role.DISTRICT_ADMIN, "410102"))
    page = owner.get(code_url).text
    assert "绿码" in page and "申诉成立" in page and "核酸检测为阴性。" in page


def test_nobody_appeals_for_another(owner: CodePhone, new_phone: Callable[[], CodePhone]) -> None:
    evidence_id = appeal_url(owner).rpartition("/")[2]
    other = new_phone()
    url = other.code_url(document_type="OTHER", document_number="G1234567", name="何小小", phone_number=phone(8))
    page = other.get(f"{url}/appeal/{evidence_id}").text
    assert "无需申诉" in page and f'href="{url}">打开健康码' in page
