"""What a text message says (Z-A8)."""

import pickle

import pytest

from app.gateways.sms import SmsMessage, SmsTemplate


def message(**params: str) -> SmsMessage:
    return SmsMessage(
        phone="13800138000", template=SmsTemplate.VERIFICATION_CODE, params=params, idempotency_key="code-1"
    )


def test_a_message_reads_as_its_template_filled() -> None:
    text = message(sender="健康登记", code="482913", minutes="5").text
    assert text == "【健康登记】您的验证码为482913，5分钟内有效。如非本人操作请忽略，切勿告诉他人。"


@pytest.mark.parametrize("params", [{}, {"code": "1"}, {"sender": "a", "code": "1", "minutes": "5", "more": "x"}])
def test_a_message_with_other_parameters_than_its_template_is_not_made(params: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="VERIFICATION_CODE"):
        message(**params)


@pytest.mark.parametrize("template", SmsTemplate)
def test_every_template_names_its_sender_first(template: SmsTemplate) -> None:
    assert template.label.startswith("【%(sender)s】")


@pytest.mark.parametrize("template", [t for t in SmsTemplate if "password" in t.parameters])
def test_whoever_gets_a_password_is_told_to_change_it(template: SmsTemplate) -> None:
    assert "须" in template.label and "修改" in template.label


def test_a_code_does_not_show_where_a_message_is_logged() -> None:
    logged = repr(message(sender="健康登记", code="482913", minutes="5"))
    assert "482913" not in logged and "13800138000" not in logged


@pytest.mark.parametrize("template", SmsTemplate)
def test_what_opens_something_is_hidden_from_who_reads_the_outbox(template: SmsTemplate) -> None:
    params = {name: "7" for name in template.parameters} | {name: f"<{name}>" for name in template.secrets}
    shown = SmsMessage(phone="1", template=template, params=params, idempotency_key="1").hidden_text
    assert "<" not in shown
    names = {"VERIFICATION_CODE": {"code"}, "PASSWORD_LINK": {"url"}}
    assert template.secrets == names.get(template.name, template.parameters & {"password"})


def test_a_message_travels_to_a_worker() -> None:
    sent = message(sender="健康登记", code="482913", minutes="5")
    assert pickle.loads(pickle.dumps(sent)) == sent


def test_a_message_keeps_its_parameters_when_the_callers_change() -> None:
    params = {"sender": "健康登记", "code": "482913", "minutes": "5"}
    sent = SmsMessage(phone="1", template=SmsTemplate.VERIFICATION_CODE, params=params, idempotency_key="1")
    params["code"] = "000000"
    assert "482913" in sent.text
