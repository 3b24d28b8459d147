"""「疾控推送名单」: whom disease control, hospitals and pharmacies report; what each row is evidence of (issue 2.1, F-P2)."""

from __future__ import annotations

from app.domain.health import EvidenceKind
from app.domain.labels import N_
from app.domain.roles import Role
from app.domain.screening import DiseaseControlCategory, ScreeningKind
from app.services.list_dispatch import Values, to_residence
from app.services.screening_list import Category, ListEvidence, ScreeningList
from app.spreadsheets import declarations_people

_READERS = frozenset({Role.CITY_ADMIN, Role.DISTRICT_ADMIN})


def _category_of(values: Values) -> DiseaseControlCategory | None:
    return DiseaseControlCategory.from_label(str(values.get("category")))


DISEASE_CONTROL = ScreeningList(
    kind=ScreeningKind.DISEASE_CONTROL,
    keys=("disease_control", "contacts"),
    sheet=declarations_people.DISEASE_CONTROL,
    importers=_READERS | {Role.MEDICAL_INSTITUTION},
    readers=_READERS,
    editors=_READERS,
    dispatch=to_residence,
    place_key="target_district",
    columns=("listed_on", "name", "document_number", "phone", "institution"),
    category=Category(label=N_("人员类别"), choices=DiseaseControlCategory, of_row=_category_of),
    evidence=ListEvidence(
        by_category={category: EvidenceKind[category.name] for category in DiseaseControlCategory}, must_wait=True
    ),
    lead=N_(
        "由疾控、医疗机构和药店上报病例、密切接触者和购药人员，按住处下发。名单中的人员会被赋码，每次导入都须另一人批准后生效。"
    ),
)
