"""Ends the sessions of an instance. No store access unless ``KOOGALLERY_APP_ID`` is set and somebody has logged in.

Who logs in first notes that in the instance before the session begins, by a conditional write over exactly the state
that lets them in (:mod:`shared.instance.first_entry`). So if a change finds nobody noted, they are turned away; if they
were faster, the change starts anew and finds them.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.app import App


def end_sessions(app: "App", instance_id: str, *, never_entered: bool) -> None:
    """Log everybody out of an instance that is no longer active (joint operation, section 4.7)."""
    if app.settings.app_id and not never_entered:
        app.sessions.end_instance(instance_id)
