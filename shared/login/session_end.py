"""Ends the sessions of an instance. No store access unless ``KOOGALLERY_APP_ID`` is set."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.app import App


def end_sessions(app: "App", instance_id: str) -> None:
    """Log everybody out of an instance that is no longer active (joint operation, section 4.7)."""
    if app.settings.app_id:
        app.sessions.end_instance(instance_id)
