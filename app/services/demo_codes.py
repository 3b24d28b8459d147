"""The demo city's checkpoints and team in Beijing, and codes of every sector that wait for activation. All invented."""

from __future__ import annotations

from datetime import datetime
from random import Random

from app.domain.codes import BatchProgress
from app.domain.sectors import SECTORS, CodeState
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import Account, CodeBatch, Venue
from app.services.venues import new_code

_SEED = 410173
_PLACES = (
    (VenueKind.AIRPORT, "郑州新郑国际机场", "410173"),
    (VenueKind.HIGH_SPEED_STATION, "郑州东站", "410174"),
    (VenueKind.RAILWAY_STATION, "郑州火车站", "410103"),
    (VenueKind.FORWARD_TEAM, "北京专班", "4101"),
)
_STATES = (CodeState.HANDED_OUT, CodeState.HANDED_OUT, CodeState.GENERATED)


def load(owner: Account, moment: datetime) -> None:
    """Add them to the session in hand."""
    random = Random(_SEED)  # noqa: S311 - a demo's codes are known to everybody
    stamps = {"created_at": moment, "updated_at": moment}
    for kind, name, area_code in _PLACES:
        code = new_code(kind, choose=random.choice)
        db.session.add(Venue(kind=kind, name=name, area_code=area_code, code=code, **stamps))
    for kind in SECTORS:
        batch = CodeBatch(
            kind=kind,
            size=len(_STATES),
            made=len(_STATES),
            state=BatchProgress.FINISHED,
            remark="演示批次",
            area_code=owner.area_code or "",
            created_by_id=owner.id,
            heartbeat_at=moment,
            finished_at=moment,
            **stamps,
        )
        db.session.add(batch)
        db.session.flush()
        db.session.add_all(_codes(batch, random, moment))


def _codes(batch: CodeBatch, random: Random, moment: datetime) -> list[Venue]:
    return [
        Venue(
            kind=batch.kind,
            code=new_code(batch.kind, choose=random.choice),
            name=f"{batch.kind.label}{batch.id}-{number:05d}",
            area_code=batch.area_code,
            code_state=state,
            batch=batch,
            batch_number=number,
            handed_out_to="演示领取人" if state is CodeState.HANDED_OUT else None,
            handed_out_at=moment if state is CodeState.HANDED_OUT else None,
            created_at=moment,
            updated_at=moment,
        )
        for number, state in enumerate(_STATES, start=1)
    ]
