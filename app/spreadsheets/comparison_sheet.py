"""The sheet of 「数据对比」: any list in which columns that tell a person can be recognised, or are named by hand (Z-T12)."""

from dataclasses import replace

from app.domain.labels import N_
from app.spreadsheets.checks import day
from app.spreadsheets.columns import SheetColumn, SheetSpec
from app.spreadsheets.declarations import document_column, document_type_column, name_column, phone_column

COMPARED = SheetSpec(
    key="comparison",
    title=N_("数据对比"),
    columns=(
        replace(name_column(), is_expected=False),
        document_type_column(),
        document_column(N_("证件号"), type_key="document_type", is_expected=False),
        phone_column(N_("手机号"), is_expected=False),
        SheetColumn("birth_date", N_("出生日期"), ("出生年月日", "出生日", "生日"), day()),
    ),
)
