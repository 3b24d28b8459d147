"""The frame around signed-in pages: menu by role, compound switcher, avatar menu, languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import current_app, g, request, url_for
from flask_babel import get_locale, gettext
from flask_login import current_user
from sqlalchemy import select

from app.domain.labels import N_
from app.extensions import appbuilder, db
from app.models import Area
from app.views.format import label_text, profile
from app.views.identity import account, compounds_in_hand, current_venue_id
from app.views.page import Link, NavGroup, NavItem, Shell
from app.views.sites import HOME, is_phone, page_of_phone

# What the avatar menu offers besides password and sign-out: label and endpoint.
OWN_PAGES = ((N_("登录会话"), "SessionsView.show"), (N_("动态口令"), "SecondFactorView.show"))
# The sign of each part of the menu, by its category's name.
_ICONS = {
    "overview": "chart",
    "compound": "building",
    "sector": "building",
    "codes": "qr",
    "screening": "inbox",
    "health": "shield",
    "checks": "eye",
    "accounts": "users",
}
# Numbers beside a menu entry, by the name of its view; the screens that have one add themselves.
BADGES: dict[str, Callable[[], str]] = {}


def shell() -> Shell:
    """Return the frame for the signed-in account; name and languages alone for nobody, and for a phone, which has no menu."""
    if not current_user.is_authenticated or is_phone():
        return Shell(app_name(), languages=languages(), locale=str(get_locale()))
    person = account()
    return Shell(
        app_name=app_name(),
        area_name=area_name(person.area_code),
        account_name=person.display_name,
        role_label=label_text(person.role),
        nav=menu(),
        venues=compounds_in_hand(),
        current_venue_id=current_venue_id(),
        switch_url=url_for("HomeView.switch"),
        account_links=account_links(),
        phone_url=url_for(HOME) if appbuilder.sm.has_access("can_index", "MobileHomeView") else "",
        languages=languages(),
        locale=str(get_locale()),
    )


def menu() -> list[NavGroup]:
    """Return the menu groups that this account may open; the frame and the first page ask for the same ones."""
    if "menu" not in g:
        found = (
            NavGroup(
                gettext(category.label),
                [_item(child) for child in category.childs if _is_allowed(child.name)],
                _ICONS.get(category.name, ""),
            )
            for category in appbuilder.menu.get_list()
        )
        g.menu = [group for group in found if group.items]
    groups: list[NavGroup] = g.menu
    return groups


def _is_allowed(name: str) -> bool:
    return bool(appbuilder.sm.has_access("menu_access", name))


def _item(child: Any) -> NavItem:
    url = child.get_url()
    badge = BADGES[child.name]() if child.name in BADGES else ""
    return NavItem(gettext(child.label), url, is_current=request.path.startswith(url), badge=badge)


def account_links() -> list[Link]:
    """Return what the menu of the account offers (Z50)."""
    links = []
    if "PasswordView.change" in current_app.view_functions:
        links.append(Link(gettext("修改密码"), url_for("PasswordView.change", next=page_of_phone())))
    links += [Link(gettext(label), url_for(endpoint, next=page_of_phone())) for label, endpoint in OWN_PAGES]
    if current_venue_id() is not None and "PosterView.show" in current_app.view_functions:
        links.append(Link(gettext("获取二维码"), url_for("PosterView.show", key=current_venue_id()), modal=True))
    return [*links, Link(gettext("退出登录"), url_for("SignInView.logout"), method="post")]


def languages() -> list[tuple[str, str, str]]:
    """Return (code, name, address to switch to it) of every language."""
    options = current_app.config["LANGUAGES"].items()
    return [(code, option["name"], url_for("HomeView.language", code=code)) for code, option in options]


def app_name() -> str:
    """Return the name of this installation's region for the whole system, in the reader's language."""
    return profile().app_name.in_(get_locale())


def area_name(code: str | None) -> str:
    """Return the name of an area, empty for none."""
    if not code:
        return ""
    return db.session.execute(select(Area.name).where(Area.code == code)).scalar() or ""
