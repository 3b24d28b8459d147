"""Two people: who may agree to what somebody proposed (X3, X4)."""

from collections.abc import Container
from dataclasses import dataclass

from app.domain.areas import AreaLevel, lies_within
from app.domain.errors import DomainError
from app.domain.labels import N_
from app.domain.roles import Role

# So long whoever has chosen an account's phone counts as one person with it: by then its owner has missed it, or used it.
HANDED_OVER_DAYS = 7
_LEVELS = tuple(AreaLevel)


@dataclass(frozen=True)
class Officer:
    """An account as this rule sees it."""

    id: int
    role: Role | None
    area_code: str | None

    @property
    def rank(self) -> int:
        """The place of its level, the highest first; after all of them without one."""
        level = self.role.level if self.role else None
        return _LEVELS.index(level) if level else len(_LEVELS)


def check_second_person(
    proposer: Officer | None, decider: Officer, *, area_code: str, deciders: Container[Role]
) -> None:
    """Pass where `decider` may agree: somebody else, of a role that decides, at the same level or above, responsible
    for the area. Errors: role, area, own, level.
    """
    if decider.role is None or decider.role not in deciders:
        raise DomainError(N_("您的账号不能审批"), code="role")
    if decider.area_code is None or not lies_within(area_code, decider.area_code):
        raise DomainError(N_("不属于您的辖区，请由所属辖区的管理员审批"), code="area")
    if proposer is None:
        return
    if proposer.id == decider.id:
        raise DomainError(N_("不能审批自己提交的内容，请由另一人审批"), code="own")
    if decider.rank > proposer.rank:
        raise DomainError(N_("请由同级或上级管理员审批"), code="level")


def check_hands(*, is_handed_over: bool) -> None:
    """Pass unless one of the two has lately given the other's account its phone, with which it is used. Error: own_hands."""
    if is_handed_over:
        message = N_("提交人与审批人的账号近%(days)s天内由其中一人为另一人开通或更换手机号，请由第三人审批")
        raise DomainError(message, code="own_hands", days=HANDED_OVER_DAYS)
