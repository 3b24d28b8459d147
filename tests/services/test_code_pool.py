"""The pool of codes: batches made by a job, handed out, revoked, replaced, printed (Z-S7)."""

from __future__ import annotations

import io
import zipfile

import pytest

from app import clock
from app.domain.codes import BatchProgress, PrintForm
from app.domain.errors import DomainError
from app.domain.roles import Role
from app.domain.sectors import CodeState
from app.domain.venues import VenueKind
from app.extensions import db, redis_connection
from app.jobs import codes
from app.models import AuditEvent, CodeBatch, CodePrint, Venue
from app.services import code_pool, code_prints, code_recovery, files
from app.services.audit import SYSTEM
from tests.factories import Factories


@pytest.fixture
def manager(make: Factories):
    return make.account(Role.CITY_ADMIN)


def generated(manager, size: int = 3, kind: VenueKind = VenueKind.BUS) -> CodeBatch:
    batch = code_pool.generate(kind=kind, size=size, remark="", account=manager)
    codes.generate(batch.id)
    db.session.expire_all()
    return batch


def made(batch: CodeBatch) -> list[Venue]:
    return db.session.query(Venue).filter_by(batch_id=batch.id).order_by(Venue.batch_number).all()


def test_a_batch_has_as_many_codes_as_were_ordered_however_often_its_job_runs(manager) -> None:
    batch = code_pool.generate(kind=VenueKind.TAXI, size=1003, remark="首批", account=manager)
    assert batch.state is BatchProgress.RUNNING
    for _ in range(2):
        codes.generate(batch.id)
    db.session.expire_all()
    assert (batch.state, batch.made) == (BatchProgress.FINISHED, 1003)
    found = made(batch)
    assert [venue.batch_number for venue in found] == list(range(1, 1004))
    assert {(venue.code_state, venue.code[:2], venue.area_code) for venue in found} == {
        (CodeState.GENERATED, "TX", "4101")
    }


def test_a_job_that_was_killed_goes_on_where_it_stopped(manager) -> None:
    batch = code_pool.generate(kind=VenueKind.BUS, size=700, remark="", account=manager)
    code_pool._make_some(batch.id)
    assert db.session.query(Venue).count() == 500
    codes.generate(batch.id)
    assert db.session.query(Venue).count() == 700


@pytest.mark.parametrize(("kind", "size", "code"), [
    (VenueKind.BUS, 10_001, "batch_size"),
    (VenueKind.BUS, 0, "batch_size"),
    (VenueKind.COMPOUND, 5, "code_kind"),
])  # fmt: skip
def test_what_is_no_batch_is_refused(manager, kind: VenueKind, size: int, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        code_pool.generate(kind=kind, size=size, remark="", account=manager)
    assert refused.value.code == code


def test_codes_are_handed_out_by_their_numbers_once(manager) -> None:
    batch = generated(manager)
    assert code_pool.hand_out(batch, to="一公司 张队长", first=1, last=2, actor=SYSTEM) == 2
    db.session.expire_all()
    states = [venue.code_state for venue in made(batch)]
    assert states == [CodeState.HANDED_OUT, CodeState.HANDED_OUT, CodeState.GENERATED]
    assert {venue.handed_out_to for venue in made(batch)} == {"一公司 张队长", None}
    with pytest.raises(DomainError) as refused:
        code_pool.hand_out(batch, to="二公司", first=1, last=2, actor=SYSTEM)
    assert refused.value.code == "nothing_to_hand_out"
    assert code_pool.hand_out(batch, to="二公司", first=None, last=None, actor=SYSTEM) == 1


def test_a_replaced_code_is_void_and_its_place_goes_on(manager, make: Factories) -> None:
    venue = make.venue(VenueKind.METRO_STATION, "4101", name="紫荆山站")
    old = venue.code
    code_pool.replace(venue, actor=SYSTEM)
    void = db.session.query(Venue).filter_by(code=old).one()
    assert (void.code_state, void.replaced_by_id, void.id == venue.id) == (CodeState.REVOKED, venue.id, False)
    assert (venue.code_state, venue.name, venue.code == old) == (CodeState.ACTIVE, "紫荆山站", False)


def test_a_revoked_code_stays_revoked_and_says_why_on_record(manager, make: Factories) -> None:
    venue = make.venue(VenueKind.TAXI, "4101")
    code_pool.revoke(venue, reason="车辆报废", actor=SYSTEM)
    with pytest.raises(DomainError):
        code_pool.revoke(venue, reason="再次", actor=SYSTEM)
    event = db.session.query(AuditEvent).one()
    assert (event.action, event.changes["reason"]) == ("revoke_code", "车辆报废")


def test_an_archive_holds_a_poster_for_each_code_that_is_of_use(manager) -> None:
    batch = generated(manager)
    code_pool.revoke(made(batch)[1], reason="印制错误", actor=SYSTEM)
    (order,) = code_prints.order(batch, PrintForm.ARCHIVE, account=manager)
    for _ in range(2):
        codes.print_posters(order.id)
    db.session.expire_all()
    assert (order.state, order.made) == (BatchProgress.FINISHED, 3)
    archive = zipfile.ZipFile(io.BytesIO(b"".join(files.pieces(order.file_id))))
    assert [name[:5] for name in archive.namelist()] == ["00001", "00003"]
    assert archive.read(archive.namelist()[0]).startswith(b"\x89PNG")


def test_a_print_whose_job_was_killed_begins_anew_and_is_whole(manager) -> None:
    (order,) = code_prints.order(generated(manager), PrintForm.ARCHIVE, account=manager)
    code_prints._write_progress(order.id, 2)  # as far as it had come
    codes.print_posters(order.id)
    db.session.expire_all()
    archive = zipfile.ZipFile(io.BytesIO(b"".join(files.pieces(order.file_id))))
    assert (order.made, len(archive.namelist())) == (3, 3)


def test_a_sheet_is_one_file_of_all_codes(manager) -> None:
    batch = generated(manager, size=13)
    (order,) = code_prints.order(batch, PrintForm.SHEET, account=manager)
    codes.print_posters(order.id)
    db.session.expire_all()
    content = b"".join(files.pieces(order.file_id))
    assert content.startswith(b"%PDF")
    assert content.count(b"/Type /Page\n") == 2


def test_posters_of_thousands_of_codes_come_in_parts(manager) -> None:
    batch = generated(manager, size=2001)
    orders = code_prints.order(batch, PrintForm.ARCHIVE, account=manager)
    assert [(each.first_number, each.size) for each in orders] == [(1, 1000), (1001, 1000), (2001, 1)]


def test_work_that_nobody_has_heard_of_is_in_the_queue_again(manager) -> None:
    batch = code_pool.generate(kind=VenueKind.BUS, size=5, remark="", account=manager)
    redis_connection().flushall()
    assert code_recovery.revive_silent() == 0
    batch.heartbeat_at = clock.now() - 2 * code_recovery.SILENCE
    db.session.commit()
    codes.sweep_silent()
    db.session.expire_all()
    assert batch.attempts == 1
    assert redis_connection().llen("rq:queue:exports") == 1
    assert db.session.query(CodePrint).count() == 0
