"""Login of the buyer's people (joint operation, section 4): one module per route, found by the end of the path."""

from importlib import import_module

from shared.pipelines.browser import BrowserRoute, handler_for

__all__ = ["handler"]

MODULES = {
    "/login": "start",
    "/login/callback": "callback",
    "/session": "session",
    "/session/refresh": "refresh",
    "/logout": "logout",
    "/.well-known/jwks.json": "jwks",
}
"""What stands behind the base path, and the module that serves it."""


def find(path: str) -> BrowserRoute | None:
    """The route that serves ``path``, whatever the base path is; ``None`` if there is none."""
    for ending, module in MODULES.items():
        if path.rstrip("/").endswith(ending):
            route: BrowserRoute = import_module(f"functions.login.{module}").ROUTE
            return route
    return None


handler = handler_for(find)
