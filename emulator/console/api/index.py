"""The blueprint with all its routes."""

from emulator.console.api import acting, overview, reading, stories, switches
from emulator.console.api.blueprint import api

__all__ = ["acting", "api", "overview", "reading", "stories", "switches"]
