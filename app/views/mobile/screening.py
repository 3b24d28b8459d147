"""The screening lists on a phone (Z-T11): search, details, change of status under 「操作」."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask_appbuilder import AppBuilder
from sqlalchemy import Select

from app.domain.labels import N_
from app.services.lists import LISTS
from app.views.mobile.screen import MobileScreen
from app.views.page import Figure
from app.views.screening import ScreeningView
from app.views.screening_filters import SCREENED, by_status, unscreened_word
from app.views.screening_names import view_name

_ALL = ""


class MobileScreeningView(MobileScreen, ScreeningView):
    """One list in three tabs; the number on each stands for the desk's figures."""

    empty_hint = N_("名单导入并下发后会出现在这里。")

    def tabs(self) -> Sequence[tuple[str, str]]:
        waiting = (unscreened_word(self.declared.row_kind), self.declared.unscreened_label)
        return [waiting, (SCREENED, self.declared.screened_label), (_ALL, N_("全部"))]

    def narrow(self, query: Select[Any], tab: str) -> Select[Any]:
        return by_status(self.declared.row_kind, query, tab) if tab else query

    def figures(self) -> Sequence[Figure]:
        return ()


def screening_views(appbuilder: AppBuilder) -> Iterator[type[MobileScreeningView]]:
    """Yield the phone's view of every list, made from the desk's."""
    desks = {type(view).__name__: type(view) for view in appbuilder.baseviews}
    for declared in LISTS:
        name = f"{view_name(declared)}ScreeningView"
        members = {"route_base": f"/m/screening/{declared.key}", "__module__": __name__}
        yield type(f"Mobile{name}", (MobileScreeningView, desks[name]), members)
