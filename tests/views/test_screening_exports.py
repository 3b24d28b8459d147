"""What leaves a screening list as a file is what its screen shows, masked or in full (Z117, X10)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, g

from app.domain.roles import Role
from app.extensions import db
from app.services import screening
from app.services.audit import SYSTEM
from app.services.lists import LISTS, list_named
from app.views.exporting import row_texts
from app.views.listing import read_all
from app.views.plain_rows import read_plain
from app.views.screening_names import view_name
from tests.factories import Factories, id_card, phone
from tests.returnees import row_of

PLAIN = [declared.key for declared in LISTS if not declared.shows_risk]


def rows_in_every_state(key: str, compound: Any) -> None:
    """One of a compound, one of a district that was worked on, one that waits for its district."""
    kind = list_named(key).row_kind
    row_of(kind, 1, venue=compound)
    worked_on, waiting = row_of(kind, 2, area_code="410102"), row_of(kind, 3, document_number=None)
    (first, *_) = list_named(key).outcomes_for(Role.DISTRICT_ADMIN) or (None,)
    if first is not None:
        screening.set_status(worked_on, first, remark="已核实", actor=SYSTEM)
    waiting.area_code, waiting.dispatched_at, waiting.undispatched_reason = "4101", None, "NO_DISTRICT"
    db.session.commit()


@pytest.mark.parametrize("key", PLAIN)
def test_an_export_says_what_the_list_says(app: Flask, make: Factories, compound: Any, key: str) -> None:
    rows_in_every_state(key, compound)
    views = {type(view).__name__: view for view in app.extensions["appbuilder"].baseviews}
    screen = views[f"{view_name(list_named(key))}ScreeningView"].screen
    with app.test_request_context("/"):
        g._login_user = make.account(Role.DISTRICT_ADMIN, "410102")
        for is_full in (False, True):
            texts_of = row_texts(screen.columns, is_full=is_full)
            plain = read_plain(screen.query(), reads=screen.export_reads, order=screen.order, chunk=2)
            written = [texts_of(row) for row in plain]
            assert written == [texts_of(row) for row in read_all(screen.query(), screen.order)]
            assert len(written) == 3
            assert (phone(1) in written[2]) is is_full and (id_card(1, birth="19850607") in written[2]) is is_full


def test_only_what_asks_about_every_person_is_read_the_long_way() -> None:
    assert {declared.key for declared in LISTS} - set(PLAIN) == {"fever"}
