"""「二维码核验」: who looked at which poster on which day, and whether it was the right one (checklist Z45)."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_appbuilder import AppBuilder
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload
from wtforms import RadioField
from wtforms.validators import InputRequired

from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.venues import VenueFamily
from app.models import PosterCheck, Venue
from app.services import poster_checks
from app.services.audit import Actor
from app.views.declarations import Creation, Filter, ListColumn, Screen
from app.views.first_page import WAITING, Waiting
from app.views.format import date_text, moment_text
from app.views.identity import compound_in_hand, current_venue_id
from app.views.page import Cell
from app.views.screen_view import ScreenView
from app.views.venues import AREA_MANAGERS

_COMPOUND_MANAGERS = frozenset({Role.COMPOUND_ADMIN})
_RIGHT, _WRONG = "right", "wrong"


class PosterCheckForm(FlaskForm):
    """What was found."""

    result = RadioField(
        lazy_gettext("核验结果"),
        [InputRequired(lazy_gettext("请选择核验结果"))],
        choices=[(_RIGHT, lazy_gettext("完好，是本小区的二维码")), (_WRONG, lazy_gettext("被覆盖、涂改或损坏"))],
    )


def _confirm(form: PosterCheckForm, actor: Actor) -> None:
    poster_checks.confirm(compound_in_hand(), is_right=form.result.data == _RIGHT, actor=actor)


def _query() -> Select[Any]:
    return select(PosterCheck).options(joinedload(PosterCheck.venue, innerjoin=True))


def _result(row: PosterCheck) -> Cell:
    return Cell(gettext("完好"), tone="green") if row.is_right else Cell(gettext("异常"), tone="red")


def _on_day(query: Select[Any], day: date) -> Select[Any]:
    return query.where(PosterCheck.day == day)


def _by_result(query: Select[Any], value: str) -> Select[Any]:
    return query.where(PosterCheck.is_right == (value == _RIGHT))


def _by_compound(query: Select[Any], value: str) -> Select[Any]:
    return query.where(PosterCheck.venue_id.in_(select(Venue.id).where(Venue.name.contains(value, autoescape=True))))


def _waiting() -> Select[Any]:
    """Return the compound in hand, while nobody has looked at its poster today."""
    query = poster_checks.unchecked_today().where(Venue.kind.in_(VenueFamily.COMPOUND.kinds))
    return query.where(Venue.id == current_venue_id())


SCREEN = Screen(
    title=N_("二维码核验"),
    roles=AREA_MANAGERS | _COMPOUND_MANAGERS,
    query=_query,
    order=(PosterCheck.day, PosterCheck.id),
    by_compound=True,
    columns=(
        ListColumn("day", N_("核验日期"), lambda row: date_text(row.day)),
        ListColumn("venue", N_("所属小区"), lambda row: row.venue.name),
        ListColumn("result", N_("核验结果"), _result, kind="status"),
        ListColumn("checked_at", N_("核验时间"), lambda row: moment_text(row.checked_at), kind="datetime"),
    ),
    filters=(
        Filter("day", N_("核验日期"), _on_day, "date"),
        Filter("result", N_("核验结果"), _by_result, "select", lambda: ((_RIGHT, N_("完好")), (_WRONG, N_("异常")))),
        Filter("compound", N_("小区名称"), _by_compound, placeholder=N_("请输入小区名称"), roles=AREA_MANAGERS),
    ),
    creation=Creation(
        PosterCheckForm,
        _confirm,
        _COMPOUND_MANAGERS,
        label=N_("今日核验"),
        lead=N_(
            "请到现场扫一次本小区的二维码，确认打开的是本小区的登记页面，没有被覆盖或涂改。发现异常请立即重新下载张贴。"
        ),
    ),
    empty_title=N_("还没有核验记录"),
    empty_hint=N_("每天点击「今日核验」确认一次本小区张贴的二维码。"),
    export_name="poster_checks",
    has_detail=False,
)


class PosterCheckView(ScreenView):
    """The days on which somebody looked."""

    route_base = "/poster-checks"
    screen = SCREEN


def register(appbuilder: AppBuilder) -> None:
    """Add the screen, and its line among what waits for a compound's manager."""
    appbuilder.add_view(
        PosterCheckView(), "PosterCheckView", label=SCREEN.title, category="compound", category_label=N_("小区后台管理")
    )
    WAITING.append(Waiting(N_("今日未核验二维码"), _COMPOUND_MANAGERS, _waiting, "PosterCheckView.add", {}))
