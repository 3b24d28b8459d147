"""Areas of our own beside the official ones: added, named anew, ended; within the area of whoever does it (Z-A1, D17)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from app import clock
from app.access import current_scope
from app.domain.area_moves import ADDABLE, free_code
from app.domain.areas import AreaLevel, area_level
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.text import without_blanks
from app.extensions import db
from app.models import Account, Area, FormerAreaCode, Venue
from app.services import area_tree, audit
from app.services.audit import Actor
from app.services.transaction import transactional

_MOST_ALIASES = 20


def find(code: str) -> Area:
    """Return the area of `code` in the scope in hand. Errors: area_unknown, area_outside."""
    found = db.session.get(Area, code)
    if found is None or found.ended_at is not None:
        raise DomainError(N_("没有这个区划，或已停用"), code="area_unknown", field="target")
    if not current_scope().covers(code):
        raise DomainError(N_("只能操作管辖范围内的区划"), code="area_outside", field="target")
    return found


def taken_codes(parent: str) -> set[str]:
    """Return the codes below `parent` that an area has or had."""
    below, former = Area.__table__.c.code, FormerAreaCode.__table__.c.code
    return {
        code
        for column in (below, former)
        for code in db.session.execute(select(column).where(column.startswith(parent))).scalars()
    }


@transactional
def add(parent_code: str, name: str, aliases: Sequence[str], *, actor: Actor) -> Area:
    """Return the new area below `parent_code`. Errors: those of `find`; area_level, area_name, area_named, no_free_code."""
    parent = find(parent_code)
    levels = list(AreaLevel)
    position = levels.index(area_level(parent.code)) + 1
    if position >= len(levels) or levels[position] not in ADDABLE:
        raise DomainError(N_("请选择市、区县或街道作为上级区划"), code="area_level", field="target")
    level = levels[position]
    code = free_code(parent.code, taken_codes(parent.code))
    area = Area(code=code, level=level.name.lower(), parent_code=parent.code)
    area.name, area.aliases = _checked(name, aliases, of=area)
    db.session.add(area)
    db.session.flush()
    changes = {"name": [None, area.name], "aliases": "、".join(area.aliases)}
    audit.record(actor, "area.add", subject=code, subject_type="area", area_code=code, changes=changes)
    area_tree.changed()
    return area


@transactional
def edit(code: str, name: str, aliases: Sequence[str], *, actor: Actor) -> None:
    """The area is called `name`; sheets may call it by `aliases` too. Errors: those of `find`; area_name, area_named."""
    area = find(code)
    before = area.name, "、".join(area.aliases)
    area.name, area.aliases = _checked(name, aliases, of=area)
    changes = {"name": [before[0], area.name], "aliases": [before[1], "、".join(area.aliases)]}
    audit.record(actor, "area.edit", subject=code, subject_type="area", area_code=code, changes=changes)
    area_tree.changed()


@transactional
def end(code: str, *, actor: Actor) -> None:
    """Nothing new goes to the area; what is on record keeps its name. Errors: those of `find`; area_not_empty."""
    area = find(code)
    if area_level(code) not in ADDABLE:
        raise DomainError(N_("省和市不能停用"), code="area_level")
    below = select(func.count()).select_from(Area).where(Area.parent_code == code, Area.ended_at.is_(None))
    venues = select(func.count()).select_from(Venue).where(Venue.area_code == code, Venue.closed_at.is_(None))
    people = select(func.count()).select_from(Account).where(Account.area_code == code, Account.active)
    if any(db.session.execute(query).scalar_one() for query in (below, venues, people)):
        message = N_("该区划下还有下级区划、场所或账号，请先移走、关闭或停用")
        raise DomainError(message, code="area_not_empty")
    area.ended_at = clock.now()
    audit.record(actor, "area.end", subject=code, subject_type="area", area_code=code, changes={"name": area.name})
    area_tree.changed()


def _checked(name: str, aliases: Sequence[str], *, of: Area) -> tuple[str, list[str]]:
    """Return both without blanks and doubles, unless another area beside this one is called so already."""
    own = without_blanks(name)
    if not own:
        raise DomainError(N_("请填写区划名称"), code="area_name", field="name")
    others = [text for text in dict.fromkeys(map(without_blanks, aliases)) if text and text != own][:_MOST_ALIASES]
    beside = select(Area).where(Area.parent_code == of.parent_code, Area.code != of.code, Area.ended_at.is_(None))
    for neighbour in db.session.execute(beside).scalars():
        called = {without_blanks(text) for text in (neighbour.name, *neighbour.aliases)}
        for field, texts in (("name", [own]), ("aliases", others)):
            if called & set(texts):
                message = N_("同级的 %(name)s 已使用这个名称")
                raise DomainError(message, code="area_named", field=field, name=neighbour.name)
    return own, others
