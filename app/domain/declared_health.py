"""What an applicant for a health code says about home and health (Z-H1). The manual names the questions, the answers are ours."""

from dataclasses import dataclass
from datetime import date

from app.domain.health import EvidenceKind
from app.domain.labels import N_, Labelled
from app.domain.returns import ReturnDeclaration
from app.domain.risk import RiskLevel


class ResidenceType(Labelled):
    """居住类型: how the applicant lives in the city."""

    OWN_HOME = N_("自有住房")
    RENTED_HOME = N_("租赁住房")
    DORMITORY = N_("单位宿舍")
    WITH_RELATIVES = N_("亲友家中")
    HOTEL = N_("宾馆酒店")
    OTHER = N_("其他")


class HealthCondition(Labelled):
    """当前健康状况."""

    WELL = N_("健康")
    FEVER = N_("发热")
    DRY_COUGH = N_("干咳")
    FATIGUE = N_("乏力")
    SHORT_OF_BREATH = N_("呼吸困难")
    OTHER_SYMPTOMS = N_("其他不适")

    @property
    def is_risky(self) -> bool:
        """Whether it is a symptom, which the rules of the colour weigh."""
        return self is not HealthCondition.WELL


@dataclass(frozen=True)
class DeclaredFact:
    """What a form declares that the rules of the colour may weigh; None as a day stands for the moment of the form."""

    kind: EvidenceKind
    since: date | None = None
    level: RiskLevel | None = None


def declared_facts(
    condition: HealthCondition,
    declaration: ReturnDeclaration,
    *,
    has_contact: bool,
    origin_level: RiskLevel | None,
) -> tuple[DeclaredFact, ...]:
    """Return what follows from a form (issue 2.1): symptoms or contact, an origin of risk, an arrival from abroad."""
    found = []
    if condition.is_risky or has_contact:
        found.append(DeclaredFact(EvidenceKind.SELF_DECLARED))
    if declaration.is_from_abroad:
        found.append(DeclaredFact(EvidenceKind.OVERSEAS_ARRIVAL, declaration.arrival_date))
    elif origin_level in (RiskLevel.HIGH, RiskLevel.MEDIUM):
        found.append(DeclaredFact(EvidenceKind.RISK_AREA_ARRIVAL, declaration.arrival_date, origin_level))
    return tuple(found)
