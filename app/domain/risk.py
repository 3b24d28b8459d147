"""Risk areas: how the lists grade a place."""

from app.domain.labels import N_, Labelled


class RiskLevel(Labelled):
    """How the lists grade a place, worst first."""

    HIGH = N_("高风险")
    MEDIUM = N_("中风险")
    LOW = N_("低风险")
