"""The health code's tables: evidence, the colours that follow from it, rules, mass changes (issue 2.1, 2.3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.colors import Color
from app.domain.documents import DocumentType
from app.domain.health import EvidenceKind, Fact
from app.domain.labels import N_, Labelled
from app.domain.masking import mask_document, mask_name
from app.domain.risk import RiskLevel
from app.domain.roles import Role
from app.extensions import db
from app.models.base import AreaScoped
from app.models.encryption import EncryptedText
from app.models.types import BigId, EnumByName, Json, UtcDateTime

_INDEX = LargeBinary(16)


class EvidenceSource(Labelled):
    """Where evidence comes from; `source_id` is that row's number."""

    LIST_ROW = N_("名单")
    SCAN = N_("扫码申报")
    TEST = N_("核酸检测")
    CLINIC_VISIT = N_("就诊记录")
    DECLARATION = N_("本人申报")
    RELATIVE = N_("家人申报")
    RISK_AREA = N_("风险地区名单")
    COMPOUND = N_("小区封控")
    MANUAL = N_("人工录入")

    @property
    def is_list(self) -> bool:
        """Whether `source_id` is the number of a screening list's row: a test's and a visit's are such rows too."""
        return self in (EvidenceSource.LIST_ROW, EvidenceSource.TEST, EvidenceSource.CLINIC_VISIT)


class EvidenceState(Labelled):
    """Only IN_FORCE and APPROVED colour anybody; WAITING is part of a mass change that waits for a second person."""

    IN_FORCE = N_("生效")
    PROPOSED = N_("待审批")
    APPROVED = N_("已批准")
    REJECTED = N_("已驳回")
    LAPSED = N_("已失效")
    WAITING = N_("待批准导入")
    RETRACTED = N_("已撤回")

    @property
    def counts(self) -> bool:
        """Whether evidence in this state colours its person."""
        return self in (EvidenceState.IN_FORCE, EvidenceState.APPROVED)


