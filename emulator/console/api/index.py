"""The blueprint with all its routes."""

from emulator.console.api import acting, reading
from emulator.console.api.blueprint import api

__all__ = ["acting", "api", "reading"]
