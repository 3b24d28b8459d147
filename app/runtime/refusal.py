"""What only the database can tell: production does not work on a demo's."""

from typing import Any

from config import ConfigurationError


def refuse_demo(application: Any) -> None:
    """Raise ConfigurationError where a production process would serve the demo's accounts, whose password is known."""
    if getattr(application, "config", {}).get("ENVIRONMENT") != "production":
        return
    from app.services import demo

    with application.app_context():
        if demo.is_loaded():
            raise ConfigurationError(
                "The production environment does not start: DATABASE_URL names a database with the demo's accounts"
            )
