"""Text messages: what is sent, and the interface of whatever sends it (Z-A8)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from app.domain.errors import DomainError
from app.domain.labels import N_, Labelled

HIDDEN = "●●●●●●"
_SECRETS = frozenset({"code", "password"})
_OTHERWISE = timedelta(days=1)
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


class SmsTemplate(Labelled):
    """The messages that are sent; a provider has them on file by name, the text here is what a person reads.

    Where the manual sends a new password (Z-A4, Z-A6), these send a temporary one that must be changed, or a link that
    works once: a message stays readable on a phone for years.
    """

    VERIFICATION_CODE = N_(
        "【%(sender)s】您的验证码为%(code)s，%(minutes)s分钟内有效。如非本人操作请忽略，切勿告诉他人。"
    )
    TEMPORARY_PASSWORD = N_(
        "【%(sender)s】您的临时密码为%(password)s，%(minutes)s分钟内有效，登录后须立即修改。原密码已失效。"
    )
    PASSWORD_LINK = N_("【%(sender)s】请在%(minutes)s分钟内打开 %(url)s 设置新密码，该链接仅可使用一次，请勿转发。")
    ACCOUNT_CREATED = N_(
        "【%(sender)s】您的%(role)s账号已开通，账号为本手机号，临时密码为%(password)s，%(days)s天内有效，首次登录须修改。登录地址：%(url)s"
    )
    PASSWORD_RENEWED = N_(
        "【%(sender)s】您的%(role)s账号密码已由上级管理员重置，临时密码为%(password)s，%(days)s天内有效，登录后须立即修改。原密码已失效。登录地址：%(url)s"
    )
    PHONE_CHANGED = N_(
        "【%(sender)s】您的账号手机号已由%(old_phone)s变更为%(new_phone)s。如非本人办理，请联系上级管理员。"
    )
    ACCOUNT_NOTICE = N_("【%(sender)s】您的账号刚刚%(event)s。如非本人办理，请立即联系上级管理员。")
    MANUAL_EVIDENCE_ALARM = N_(
        "【%(sender)s】报警：%(account)s一小时内人工录入赋码依据已达%(most)s条，系统已停止其录入，请立即核查。"
    )

    DECLARED_ORIGIN_ALARM = N_(
        "【%(sender)s】报警：%(venue)s一小时内由扫码填报赋码的人数异常，超出部分未赋码，请立即核查。"
    )

    CODE_PHONE_CHANGED = N_(
        "【%(sender)s】您的健康码手机号已由%(old_phone)s更换为%(new_phone)s。如非本人办理，请立即联系所在社区。"
    )

    CODE_OF_RELATIVE = N_(
        "【%(sender)s】%(name)s已将您作为家人申领，可在其手机上出示您的健康码。如未经您同意，请携带证件到所在社区更换手机号。"
    )

    @property
    def parameters(self) -> frozenset[str]:
        """The names that the text needs filled."""
        return frozenset(_PLACEHOLDER.findall(self.label))

    @property
    def secrets(self) -> frozenset[str]:
        """Those of the parameters that open something for whoever reads them."""
        opening = _SECRETS | {"url"} if self is SmsTemplate.PASSWORD_LINK else _SECRETS
        return self.parameters & opening

    @property
    def can_wait(self) -> bool:
        """Whether it does as well an hour later: somebody sits before a page for the others, or watches over people."""
        return self in (SmsTemplate.ACCOUNT_CREATED, SmsTemplate.PASSWORD_RENEWED, SmsTemplate.PHONE_CHANGED)


@dataclass(frozen=True, kw_only=True)
class SmsMessage:
    """One message to one phone; two with the same idempotency_key are the same message and reach the phone once."""

    phone: str = field(repr=False)
    template: SmsTemplate
    params: Mapping[str, str] = field(repr=False)
    idempotency_key: str

    def __post_init__(self) -> None:
        if frozenset(self.params) != self.template.parameters:
            raise ValueError(f"{self.template.name} needs exactly {sorted(self.template.parameters)}")
        # A copy, so that a later change of the caller's dictionary does not change the message.
        object.__setattr__(self, "params", dict(self.params))

    @property
    def text(self) -> str:
        """The message as the person reads it."""
        return self.template.label % self.params

    @property
    def hidden_text(self) -> str:
        """The message without what opens something."""
        return self.template.label % {**self.params, **dict.fromkeys(self.template.secrets, HIDDEN)}

    @property
    def lifetime(self) -> timedelta:
        """How long the message is of use: as long as it says itself."""
        if "minutes" in self.params:
            return timedelta(minutes=int(self.params["minutes"]))
        return timedelta(days=int(self.params["days"])) if "days" in self.params else _OTHERWISE


class SmsUnavailableError(DomainError):
    """The service did not take the message; the same message may be sent again later."""


class SmsRefusedError(DomainError):
    """The service answered in a way that sending again will not change."""


class SmsGateway(Protocol):
    """Whatever brings a message on its way."""

    def send(self, message: SmsMessage) -> str:
        """The sender's own reference of the message, which is now on its way.

        Raises SmsUnavailableError when it may be tried again later with the same key, else SmsRefusedError.
        """
        ...
