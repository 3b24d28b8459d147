"""The sheet by which many accounts are opened at once (Z-A7): what it asks depends on whom the reader appoints."""

from collections.abc import Iterator
from functools import lru_cache

from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.venues import VenueFamily
from app.spreadsheets.checks import choice, name, phone, text
from app.spreadsheets.columns import SheetColumn, SheetSpec
from app.spreadsheets.declarations import NAME_SYNONYMS, PHONE_SYNONYMS

_LONGEST_NAME = 30


@lru_cache(maxsize=32)
def account_sheet(roles: frozenset[Role]) -> SheetSpec:
    """The sheet for accounts of `roles`; a blank role is the only one, or a compound manager's where compounds stand."""
    return SheetSpec("accounts", N_("账号"), tuple(_columns(roles)), identity=("phone",))


def _columns(roles: frozenset[Role]) -> Iterator[SheetColumn]:
    named = [role.label for role in Role if role in roles]
    yield SheetColumn("phone", N_("手机号"), (*PHONE_SYNONYMS, "账号"), phone(), True, True, 16, "13800138000")
    called = name(_LONGEST_NAME)
    yield SheetColumn("name", N_("姓名"), (*NAME_SYNONYMS, "管理员姓名"), called, True, True, 12, "何晓明")
    yield SheetColumn("role", N_("角色"), ("账号角色",), choice(*named), width=16, example=named[0] if named else "")
    if roles - {Role.COMPOUND_ADMIN}:
        areas = ("区域", "所属区域", "行政区划")
        yield SheetColumn("area", N_("管辖区域"), areas, text(80), width=24, example="金水区花园路街道")
    if Role.SECTOR_ADMIN in roles:
        kinds = choice(*(kind.label for kind in VenueFamily.SECTOR.kinds))
        yield SheetColumn("sector", N_("行业"), ("所属行业",), kinds, width=12)
    if Role.COMPOUND_ADMIN in roles:
        compounds = ("小区", "管理小区", "所属小区")
        yield SheetColumn("compounds", N_("小区名称"), compounds, text(500), width=30, example="阳光小区、月亮小区")
