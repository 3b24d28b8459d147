"""A city's worth of people, ties and entries, made inside PostgreSQL in a minute: what the benchmarks of lists read.

Ciphertexts are a few real ones repeated, because they must open; blind indexes are distinct, because they must find.
"""

from __future__ import annotations

import contextvars
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import insert, text

from app import clock, create_app
from app.access import everything
from app.domain.documents import DocumentType
from app.domain.roles import Role
from app.domain.venues import VenueKind
from app.extensions import db
from app.models import Account, AccountVenue, Venue
from app.models.encryption import document_index, key_ring, phone_index
from app.profiles import districts, load_profile
from app.services import areas, partitions, sessions, statistics
from app.services.sessions import Origin

DAYS = 30
KNOWN_DOCUMENT = "410102199001010010"
KNOWN_PHONE = "13912345678"
_CIPHERTEXTS = 40
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文辉春梅海燕晓红志新立群"


@dataclass(frozen=True)
class City:
    """How much of it there is: as many ties and entries as people."""

    people: int
    compounds: int


def make_application(url: str, city: City, *, data_dir: Path) -> Flask:
    """Return an application on a new database that holds `city`."""
    app = create_app("test", SQLALCHEMY_DATABASE_URI=url, DATA_DIR=data_dir)
    with app.app_context(), everything("a benchmark sets itself up"):
        upgrade()
        areas.load(load_profile(app.config["REGION"]))
        partitions.ensure_months(clock.now(), before=13)
        _add_compounds(app, city)
        with db.engine.begin() as connection:
            for statement in (*SETTINGS, _PEOPLE, _REGISTRATIONS, _RESIDENCIES, _ENTRIES, *_SEQUENCES):
                connection.execute(text(statement), _parameters(app, city))
            connection.execute(text(_KNOWN), _known(city))
        statistics.catch_up()
        db.session.remove()
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    return app


def sign_in(app: Flask, role: Role) -> FlaskClient:
    """Return a client signed in as a new account of `role`: of the city, of its first district or of a compound there."""
    with app.app_context(), everything("a benchmark sets itself up"):
        district = districts(load_profile(app.config["REGION"]))[0].code
        city = district[:4]
        area = {Role.CITY_ADMIN: city, Role.DISTRICT_ADMIN: district, Role.FLIGHT_TEAM: city}.get(role)
        venue = db.session.query(Venue).filter(Venue.area_code.startswith(district)).order_by(Venue.id).first()
        area = area or venue.area_code
        name = f"137{role.name}"
        account = Account(
            username=name,
            first_name=name,
            last_name="",
            email=f"{name}@x.invalid",
            active=True,
            role=role,
            area_code=area,
        )
        if role is Role.COMPOUND_ADMIN:
            account.venue_links = [AccountVenue(venue_id=venue.id, area_code=venue.area_code)]
        db.session.add(account)
        db.session.commit()
        secret = sessions.begin(account, Origin(None, "a benchmark"))
    app.test_client_class = _OutsideClient
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = secret, True
    return client


class _OutsideClient(FlaskClient):
    """Requests from outside: none sees the context in which the benchmark runs."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        return contextvars.Context().run(super().open, *args, **kwargs)


def _add_compounds(app: Flask, city: City) -> None:
    """The compounds stand in the districts in turn, each in a community of its own where there are enough."""
    profile, moment = load_profile(app.config["REGION"]), clock.now()
    communities = (
        db.session.execute(text("SELECT code FROM area WHERE level = 'community' ORDER BY code")).scalars().all()
    )
    below = [
        [code for code in communities if code.startswith(found.code)] or [found.code] for found in districts(profile)
    ]
    rows = []
    for number in range(city.compounds):
        choice = below[number % len(below)]
        area = choice[number // len(below) % len(choice)]
        values = {"code": f"BENCH{number:06d}", "name": f"幸福小区{number}号院", "area_code": area}
        rows.append({**values, "kind": VenueKind.COMPOUND, "created_at": moment, "updated_at": moment})
    db.session.execute(insert(Venue.__table__), rows)
    db.session.commit()


def _parameters(app: Flask, city: City) -> dict[str, Any]:
    ring, zone = key_ring(), load_profile(app.config["REGION"]).zone
    now = clock.now()
    today = clock.day_bounds(clock.local_date(now, zone), zone)[0]
    documents = [f"41010219{60 + at}0101{at:02d}10" for at in range(_CIPHERTEXTS)]
    return {
        "people": city.people,
        "compounds": city.compounds,
        "ciphertexts": _CIPHERTEXTS,
        "documents": [ring.encrypt(number, "person.document_number") for number in documents],
        "phones": [ring.encrypt(f"139{at:08d}", "person.phone") for at in range(_CIPHERTEXTS)],
        "addresses": [
            ring.encrypt(f"幸福小区{at}号楼2单元501室", "registration.address") for at in range(_CIPHERTEXTS)
        ],
        "surnames": list(_SURNAMES),
        "given": list(_GIVEN),
        "today": today,
        "start": today - timedelta(days=DAYS - 1),
        "now": now,
        "days": DAYS,
    }


def _known(city: City) -> dict[str, Any]:
    """Somebody in the first compound, in the middle of the table, whom a search finds by what is in the constants."""
    middle = city.people // 2 // city.compounds * city.compounds
    index = document_index(DocumentType.ID_CARD.name, KNOWN_DOCUMENT)
    return {"id": middle, "document": index, "phone": phone_index(KNOWN_PHONE)}


# Whether foreign keys hold is the script's own business here; asking for each of three million costs a minute.
SETTINGS = ("SET LOCAL session_replication_role = replica", "SET LOCAL synchronous_commit = off")

# Numbers that look like chance and are the same every time.
_DICE = "(hashint4(i) & 2147483647)"

_PEOPLE = f"""
INSERT INTO person (id, name, document_type, document_number, document_index, phone, phone_index, created_at, updated_at)
SELECT i,
    (CAST(:surnames AS text[]))[1 + {_DICE} % cardinality(CAST(:surnames AS text[]))]
    || (CAST(:given AS text[]))[1 + {_DICE} / 64 % cardinality(CAST(:given AS text[]))]
    || (CAST(:given AS text[]))[1 + {_DICE} / 4096 % cardinality(CAST(:given AS text[]))],
    'ID_CARD', (CAST(:documents AS bytea[]))[1 + i % :ciphertexts], decode(lpad(to_hex(i), 32, '0'), 'hex'),
    (CAST(:phones AS bytea[]))[1 + i % :ciphertexts], decode(lpad(to_hex(i), 32, '0'), 'hex'), :now, :now
