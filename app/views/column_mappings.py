"""「列对应关系」: what was said about the columns of files and the texts in them, to be seen and to be forgotten."""

from __future__ import annotations

from typing import Any

from flask_appbuilder import AppBuilder
from flask_babel import gettext
from sqlalchemy import Select, select

from app.domain.labels import N_
from app.domain.roles import Role
from app.models import ColumnMapping
from app.services import column_mappings, comparisons, value_mappings
from app.services.audit import Actor
from app.services.lists import LISTS
from app.spreadsheets.columns import SheetSpec
from app.spreadsheets.comparison_sheet import COMPARED
from app.views.audit_trail import SUBJECTS
from app.views.declarations import ListColumn, RowAction, Screen
from app.views.format import moment_text
from app.views.identity import account
from app.views.operation_log import ACTIONS, FIELDS
from app.views.screen_view import ScreenView

_SPECS: dict[str, tuple[str, SheetSpec, frozenset[Role]]] = {
    **{declared.key: (declared.title, declared.sheet, declared.importers) for declared in LISTS if declared.importers},
    COMPARED.key: (COMPARED.title, COMPARED, comparisons.COMPARERS),
}
USERS: frozenset[Role] = frozenset().union(*(roles for _title, _spec, roles in _SPECS.values()))


def _query() -> Select[Any]:
    role = account().role
    own = [key for key, (_title, _spec, roles) in _SPECS.items() if role in roles]
    return select(ColumnMapping).where(ColumnMapping.list_key.in_(own))


def _list_title(row: ColumnMapping) -> str:
    return gettext(_SPECS[row.list_key][0])


def _header(row: ColumnMapping) -> str:
    if row.field:
        meaning = value_mappings.explained_in(row)
        return f"{gettext(_SPECS[row.list_key][1].column(meaning.field).title)}：{meaning.text}"
    return gettext("、").join(title for title in column_mappings.told(row).header if title)


def _columns(row: ColumnMapping) -> str:
    if row.field:
        meaning = value_mappings.explained_in(row)
        return f"{meaning.text} → {gettext(meaning.target)}"
    spec = _SPECS[row.list_key][1]
    told = column_mappings.told(row).columns
    pairs = [f"{told[column.key]} → {gettext(column.title)}" for column in spec.columns if column.key in told]
    return gettext("；").join(pairs)


def _forget(row: ColumnMapping, _form: Any, actor: Actor) -> None:
    column_mappings.forget(row, actor=actor)


SCREEN = Screen(
    title=N_("列对应关系"),
    roles=USERS,
    query=_query,
    order=(ColumnMapping.id,),
    columns=(
        ListColumn("list", N_("名单"), _list_title),
        ListColumn("kind", N_("类型"), lambda row: gettext("取值") if row.field else gettext("列")),
        ListColumn("header", N_("文件表头或取值"), _header),
        ListColumn("columns", N_("对应关系"), _columns),
        ListColumn("updated_at", N_("更新时间"), lambda row: moment_text(row.updated_at), kind="datetime"),
    ),
    subject=_list_title,
    actions=(
        RowAction(
            "forget",
            N_("删除"),
            _forget,
            USERS,
            done=N_("已删除，下次遇到时会再次询问"),
            confirm=N_("删除后，下次遇到这种表头或取值的文件需要重新选择。确定删除吗？"),
            style="danger",
        ),
    ),
    lead=N_("无法识别的表头和取值（如区县名称、检测结果），只需选择一次；以后的文件会自动对应。"),
    empty_title=N_("没有列对应关系"),
    empty_hint=N_("为无法识别的表头选择列，或为无法识别的取值选择对应内容后，会出现在这里。"),
    export_name="column_mappings",
    has_detail=False,
)


class ColumnMappingView(ScreenView):
    """The mappings of one's own lists."""

    route_base = "/column-mappings"
    screen = SCREEN


def register(appbuilder: AppBuilder) -> None:
    """Add the screen."""
    ACTIONS.update(
        {
            "remember_columns": N_("选择列"),
            "remember_value": N_("选择取值对应"),
            "forget_columns": N_("删除列对应关系"),
        }
    )
    FIELDS["target"] = N_("对应内容")
    SUBJECTS["column_mapping"] = N_("列对应关系")
    appbuilder.add_view(
        ColumnMappingView(),
        "ColumnMappingView",
        label=SCREEN.title,
        category="screening",
        category_label=N_("任务排查"),
    )
