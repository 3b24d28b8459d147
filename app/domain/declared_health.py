"""What an applicant for a health code says about home and health (Z-H1). The manual names the questions, the answers are ours."""

from app.domain.labels import N_, Labelled


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
