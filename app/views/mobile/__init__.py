"""The manager's site for a phone, under /m/ (Z-R12): small pages over the desk's own screens, services and scope."""

from __future__ import annotations

from flask_appbuilder import AppBuilder


def register(appbuilder: AppBuilder) -> None:
    """Add the phone's screens; they stand in no menu but on its first page."""
    from app.views.mobile.home import MobileHomeView
    from app.views.mobile.people import MobileEntryView, MobileResidentView
    from app.views.mobile.reveal import MobileRevealView
    from app.views.mobile.screening import screening_views

    appbuilder.add_view_no_menu(MobileHomeView())
    appbuilder.add_view_no_menu(MobileResidentView())
    appbuilder.add_view_no_menu(MobileEntryView())
    appbuilder.add_view_no_menu(MobileRevealView())
    for view in screening_views(appbuilder):
        appbuilder.add_view_no_menu(view())
