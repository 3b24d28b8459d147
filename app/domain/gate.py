"""Who passes a venue's gate, and in which colour (Z-S4, Z-S9, D4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.domain.colors import Color
from app.domain.quarantine import QuarantineStatus, is_breach, is_in_quarantine
from app.domain.returns import Assessment, QuarantinePolicy


@dataclass(frozen=True, kw_only=True)
class Tie:
    """A person's active tie, as seen from the gate: to this venue or another, of a kind that binds or not."""

    is_here: bool
    binds: bool
    status: QuarantineStatus
    since: date | None
    is_key_area: bool


@dataclass(frozen=True, kw_only=True)
class Passage:
    """What the gate records and shows."""

    color: Color
    is_refused: bool = False
    is_key_area: bool = False
    is_breach: bool = False


def needs_binding(*, venue_binds: bool, ties: Iterable[Tie]) -> bool:
    """Whether a scan here ties the person to the place: it is of a kind that binds, and nothing binds yet (D4)."""
    return venue_binds and not any(tie.is_here or tie.binds for tie in ties)


def judge(ties: Iterable[Tie], *, venue_binds: bool, today: date, policy: QuarantinePolicy) -> Passage:
    """The passage of a person with `ties`: refused where another compound is theirs, in the worst of their colours.

    The colour is the person's, not the place's: an obligation at one's compound shows at every gate, and whoever
    comes from a key area is red there from the first day (Z47), though the manager's row counts the days (Z-R1). An
    outing counts at compounds only, for people in quarantine are sent to isolation and test points.
    """
    known = tuple(ties)
    colors = {policy.color_of(tie.status, tie.since, today) for tie in known}
    is_key_area = any(tie.is_key_area and is_in_quarantine(tie.status) for tie in known)
    return Passage(
        color=policy.late_color if is_key_area else Color.worst(colors),
        is_refused=venue_binds and not any(tie.is_here for tie in known) and any(tie.binds for tie in known),
        is_key_area=is_key_area,
        is_breach=venue_binds and any(is_breach(tie.status) for tie in known),
    )


def judge_declared(assessment: Assessment, today: date, policy: QuarantinePolicy) -> Passage:
    """The passage of a person whom no compound knows yet: in the colour of what the form declares."""
    if assessment.is_key_area:
        return Passage(color=policy.late_color, is_key_area=True)
    return Passage(color=policy.color_of(assessment.status, assessment.since, today))


@dataclass(frozen=True, kw_only=True)
class Obligation:
    """Status, start and origin of a tie."""

    status: QuarantineStatus
    since: date | None
    is_key_area: bool


def after_declaration(present: Obligation, assessment: Assessment) -> Obligation:
    """The obligation after a new form: a form can add to it and never takes from it (Z-R2).

    A release stands for the journey it was given for; only a later arrival counts anew. A later arrival during
    quarantine moves its start.
    """
    if assessment.status is not QuarantineStatus.PENDING:
        return present
    is_later = present.since is None or (assessment.since is not None and assessment.since > present.since)
    if is_in_quarantine(present.status):
        status = QuarantineStatus.PENDING if present.status is QuarantineStatus.NOT_ARRIVED else present.status
        return Obligation(
            status=status,
            since=assessment.since if is_later else present.since,
            is_key_area=present.is_key_area or assessment.is_key_area,
        )
    if present.status is QuarantineStatus.RELEASED and not is_later:
        return present
    return Obligation(status=QuarantineStatus.PENDING, since=assessment.since, is_key_area=assessment.is_key_area)