class Evidence(AreaScoped, db.Model):
    """One reason to colour one person, whether registered or not. `area_code` and `owner_role` say who answers for it.

    `ends_at` is its own end, which came with it; the rules' days may end it earlier. `ended_at` is when somebody ended
    it, with the reason.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        Index(None, "document_index"),
        Index(None, "area_code", "id"),
        Index(None, "state", "approve_by"),
        Index(None, "brought_by_id", "source_kind", "created_at"),
        Index(None, "batch_id"),
        Index(None, "change_set_id"),
        Index(None, "ending_change_set_id"),
        # The same row brings the same evidence once, however often its job runs.
        Index(
            "uq_evidence_source",
            "source_kind",
            "source_id",
            "kind",
            unique=True,
            sqlite_where=text("state = 'IN_FORCE'"),
            postgresql_where=text("state = 'IN_FORCE'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    document_index: Mapped[bytes] = mapped_column(_INDEX)
    document_type: Mapped[DocumentType] = mapped_column(EnumByName(DocumentType))
    document_number: Mapped[str] = mapped_column(EncryptedText("evidence.document_number"))
    name: Mapped[str] = mapped_column(String(64))
    kind: Mapped[EvidenceKind] = mapped_column(EnumByName(EvidenceKind))
    level: Mapped[RiskLevel | None] = mapped_column(EnumByName(RiskLevel))
    source_kind: Mapped[EvidenceSource] = mapped_column(EnumByName(EvidenceSource))
    source_id: Mapped[int | None] = mapped_column(BigInteger)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    change_set_id: Mapped[int | None] = mapped_column(ForeignKey("change_set.id"))
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_reason: Mapped[str | None] = mapped_column(String(200))
    ending_change_set_id: Mapped[int | None] = mapped_column(ForeignKey("change_set.id"))
    owner_role: Mapped[Role] = mapped_column(EnumByName(Role))
    brought_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # By hand only (X3): the legal ground's key in the profile, what its proposer writes, who else agreed.
    ground: Mapped[str | None] = mapped_column(String(60))
    text: Mapped[str | None] = mapped_column(String(1000))
    state: Mapped[EvidenceState] = mapped_column(EnumByName(EvidenceState))
    approve_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_reason: Mapped[str | None] = mapped_column(String(500))

    @property
    def fact(self) -> Fact:
        """The evidence as rules see it."""
        ends = [moment for moment in (self.ends_at, self.ended_at) if moment]
        return Fact(
            kind=self.kind,
            began_at=self.began_at,
            ends_at=min(ends, default=None),
            level=self.level,
            key=self.id,
        )

    @property
    def masked_name(self) -> str:
        return mask_name(self.name)

    @property
    def masked_document(self) -> str:
        return mask_document(self.document_number)


class HealthState(db.Model):
    """What a person's evidence comes to under one version of the rules, now and from here on; no row is green.

    `color` holds until `changes_at`, then `timeline` ([until, color] in order, the last without an end) tells, so that
    nothing has to run for a colour to end. `reasons` are [rule, evidence id, began, ends].
    """

    __tablename__ = "health_state"
    __table_args__ = (Index(None, "changes_at"), Index(None, "rules_version", "document_index"))

    document_index: Mapped[bytes] = mapped_column(_INDEX, primary_key=True)
    color: Mapped[Color] = mapped_column(EnumByName(Color))
    changes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    timeline: Mapped[list[list[str | None]]] = mapped_column(Json)
    reasons: Mapped[list[list[Any]]] = mapped_column(Json)
    rules_version: Mapped[str] = mapped_column(String(40))
    evaluated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ColorCause(Labelled):
    """What changed a colour."""

    EVIDENCE = N_("依据变化")
    EXPIRY = N_("依据到期")
    RULES = N_("规则变化")
    CHANGE_SET = N_("批量变更")


class ColorChange(db.Model):
    """A colour that a person had until `changed_at`, and the one from then on. `cause_id` is of the cause's kind."""

    __tablename__ = "color_change"
    __table_args__ = (Index(None, "document_index", "changed_at"), Index(None, "cause", "cause_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    document_index: Mapped[bytes] = mapped_column(_INDEX)
    from_color: Mapped[Color] = mapped_column(EnumByName(Color))
    to_color: Mapped[Color] = mapped_column(EnumByName(Color))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cause: Mapped[ColorCause] = mapped_column(EnumByName(ColorCause))
    cause_id: Mapped[int | None] = mapped_column(BigInteger)
    rules_version: Mapped[str] = mapped_column(String(40))


class RuleState(Labelled):
    """A version of the rules: proposed by one, in force by another's approval."""

    PROPOSED = N_("待审批")
    APPROVED = N_("已批准")
    REJECTED = N_("已驳回")
    WITHDRAWN = N_("已撤回")


class RuleVersion(db.Model):
    """Rules as data. Of the approved ones that have begun, the latest is in force. The first is the profile's own."""

    __tablename__ = "rule_version"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    version: Mapped[str] = mapped_column(String(40), unique=True)
    in_force_from: Mapped[datetime] = mapped_column(UtcDateTime)
    rules: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    state: Mapped[RuleState] = mapped_column(EnumByName(RuleState))
    change_set_id: Mapped[int | None] = mapped_column(ForeignKey("change_set.id"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ChangeCause(Labelled):
    """What would change many colours at once; `cause_id` is the number of the batch, version or risk-area list."""

    IMPORT = N_("名单导入")
    RULES = N_("规则变更")
    RISK_AREAS = N_("风险地区变更")
    COMPOUND = N_("小区封控")
    OTHER = N_("其他")


class ChangeSetState(Labelled):
    """WAITING for a second person; APPROVED and about to be applied; APPLIED, at once where it was small."""

    WAITING = N_("待批准")
    APPROVED = N_("已批准")
    APPLIED = N_("已生效")
    REJECTED = N_("已驳回")
    ROLLED_BACK = N_("已撤回")


class ChangeSet(AreaScoped, db.Model):
    """A change of many colours (X4). `counts` is persons by "GREEN>RED"; `sample` a few of them, masked."""

    __tablename__ = "change_set"
    __table_args__ = (
        Index(None, "state", "area_code", "id"),
        Index(None, "proposed_by_id", "proposed_at"),
        Index(None, "cause", "cause_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    cause: Mapped[ChangeCause] = mapped_column(EnumByName(ChangeCause))
    cause_id: Mapped[int | None] = mapped_column(BigInteger)
    title: Mapped[str] = mapped_column(String(200))
    state: Mapped[ChangeSetState] = mapped_column(EnumByName(ChangeSetState))
    counts: Mapped[dict[str, int]] = mapped_column(Json)
    sample: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    changed: Mapped[int]
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_reason: Mapped[str | None] = mapped_column(String(500))
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rolled_back_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    rolled_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
