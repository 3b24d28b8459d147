"""「风险地区」: what is listed today or was on a day, what no area matches, entries by hand (2.1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import url_for
from flask_appbuilder import AppBuilder
from flask_babel import gettext
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import contains_eager

from app.domain.areas import AreaLevel
from app.domain.labels import N_
from app.domain.risk import RiskLevel
from app.domain.roles import Role
from app.extensions import db
from app.models import RiskArea, RiskAreaList, RiskAreaSource, RiskListState
from app.services import areas, risk_area_entries, risk_areas
from app.services.risk_area_import import EDITORS
from app.views.declarations import Creation, Filter, ListColumn, RowAction, Screen
from app.views.format import label_text, moment_text, today
from app.views.identity import account
from app.views.operation_log import ACTIONS
from app.views.page import Cell, Column, DetailPage, EmptyState, Field, Figure, Link, Row, Section
from app.views.risk_area_forms import AssignForm, RiskAreaForm, assign, create
from app.views.screen_view import ScreenView

READERS = frozenset(
    {
        Role.CITY_ADMIN,
        Role.DISTRICT_ADMIN,
        Role.STREET_ADMIN,
        Role.COMMUNITY_ADMIN,
        Role.FLIGHT_TEAM,
        Role.HIGH_SPEED_RAIL_TEAM,
        Role.RAILWAY_TEAM,
        Role.AUDITOR,
    }
)
_UNMATCHED = "unmatched"


def _query() -> Select[Any]:
    return (
        select(RiskArea)
        .join(RiskArea.risk_list)
        .options(contains_eager(RiskArea.risk_list))
        .where(RiskAreaList.state == RiskListState.IN_FORCE)
    )


def _by_level(query: Select[Any], value: str) -> Select[Any]:
    return query.where(RiskArea.level == RiskLevel[value])


def _by_day(query: Select[Any], value: date) -> Select[Any]:
    return query.where(risk_areas.listed_on(value))


def _by_source(query: Select[Any], value: str) -> Select[Any]:
    return query.where(RiskAreaList.source == RiskAreaSource[value])


def _by_name(query: Select[Any], value: str) -> Select[Any]:
    names = (RiskArea.province, RiskArea.city, RiskArea.county)
    return query.where(or_(*(column.contains(value, autoescape=True) for column in names)))


def _by_match(query: Select[Any], value: str) -> Select[Any]:
    return query.where(RiskArea.matched_code.is_(None) if value == _UNMATCHED else RiskArea.matched_code.is_not(None))


def _area(row: RiskArea) -> Cell:
    if row.matched_code:
        return Cell(areas.full_name(row.matched_code, top=AreaLevel.PROVINCE))
    return Cell(label_text(row.unmatched) or gettext("未对应"), tone="red")


def _places(row: RiskArea) -> str:
    shown = gettext("；").join(row.places[:2])
    more = len(row.places) - 2
    return shown + (gettext(" 等 %(count)s 处", count=len(row.places)) if more > 0 else "")


def _until(row: RiskArea) -> str:
    return moment_text(row.in_force_until) or gettext("至今")


def _figures(asked: date | None) -> Sequence[Figure]:
    """Rows of the day asked for (today's without one) by level, and those that no area matches; each opens them (X13)."""
    counted = select(RiskArea.level, func.count(), func.count(RiskArea.matched_code)).join(RiskArea.risk_list)
    query = counted.where(risk_areas.listed_on(asked or today())).group_by(RiskArea.level)
    found = {level: (rows, matched) for level, rows, matched in db.session.execute(query)}
    figures = [
        Figure(
            label_text(level),
            f"{found.get(level, (0, 0))[0]:,}",
            level.tone,
            url_for("RiskAreaView.list", level=level.name, day=asked),
        )
        for level in RiskLevel
    ]
    waiting = sum(rows - matched for rows, matched in found.values())
    url = url_for("RiskAreaView.list", match=_UNMATCHED, day=asked)
    return [*figures, Figure(gettext("未对应地区"), f"{waiting:,}", "red" if waiting else "", url)]


SCREEN = Screen(
    title=N_("风险地区"),
    lead=N_("默认显示今天有效的风险地区；选择日期可以查看那一天有效的名单。"),
    roles=READERS,
    query=_query,
    order=(RiskArea.id,),
    columns=(
        ListColumn(
            "level", N_("风险等级"), lambda row: Cell(label_text(row.level), tone=row.level.tone), kind="status"
        ),
        ListColumn("name", N_("公布名称"), lambda row: row.published_name),
        ListColumn("places", N_("地点"), _places),
        ListColumn("area", N_("对应地区"), _area),
        ListColumn("from", N_("生效时间"), lambda row: moment_text(row.in_force_from), kind="datetime"),
        ListColumn("until", N_("失效时间"), _until, kind="datetime"),
        ListColumn("source", N_("来源"), lambda row: label_text(row.risk_list.source)),
    ),
    filters=(
        Filter("day", N_("日期"), _by_day, "date"),
        Filter(
            "level", N_("风险等级"), _by_level, "select", lambda: [(level.name, level.label) for level in RiskLevel]
        ),
        Filter("name", N_("地区名称"), _by_name, placeholder=N_("请输入省、市或区县")),
        Filter(
            "match",
            N_("对应地区"),
            _by_match,
            "select",
            lambda: [(_UNMATCHED, N_("未对应")), ("matched", N_("已对应"))],
        ),
        Filter("source", N_("来源"), _by_source, "select", lambda: [(s.name, s.label) for s in RiskAreaSource]),
    ),
    row_tone=lambda row: "" if row.matched_code else "gray",
    subject=lambda row: row.published_name,
    creation=Creation(
        RiskAreaForm,
        create,
        EDITORS,
        lead=N_("官方名单请整份导入；这里补充单个地点，必须写明依据，由另一人批准后生效。"),
        done=N_("已提交，由另一人在「变更审批」中批准后生效"),
    ),
    actions=(
        RowAction(
            "assign",
            N_("指定地区"),
            assign,
            EDITORS,
            done=N_("已提交，由另一人在「变更审批」中批准后生效"),
            form=lambda _row: AssignForm(),
            visible=lambda row: row.matched_code is None,
            style="primary",
        ),
        RowAction(
            "end",
            N_("结束"),
            lambda row, _form, _actor: risk_area_entries.end(row, account=account()),
            EDITORS,
            done=N_("已结束"),
            visible=lambda row: row.risk_list.source is not RiskAreaSource.OFFICIAL and row.in_force_until is None,
            confirm=N_("确定从现在起不再把这里列为风险地区吗？已经产生的依据不变。"),
            style="danger",
        ),
    ),
    empty_title=N_("没有风险地区"),
    empty_hint=N_("导入官方名单后，这里显示有效的风险地区；也可以换一个日期查看。"),
    export_name="risk_areas",
)


class RiskAreaView(ScreenView):
    """Without a day in the search it is today's."""

    route_base = "/risk-areas"
    screen = SCREEN

    def base_query(self) -> Select[Any]:
        query = super().base_query()
        return query if self._searched().get("day") else query.where(risk_areas.listed_on(today()))

    def figures(self) -> Sequence[Figure]:
        form, _declared = self.search_form()
        return _figures(form["day"].data if form.validate() else None)

    def toolbar(self) -> Sequence[Link]:
        links = list(super().toolbar())
        if account().role in EDITORS:
            links = [
                Link(gettext("导入官方名单"), url_for("RiskAreaFileView.official"), style="primary"),
                Link(gettext("表格导入"), url_for("RiskAreaFileView.sheet")),
                Link(gettext("下载模板"), url_for("RiskAreaFileView.template")),
                *links,
            ]
        return [*links, Link(gettext("名单记录"), url_for("RiskAreaListView.list"))]

    def detail_page(self, row: RiskArea, tab: str) -> DetailPage:  # noqa: ARG002 - one page has no tabs
        return DetailPage(
            title=row.published_name,
            status=Cell(label_text(row.level), tone=row.level.tone),
            sections=[Section(gettext("基本信息"), _facts(row))],
            table=(
                [Column("place", gettext("地点"), is_wide=True)],
                [Row(str(number), [Cell(place)]) for number, place in enumerate(row.places)],
            ),
            empty=EmptyState(gettext("没有写明具体地点")),
            links=[self.action_link(action, row) for action in self.usable_actions(row)],
            back=Link(gettext(SCREEN.title), url_for("RiskAreaView.list")),
        )


def _facts(row: RiskArea) -> list[Field]:
    return [
        Field(gettext("省"), row.province),
        Field(gettext("市"), row.city),
        Field(gettext("区县"), row.county),
        Field(gettext("对应地区"), _area(row).text),
        Field(gettext("生效时间"), moment_text(row.in_force_from)),
        Field(gettext("失效时间"), _until(row)),
        Field(gettext("来源"), label_text(row.risk_list.source)),
        Field(gettext("文件"), row.risk_list.file_name),
        Field(gettext("依据"), row.ground or "", is_wide=True),
    ]


def register(appbuilder: AppBuilder) -> None:
    """Add the screen."""
    ACTIONS.update(
        {
            "import_risk_areas": N_("导入风险地区名单"),
            "enter_risk_areas": N_("录入风险地区"),
            "end_risk_area": N_("结束风险地区"),
            "assign_risk_area": N_("指定风险地区对应的区县"),
        }
    )
    appbuilder.add_view(
        RiskAreaView(), "RiskAreaView", label=SCREEN.title, category="health", category_label=N_("健康码管理")
    )
