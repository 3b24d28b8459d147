"""The demo city: an account for every role, compounds, residents, a week of entries; all of it invented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from random import Random

from flask import current_app
from sqlalchemy import insert, select
from sqlalchemy.exc import OperationalError, ProgrammingError
from werkzeug.security import generate_password_hash

from app import clock
from app.access import everything
from app.domain.areas import AreaLevel, code_at
from app.extensions import db
from app.models import Account, AccountVenue, Release, Venue
from app.profiles import Profile, load_areas, load_profile
from app.services import areas, demo_codes, demo_events, demo_health, demo_lists, demo_sectors, partitions, statistics
from app.services.demo_content import ACCOUNTS, HOME, PASSWORD, VENUES, DemoAccount, phone_of
from app.services.demo_people import DemoCity
from app.services.transaction import transactional
from app.services.venues import new_code, scan_address
from config import DEMO_ENVIRONMENTS

_RELEASE = "demo_city"
_ADDRESS = "demo-{position}@account.invalid"
_CODE_SEED = 410100


def load() -> bool:
    """Load areas and, in a demo or test environment, the demo city; return False where that was done before.

    Another region than the one for which the city was invented gets its accounts alone.
    """
    profile = load_profile(current_app.config["REGION"])
    areas.load(profile)
    partitions.ensure_months(clock.now())
    if not _is_demo() or db.session.get(Release, _RELEASE) is not None:
        return False
    if profile.area_code == HOME:
        _load_city()
    else:
        _load_accounts(profile)
    return True


def is_loaded() -> bool:
    """Return whether the database holds the demo city or one of its accounts, whose password everybody knows."""
    # By the address that only the demo gives: somebody may really have such a number.
    marked = Account.email.like(_ADDRESS.format(position="%"))
    with everything("what must not be there at all"):
        try:
            loaded = select(Release.name).where(Release.name == _RELEASE)
            accounts = select(Account.id).where(marked).limit(1)
            return any(db.session.execute(query).first() is not None for query in (loaded, accounts))
        except (OperationalError, ProgrammingError):
            return False  # no tables yet, or no database: whoever asks it for more will say so
        finally:
            db.session.rollback()


def _is_demo() -> bool:
    return current_app.config["ENVIRONMENT"] in DEMO_ENVIRONMENTS


@transactional
def _load_city() -> None:
    """Make everything in one transaction, so that an interrupted load leaves nothing behind."""
    moment = _claim()
    venues = _make_venues()
    accounts_made = _make_accounts(ACCOUNTS, venues)
    city = DemoCity(load_profile(current_app.config["REGION"]), moment)
    ties = city.residents(venues)
    db.session.add_all(ties)
    db.session.flush()
    demo_events.work_on(ties, accounts_made)
    clerk = next(account for account in accounts_made if account.venue_links)
    db.session.add_all(city.entries(ties, venues, clerk))
    sectors = demo_sectors.make_venues(moment)
    db.session.add_all(sectors)
    db.session.add_all(demo_sectors.entries(ties, sectors, moment))
    db.session.flush()
    demo_codes.load(accounts_made[0], moment)
    demo_health.load(ties, accounts_made, city.profile)
    demo_lists.load(city.profile, ties, moment)
    statistics.catch_up()


@transactional
def _load_accounts(profile: Profile) -> None:
    """Make an account of every role, the region's own at its top, the others in its first community."""
    _claim()
    inside = (record for record in load_areas(profile) if record.code.startswith(profile.area_code))
    community = next(record.code for record in inside if record.level is AreaLevel.COMMUNITY)
    _make_accounts([_moved(plan, profile.area_code, community) for plan in ACCOUNTS], ())


def _moved(plan: DemoAccount, region: str, community: str) -> DemoAccount:
    level = plan.role.level or AreaLevel.COMMUNITY
    area_code = region if level is AreaLevel.CITY else code_at(community, level)
    return replace(plan, area_code=str(area_code), venues=())


def _claim() -> datetime:
    """Note that the demo is loaded; first, so that of two loads at once the second fails before it has made anything."""
    moment = clock.now()
    db.session.execute(insert(Release).values(name=_RELEASE, loaded_at=moment))
    return moment


def _make_venues() -> list[Venue]:
    moment = clock.now()
    random = Random(_CODE_SEED)  # noqa: S311 - a demo's codes are known to everybody
    made = [
        Venue(
            kind=plan.kind,
            name=plan.name,
            area_code=plan.area_code,
            address=plan.address,
            code=new_code(plan.kind, choose=random.choice),
            created_at=moment,
            updated_at=moment,
        )
        for plan in VENUES
    ]
    db.session.add_all(made)
    db.session.flush()
    return made


def _make_accounts(plans: Sequence[DemoAccount], venues: Sequence[Venue]) -> list[Account]:
    # One hash for all of them: a slow hash is what makes a password safe, and these are printed.
    password = generate_password_hash(PASSWORD)
    made = [_make_account(position, plan, venues, password) for position, plan in enumerate(plans)]
    db.session.add_all(made)
    db.session.flush()
    return made


def _make_account(position: int, plan: DemoAccount, venues: Sequence[Venue], password: str) -> Account:
    phone = phone_of(position)
    links = [AccountVenue(venue=venues[number], area_code=venues[number].area_code) for number in plan.venues]
    return Account(
        username=phone,
        first_name=plan.name,
        last_name="",
        email=_ADDRESS.format(position=position),
        password=password,
        active=True,
        role=plan.role,
        area_code=plan.area_code,
        venue_kind=plan.venue_kind,
        venue_links=links,
        password_changed_at=clock.now(),
    )


def accounts() -> list[dict[str, str]]:
    """Return role, area, phone, password and, of a sector's manager, the sector of the demo accounts that are there.

    There is none in production.
    """
    phones = [phone_of(position) for position in range(len(ACCOUNTS))]
    if not _is_demo():
        return []
    query = select(Account).where(Account.username.in_(phones)).order_by(Account.id)
    found = db.session.execute(query).scalars().all()
    return [
        {
            "role": account.role.label if account.role else "",
            "area": areas.full_name(account.area_code or ""),
            "phone": account.phone,
            "password": PASSWORD,
            "sector": account.venue_kind.label if account.venue_kind else "",
        }
        for account in found
    ]


def venues() -> list[dict[str, str]]:
    """Return kind, name, area and scan address of the demo venues that are open; none in production."""
    if not _is_demo():
        return []
    query = select(Venue).where(Venue.closed_at.is_(None)).order_by(Venue.id)
    found = db.session.execute(query).scalars().all()
    return [
        {
            "kind": venue.kind.label,
            "name": venue.name,
            "area": areas.full_name(venue.area_code),
            "state": venue.code_state.label,
            "url": scan_address(venue),
        }
        for venue in found
    ]
