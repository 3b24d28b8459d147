import pytest

from app.domain.areas import AreaLevel
from app.domain.roles import Role


@pytest.mark.parametrize(
    ("above", "below"),
    [
        (Role.SYSTEM_ADMIN, Role.CITY_ADMIN),
        (Role.CITY_ADMIN, Role.DISTRICT_ADMIN),
        (Role.DISTRICT_ADMIN, Role.STREET_ADMIN),
        (Role.STREET_ADMIN, Role.COMMUNITY_ADMIN),
        (Role.COMMUNITY_ADMIN, Role.COMPOUND_ADMIN),
        (Role.UNIT_ADMIN, Role.SCANNER),
    ],
)
def test_each_level_appoints_the_level_below_and_never_the_one_above(above: Role, below: Role) -> None:
    assert above.can_appoint(below)
    assert not below.can_appoint(above)


@pytest.mark.parametrize("role", [Role.DISTRICT_ADMIN, Role.STREET_ADMIN, Role.COMMUNITY_ADMIN])
def test_three_levels_appoint_compound_managers(role: Role) -> None:
    assert role.can_appoint(Role.COMPOUND_ADMIN)


@pytest.mark.parametrize(
    "role",
    [
        Role.SECTOR_ADMIN,
        Role.FLIGHT_TEAM,
        Role.HIGH_SPEED_RAIL_TEAM,
        Role.RAILWAY_TEAM,
        Role.DATA_REPORTER,
        Role.AUDITOR,
    ],
)
def test_the_city_appoints_those_who_serve_all_of_it(role: Role) -> None:
    assert Role.CITY_ADMIN.can_appoint(role)
    assert role.level is AreaLevel.CITY


@pytest.mark.parametrize("role", list(Role))
def test_nobody_appoints_equals(role: Role) -> None:
    assert not role.can_appoint(role)


def test_every_role_but_the_system_administrator_is_appointed_by_somebody() -> None:
    appointed = {role for above in Role for role in above.appoints}
    assert set(Role) - appointed == {Role.SYSTEM_ADMIN}


def test_who_holds_compounds_or_a_unit_stands_at_no_level() -> None:
    assert {role for role in Role if role.level is None} == {
        Role.COMPOUND_ADMIN,
        Role.MEDICAL_INSTITUTION,
        Role.UNIT_ADMIN,
        Role.SCANNER,
    }


def test_a_clinic_stands_in_a_district_so_that_somebody_is_near_its_fever_patients() -> None:
    # Such accounts have no level of their own: they stand where whoever appoints them chooses, within their own area.
    appointers = {role for role in Role if role.can_appoint(Role.MEDICAL_INSTITUTION)}
    assert {role.level for role in appointers} == {AreaLevel.DISTRICT}
