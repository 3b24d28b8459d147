"""「小区居民管理」 and 「进出登记管理」 on a phone (checklist Z79 to Z83)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from sqlalchemy import Select

from app.domain.labels import N_
from app.domain.quarantine import QuarantineStatus
from app.views.entries import SCREEN as ENTRIES
from app.views.entries import EntryView
from app.views.mobile.screen import MobileScreen
from app.views.residents import SCREEN as RESIDENTS
from app.views.residents import ResidentView, by_status

_STATUS = "status"
# The manual's own word for it on a phone (checklist Z68).
_OTHER_WORDS = {"with_ended": N_("显示已解除绑定人员")}


class MobileResidentView(MobileScreen, ResidentView):
    """Residents in five tabs by status; below a record what its status allows (Z80)."""

    route_base = "/m/residents"
    screen = replace(
        RESIDENTS,
        filters=[
            replace(declared, label=_OTHER_WORDS.get(declared.key, declared.label))
            for declared in RESIDENTS.filters
            if declared.key != _STATUS
        ],
        # What the desk confirms is submitted on a phone (checklist Z81).
        actions=[replace(action, submit_label=N_("提交")) for action in RESIDENTS.actions],
    )
    tab_key = _STATUS
    card = ("name", "status", "document_number", "phone", "venue", "since", "days")
    below: ClassVar = frozenset({"confirm", "release", "not_arrived"})
    empty_hint = N_("居民扫描小区二维码登记后，会按隔离状态出现在这里。")

    def tabs(self) -> Sequence[tuple[str, str]]:
        return [(status.name, status.label) for status in QuarantineStatus]

    def narrow(self, query: Select[Any], tab: str) -> Select[Any]:
        return by_status(query, tab)


class MobileEntryView(MobileScreen, EntryView):
    """Entries in one list (Z83), the latest first."""

    route_base = "/m/entries"
    screen = ENTRIES
    card = ("name", "outcome", "recorded_at", "phone", "venue", "source")
    empty_hint = N_("居民扫码后会出现在这里。")
