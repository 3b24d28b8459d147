"""The framework object without the routes that we do not use."""

from __future__ import annotations

from flask_appbuilder import AppBuilder

from app.domain.labels import N_

# What the framework itself still says to people; our catalogues say it in both languages. This one stands behind what
# signed_out.py says to whoever opens a page without being signed in.
FRAMEWORK_TEXTS = (N_("Access is Denied"),)


class DeclaredAppBuilder(AppBuilder):
    """Registers the first page and the sign-in only.

    Left out: /back and /lang, which keep visited addresses with their queries (names, phones) in the session cookie,
    and the API screens. HomeView.language switches the language.
    """

    def _add_admin_views(self) -> None:
        self._indexview = self.add_view_no_menu(self.indexview)
        self.sm.register_views()
