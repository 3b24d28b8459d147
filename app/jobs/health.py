"""The health code by the clock: rules that begin, proposals that lapse, ends that go on record."""

from __future__ import annotations

from app import clock
from app.access import everything
from app.services import evidence, health_colors, rule_changes


def follow_rules() -> None:
    """Everybody's colour is by the rules in force; a second run finds nothing to do."""
    with everything("rules hold for everybody"):
        rule_changes.follow()


def lapse_unapproved() -> None:
    """No proposal is older than its deadline; a second run finds nothing to do."""
    with everything("proposals of anybody"):
        evidence.lapse_unapproved(clock.now())


def settle_expired() -> None:
    """Colours that have ended are on record; they were over for everybody the moment they ended."""
    with everything("colours of anybody"):
        health_colors.settle_expired()
