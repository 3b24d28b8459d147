"""After a rotation every value opens with the newest key alone (issue 1.2)."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Person, Registration, encryption
from app.models.encryption import KeyRing, UnreadableField
from app.services import files, key_rotation
from tests.factories import Factories


def _key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


@pytest.fixture
def rings(app: Flask) -> Iterator[tuple[KeyRing, KeyRing]]:
    """The application's ring with one more key, and one that has the new key only."""
    new, index = f"2:{_key()}", app.config["BLIND_INDEX_KEY"]
    before = encryption.key_ring()
    yield KeyRing.from_text(f"{app.config['FIELD_KEYS']},{new}", index), KeyRing.from_text(new, index)
    encryption.configure(before)


def test_a_rotation_leaves_nothing_under_the_old_key(app: Flask, make: Factories, rings) -> None:
    both, new_only = rings
    numbers = set()
    for _ in range(3):
        row = make.residency()
        numbers.add(row.person.document_number)
    file_id = files.save(io.BytesIO(b"x" * (2 * files.PIECE_BYTES + 1)), name="f.xlsx")
    db.session.commit()

    encryption.configure(both)
    assert key_rotation.rotate() == 3 * 3 + 3, "number, phone and address of three people, three pieces of a file"
    assert key_rotation.rotate() == 0

    db.session.expire_all()
    encryption.configure(new_only)
    people = db.session.execute(select(Person)).scalars().all()
    assert {person.document_number for person in people} == numbers
    assert all(form.address for form in db.session.execute(select(Registration)).scalars())
    with files.on_disk(file_id) as path:
        assert path.stat().st_size == 2 * files.PIECE_BYTES + 1


def test_a_value_does_not_open_in_another_column(app: Flask) -> None:
    ring = encryption.key_ring()
    with pytest.raises(UnreadableField):
        ring.decrypt(ring.encrypt("410102199001011234", "person.document_number"), "person.phone")


def test_a_value_that_was_moved_to_another_column_is_told_not_shown(app: Flask, make: Factories) -> None:
    make.person()
    db.session.commit()
    connection = db.session.connection()
    connection.exec_driver_sql("UPDATE person SET phone = document_number")
    with pytest.raises(UnreadableField):
        connection.execute(select(Person.phone)).all()


def test_values_of_the_old_key_and_of_the_new_are_read_side_by_side(app: Flask, make: Factories, rings) -> None:
    both, _new_only = rings
    phones = {make.person().phone}
    db.session.commit()
    statement = select(Person.phone)
    assert {phone for (phone,) in db.session.execute(statement)} == phones

    encryption.configure(both)  # what was compiled before meets another ring now
    phones.add(make.person().phone)
    db.session.commit()
    assert {phone for (phone,) in db.session.execute(statement)} == phones


def test_what_lies_in_the_database_holds_no_number(app: Flask, make: Factories) -> None:
    row = make.residency()
    db.session.commit()
    raw = db.session.connection().exec_driver_sql("SELECT document_number, phone, document_index FROM person").one()
    for value in raw:
        assert row.person.document_number.encode() not in bytes(value)
        assert row.person.phone.encode() not in bytes(value)
