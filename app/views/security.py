"""The framework's security manager, narrowed: roles come from the screens' declarations, not from tables."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_login import current_user

from app.domain.roles import Role
from app.models import Account
from app.services import sessions
from app.views.polling import is_poll


class DeclaredSecurityManager(SecurityManager):
    """Answers every permission from `permitted_roles()` of the registered views; no table is asked, none can widen it.

    The framework's own screens for users, roles and permissions and its API sign-in are not registered at all:
    each of them was shown to open a way around captcha, scope or rank (docs/decisions/0002).
    """

    user_model = Account
    _views_by_name: dict[str, Any] | None = None

    def register_views(self) -> None:
        """Register the sign-in alone; app/views/__init__.py adds the rest."""
        from app.views.sign_in import SignInView

        self.auth_view = self.appbuilder.add_view_no_menu(SignInView)

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """Return whether the signed-in account's role is among those declared for this permission of this view.

        A view of one sector opens to the managers of that sector only.
        """
        if not current_user.is_authenticated:
            return False
        kind = getattr(self._view(view_name), "venue_kind", None)
        if kind is not None and kind is not current_user.venue_kind:
            return False
        return current_user.role in self.roles_for(permission_name, view_name)

    def roles_for(self, permission_name: str, view_name: str) -> frozenset[Role]:
        """Return the roles of one permission; none for what nobody declared."""
        view = self._view(view_name)
        if view is None or not hasattr(view, "permitted_roles"):
            return frozenset()
        found: frozenset[Role] = view.permitted_roles().get(permission_name, frozenset())
        return found

    def _view(self, name: str) -> Any:
        """Return the registered view of that class name, None for any other name."""
        views = self.appbuilder.baseviews
        # A menu asks for every screen there is; they are found once, and anew while screens are still being added.
        if self._views_by_name is None or len(self._views_by_name) != len(views):
            self._views_by_name = {type(view).__name__: view for view in views}
        return self._views_by_name.get(name)

    def is_item_public(self, permission_name: str, view_name: str) -> bool:  # noqa: ARG002 - the framework's signature
        return False

    def load_user(self, pk: Any) -> Account | None:
        """Return the active account behind a session's secret; nobody once it has ended, here or elsewhere."""
        found = sessions.resume(str(pk), is_used=not is_poll())
        if found is None:
            return None
        person, g.session_in_hand = found
        return person
