"""Looking at posters from the lists of places that have one: 「核验二维码」, what was found today, a search by it (Z45)."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import Select
from wtforms import RadioField
from wtforms.validators import InputRequired

from app.domain.labels import N_
from app.models import Venue
from app.services import poster_checks
from app.services.audit import Actor
from app.views.declarations import Filter, ListColumn, Roles, RowAction
from app.views.page import Cell

RIGHT, WRONG = "right", "wrong"
UNCHECKED = "none"
_REQUIRED = InputRequired(lazy_gettext("请选择核验结果"))
_WRONG = (WRONG, lazy_gettext("被覆盖、涂改或损坏"))


class CompoundPosterForm(FlaskForm):
    """What was found at a compound's door."""

    result = RadioField(
        lazy_gettext("核验结果"), [_REQUIRED], choices=[(RIGHT, lazy_gettext("完好，是本小区的二维码")), _WRONG]
    )


class PosterForm(FlaskForm):
    """What was found at any other place."""

    result = RadioField(
        lazy_gettext("核验结果"), [_REQUIRED], choices=[(RIGHT, lazy_gettext("完好，是本处的二维码")), _WRONG]
    )


def keep(venue: Venue, form: Any, actor: Actor) -> None:
    """What the form says of the venue's poster is on record for today."""
    poster_checks.confirm(venue, is_right=form.result.data == RIGHT, actor=actor)


def found_cell(is_right: bool) -> Cell:
    return Cell(gettext("完好"), tone="green") if is_right else Cell(gettext("异常"), tone="red")


def _today_cell(row: Venue) -> Cell:
    if row.poster_is_right is None:
        return Cell(gettext("今日未核验"), tone="gray") if poster_checks.has_poster(row) else Cell("")
    return Cell(gettext("今日完好"), tone="green") if row.poster_is_right else Cell(gettext("今日异常"), tone="red")


def _by_today(query: Select[Any], value: str) -> Select[Any]:
    if value == UNCHECKED:
        return query.where(poster_checks.is_unchecked())
    return query.where(poster_checks.was_found(is_right=value == RIGHT))


def _notes(_row: Venue) -> list[str]:
    told = N_("请到现场扫一次这里的二维码，确认打开的是本处的登记页面，没有被覆盖或涂改。发现异常请立即重新张贴。")
    return [gettext(told)]


# For screens whose query went through poster_checks.with_today.
# A coloured word, not a label: lists of shops are wide enough.
TODAY_COLUMN = ListColumn("poster", N_("二维码核验"), _today_cell)
TODAY_FILTER = Filter(
    "poster",
    N_("二维码核验"),
    _by_today,
    "select",
    lambda: ((UNCHECKED, N_("今日未核验")), (RIGHT, N_("今日完好")), (WRONG, N_("今日异常"))),
)


def look_action(roles: Roles) -> RowAction:
    """Return 「核验二维码」, of one place or of those that are ticked."""
    return RowAction(
        "check_poster",
        N_("核验二维码"),
        keep,
        roles,
        done=N_("已保存"),
        form=lambda _row: PosterForm(),
        visible=poster_checks.has_poster,
        notes=_notes,
        submit_label=N_("保存"),
        in_bulk=True,
    )
