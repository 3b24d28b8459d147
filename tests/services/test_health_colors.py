"""A colour is what the evidence in force comes to (Z-H2, X1, issue 2.1)."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from app import clock
from app.domain.colors import Color
from app.domain.health import EvidenceKind
from app.models import EvidenceSource
from app.services import evidence, health_colors
from app.services.audit import SYSTEM
from tests.health import known


def test_evidence_colors_at_once_and_its_end_gives_green(app: Flask) -> None:
    new = known(EvidenceKind.POSITIVE_TEST)
    row = evidence.bring(new, actor=SYSTEM)
    found = health_colors.color_of(new.document_index, clock.now())
    assert found.color is Color.RED
    assert found.reasons[0].sentence.zh == "您的核酸检测结果为阳性。"
    evidence.end(row.id, reason="检测有误", actor=SYSTEM)
    assert health_colors.color_of(new.document_index, clock.now()).color is Color.GREEN


def test_nothing_has_to_run_for_a_color_to_end(app: Flask) -> None:
    new = known(EvidenceKind.CLOSE_CONTACT)
    evidence.bring(new, actor=SYSTEM)
    moment = clock.now()
    found = health_colors.color_of(new.document_index, moment)
    assert found.changes_at is not None and found.color is Color.RED
    assert health_colors.color_of(new.document_index, found.changes_at).color is Color.GREEN
    assert health_colors.color_of(new.document_index, found.changes_at - timedelta(seconds=1)).color is Color.RED


def test_the_same_row_brings_its_evidence_once(app: Flask) -> None:
    new = known(EvidenceKind.OVERSEAS_ARRIVAL, source_kind=EvidenceSource.SCAN, source_id=7)
    assert evidence.bring(new, actor=SYSTEM).id == evidence.bring(new, actor=SYSTEM).id