FROM generate_series(1, :people) AS i"""

_VENUE = (
    "JOIN (SELECT id, area_code, row_number() OVER (ORDER BY id) - 1 AS place FROM venue) v ON v.place = i % :compounds"
)

_REGISTRATIONS = f"""
INSERT INTO registration (id, person_id, venue_id, area_code, created_at, name, address, is_returnee, is_from_abroad)
SELECT i, i, v.id, v.area_code, :start, p.name, (CAST(:addresses AS bytea[]))[1 + i % :ciphertexts], false, false
FROM generate_series(1, :people) AS i {_VENUE} JOIN person p ON p.id = i"""

_RESIDENCIES = f"""
INSERT INTO residency (id, person_id, venue_id, area_code, registration_id, status, quarantine_since, is_key_area,
    has_health_certificate, version, created_at, updated_at, ended_at)
SELECT i, i, v.id, v.area_code, i,
    CASE WHEN {_DICE} % 100 < 2 THEN 'CONFIRMED' WHEN {_DICE} % 100 < 3 THEN 'PENDING' ELSE 'NOT_REQUIRED' END,
    CASE WHEN {_DICE} % 100 < 3 THEN CAST(:today AS date) - {_DICE} % 14 END,
    false, false, 1, :start, :start, CASE WHEN {_DICE} % 97 = 50 THEN CAST(:today AS timestamptz) END
FROM generate_series(1, :people) AS i {_VENUE}"""

# Each day has the same number of entries; today's lie between midnight and now. Ids carry their moment.
_ENTRIES = f"""
INSERT INTO entry_record (id, recorded_at, venue_id, area_code, person_id, registration_id, source, outcome, color,
    is_key_area, is_breach)
SELECT (CAST(extract(epoch FROM moment - timestamptz '2020-01-01 00:00:00+00') * 1000 AS bigint) << 22) | (i & 4194303),
    moment, r.venue_id, r.area_code, r.person_id, r.id, CASE WHEN i % 50 = 0 THEN 'MANUAL' ELSE 'SCAN' END,
    CASE WHEN i % 100 = 0 THEN 'REFUSED' ELSE 'ADMITTED' END,
    CASE WHEN i % 40 = 0 THEN 'YELLOW' ELSE 'GREEN' END, false, false
FROM (
    SELECT i, CAST(:start AS timestamptz) + day * interval '1 day' + share * CASE WHEN day = :days - 1
        THEN CAST(:now AS timestamptz) - CAST(:today AS timestamptz) ELSE interval '1 day' END AS moment
    FROM (
        SELECT i, CAST(i - 1 AS bigint) * :days / :people AS day,
            (CAST(i - 1 AS bigint) * :days % :people)::double precision / :people AS share
        FROM generate_series(1, :people) AS i
    ) AS dealt
) AS e JOIN residency r ON r.id = 1 + {_DICE} % :people"""

_SEQUENCES = tuple(
    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), :people)"
    for table in ("person", "registration", "residency")
)

_KNOWN = "UPDATE person SET document_index = :document, phone_index = :phone, name = '何晓明' WHERE id = :id"
