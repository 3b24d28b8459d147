"""Accounts: the framework's user with a role, an area and, for compound managers, the compounds in hand (Z-A2)."""

from __future__ import annotations

from datetime import datetime

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from app.domain.roles import Role
from app.domain.venues import VenueKind
from app.extensions import db
from app.models.area import Area
from app.models.encryption import LookedUpText
from app.models.types import AREA_CODE, BigId, EnumByName, UtcDateTime
from app.models.venue import Venue

# The phone number is the user name: personal data in a table that the framework made. Before anything compares with it.
User.__table__.c.username.type = LookedUpText("ab_user.username")


class Account(User):
    """Somebody who signs in to the back office; the phone number is the user name (Z-A3)."""

    # Every session holds the stamp with which it began; a new one therefore ends all of them.
    session_stamp: Mapped[int | None] = mapped_column(default=0)
    role: Mapped[Role | None] = mapped_column(EnumByName(Role))
    area_code: Mapped[str | None] = mapped_column(AREA_CODE, index=True)
    venue_kind: Mapped[VenueKind | None] = mapped_column(EnumByName(VenueKind))
    must_change_password: Mapped[bool | None] = mapped_column(default=False, server_default=false())
    password_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # A password that went out by message stops here unless it was changed before; None for one of the owner's own.
    password_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    area: Mapped[Area | None] = relationship(
        primaryjoin=lambda: foreign(Account.area_code) == Area.code, viewonly=True, sync_backref=False
    )
    venue_links: Mapped[list[AccountVenue]] = relationship(back_populates="account", cascade="all, delete-orphan")

    @property
    def phone(self) -> str:
        return self.username

    @property
    def display_name(self) -> str:
        return self.first_name

    def __repr__(self) -> str:
        return f"<Account {self.id}>"


class AccountVenue(db.Model):
    """A compound that an account manages; one account may hold several (「切换小区」)."""

    __tablename__ = "account_venue"
    __table_args__ = (Index(None, "account_id", "venue_id", unique=True), Index(None, "venue_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id"))
    area_code: Mapped[str] = mapped_column(AREA_CODE)

    account: Mapped[Account] = relationship(back_populates="venue_links")
    venue: Mapped[Venue] = relationship()


class Release(db.Model):
    """A row per demo or data load that has run, so that a second start loads nothing twice."""

    __tablename__ = "data_release"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
