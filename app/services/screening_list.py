"""What a screening list is (SPEC section 6); the lists themselves stand in lists.py.

A list is one `ScreeningList`; its import, screen, template and command follow from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from app.domain.documents import DocumentType
from app.domain.errors import DomainError
from app.domain.health import EvidenceKind
from app.domain.labels import N_, Labelled
from app.domain.risk import RiskLevel
from app.domain.roles import Role
from app.domain.screening import STATUSES, EntryOrigin, ScreeningKind, check_outcome, initial_status, outcomes
from app.models import EvidenceSource
from app.services.list_dispatch import DispatchRule, FilterRule, Values, document_type_of_row
from app.spreadsheets.columns import SheetSpec

Roles = frozenset[Role]
IMPORT_LABEL = N_("导入")


@dataclass(frozen=True, kw_only=True)
class Category:
    """What a list is divided by: 类别 chosen for a whole file, or read from each row by `of_row`."""

    label: str
    choices: type[Labelled]
    of_row: Callable[[Values], Labelled | None] | None = None
    # What a reporter's file is of, where nobody chooses.
    of_reporter: Mapping[Role, Labelled] | None = None

    def label_of(self, name: str | None) -> str:
        """The text of the member that a row holds, empty for none."""
        return self.choices[name].label if name and name in self.choices.__members__ else ""


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """「已接收」: the one press by which a team takes a new row over (Z-T8)."""

    label: str
    roles: Roles
    status: Labelled


@dataclass(frozen=True)
class ListEvidence:
    """What each row of a list, or each in `status`, is evidence of from the day that it is listed on (issue 2.1).

    Where rows of different categories are evidence of different kinds, `by_category` says of which.
    """

    kind: EvidenceKind | None = None
    level: RiskLevel | None = None
    status: Labelled | None = None
    # The status that ends what a negative test disproves, by the rules in force.
    disproves: Labelled | None = None
    by_category: Mapping[Labelled, EvidenceKind] = field(default_factory=dict)
    # However few a file colours: it waits for a second person (X3).
    must_wait: bool = False
    # What the person and the office read as its source.
    source: EvidenceSource = EvidenceSource.LIST_ROW

    def kind_of(self, category: str | None) -> EvidenceKind:
        """What a row of that category is evidence of."""
        found = next((kind for member, kind in self.by_category.items() if member.name == category), self.kind)
        if found is None:
            raise ValueError(f"a row of the category {category!r} is evidence of nothing")
        return found


@dataclass(frozen=True, kw_only=True)
class ScreeningList:
    """One list: its sheet, who imports, reads and edits it, how its rows are dispatched, and what its screen shows.

    `columns` are keys of the sheet; their titles are the screen's labels. `listed_on` is the column whose day the
    list is searched by. `evidence` makes its import colour people, through the guard of mass changes (X4).
    """

    kind: ScreeningKind
    keys: tuple[str, ...]
    sheet: SheetSpec
    readers: Roles
    editors: Roles
    dispatch: DispatchRule
    columns: tuple[str, ...]
    importers: Roles = frozenset()
    # Who adds and corrects rows by hand, and what that makes of them.
    creators: Roles = frozenset()
    created_as: EntryOrigin = EntryOrigin.MANUAL
    # The list whose rows are shown, where this is another view of them: those that came by `created_as`.
    rows_of: ScreeningKind | None = None
    # Who sees nothing of the list but what waits for its district.
    tray: Roles = frozenset()
    category: Category | None = None
    receipt: Receipt | None = None
    # Outcomes of a role, where not everybody has the same; and what each means, said where it is chosen.
    outcomes_of: Mapping[Role, tuple[Labelled, ...]] | None = None
    explanations: Mapping[Labelled, str] | None = None
    # The status of a row that a sheet tells, by its text; the first status where it tells none.
    status_key: str | None = None
    arrived_key: str | None = None
    # The column that names where a row goes: an unknown name in it may be explained by hand.
    place_key: str | None = None
    # What the screen asks about the person: their risk, or how they stand in compound management.
    shows_risk: bool = False
    shows_residency: bool = False
    has_attention: bool = False
    by_area: bool = False
    is_two_part: bool = False
    # Whether it is a list of people to be screened, which statistics and 待办 count.
    is_inquiry: bool = True
    enters: FilterRule | None = None
    evidence: ListEvidence | None = None
    listed_on: str = "listed_on"
    # The columns of the person that have a search field each; one 关键字 for all of them where none are named.
    searched_by: tuple[str, ...] = ()
    # What empties the search, where the manual has a word of its own for it.
    clear_label: str = N_("清除")
    import_label: str = IMPORT_LABEL
    edit_label: str = N_("编辑")
    status_label: str = N_("状态")
    screened_label: str = N_("已反馈")
    unscreened_label: str = N_("未反馈")
    lead: str = ""

    @property
    def key(self) -> str:
        """The word by which commands and addresses name this list."""
        return self.keys[0]

    @property
    def title(self) -> str:
        return self.kind.label

    @property
    def row_kind(self) -> ScreeningKind:
        """The kind that this list's rows carry."""
        return self.rows_of or self.kind

    @cached_property
    def particulars(self) -> tuple[str, ...]:
        """The sheet's columns that are kept together in one ciphertext."""
        return tuple(c.key for c in self.sheet.columns if c.key not in OWN_COLUMNS or c.key == "document_type")

    def title_of(self, key: str) -> str:
        """The title of a column that the screen shows: the sheet's, or one of every row's own."""
        return ROW_COLUMNS.get(key) or self.sheet.column(key).title

    def document_type(self, values: Values) -> DocumentType:
        """The kind of a row's document: as its sheet names it, else by the number's look."""
        return document_type_of_row(values)

    @property
    def users(self) -> Roles:
        """Everybody who opens the list's screen."""
        return self.readers | self.tray

    def outcomes_for(self, role: Role | None) -> tuple[Labelled, ...]:
        """The statuses that `role` may choose, in the order of the drop-down; None is the system."""
        if role is None or self.outcomes_of is None:
            return outcomes(self.row_kind)
        return self.outcomes_of.get(role, ())

    def check_outcome(self, current: Labelled, new: Labelled, role: Role | None) -> None:
        """Pass when `role` may take a row from `current` to `new`. Errors: outcome, outcome_final, not_received."""
        if self.receipt and role in self.receipt.roles and current is initial_status(self.row_kind):
            raise DomainError(N_("请先点击「已接收」，再编辑状态"), code="not_received")
        check_outcome(self.row_kind, current, new, self.outcomes_for(role))

    def category_of(self, values: Values) -> str | None:
        """The name of the category that a row's values tell, None where they do not."""
        found = self.category.of_row(values) if self.category and self.category.of_row else None
        return found.name if found else None

    def file_category(self, chosen: str | None, role: Role | None) -> str | None:
        """The category of a whole file: the chosen one, else that of its reporter. Error: category."""
        if self.category is None or self.category.of_row is not None:
            return None
        if chosen:
            if chosen not in self.category.choices.__members__:
                raise DomainError(N_("请选择所属分类"), code="category", field="category")
            return chosen
        found = (self.category.of_reporter or {}).get(role) if role else None
        return found.name if found else None

    def status_of(self, values: Values) -> str | None:
        """The name of the status that a row's sheet tells, None for the first one."""
        text = values.get(self.status_key) if self.status_key else None
        found = next((s for s in STATUSES[self.row_kind] if s.label == text), None) if text else None
        return found.name if found else None

    def check_importer(self, role: Role | None) -> None:
        """Pass for a role that imports this list. Error: role."""
        if role not in self.importers:
            raise DomainError(N_("您的账号不能导入「%(list)s」"), code="role", list=self.title)


# Columns that every entry has of its own; a sheet's other columns are its particulars.
ROW_COLUMNS = {"created_at": N_("上报时间")}
OWN_COLUMNS = frozenset({"listed_on", "name", "document_type", "document_number", "phone", "remark"})
