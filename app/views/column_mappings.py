"""「列对应关系」: what was said about the columns of files, to be seen and to be forgotten."""

from __future__ import annotations

from typing import Any

from flask_appbuilder import AppBuilder
from flask_babel import gettext
from sqlalchemy import Select, select

from app.domain.labels import N_
from app.domain.roles import Role
from app.models import ColumnMapping
from app.services import column_mappings, comparisons
from app.services.audit import Actor
from app.services.lists import LISTS
from app.spreadsheets.columns import SheetSpec
from app.spreadsheets.comparison_sheet import COMPARED
from app.views.audit_trail import SUBJECTS
from app.views.declarations import ListColumn, RowAction, Screen
from app.views.format import moment_text
from app.views.identity import account
from app.views.operation_log import ACTIONS
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
    return gettext("、").join(title for title in column_mappings.told(row).header if title)


def _columns(row: ColumnMapping) -> str:
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
        ListColumn("header", N_("文件表头"), _header),
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
            done=N_("已删除，下次遇到这种表头会再次询问"),
            confirm=N_("删除后，下次上传这种表头的文件需要重新选择列。确定删除吗？"),
            style="danger",
        ),
    ),
    lead=N_("表头无法识别的文件，只需选择一次列；相同表头的文件以后会自动对应。"),
    empty_title=N_("没有列对应关系"),
    empty_hint=N_("上传表头无法识别的文件并选择列后，会出现在这里。"),
    export_name="column_mappings",
    has_detail=False,
)


class ColumnMappingView(ScreenView):
    """The mappings of one's own lists."""

    route_base = "/column-mappings"
    screen = SCREEN


def register(appbuilder: AppBuilder) -> None:
    """Add the screen."""
    ACTIONS.update({"remember_columns": N_("选择列"), "forget_columns": N_("删除列对应关系")})
    SUBJECTS["column_mapping"] = N_("列对应关系")
    appbuilder.add_view(
        ColumnMappingView(),
        "ColumnMappingView",
        label=SCREEN.title,
        category="screening",
        category_label=N_("任务排查"),
    )
