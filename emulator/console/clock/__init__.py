"""The clock's page: shows the simulated time and moves it."""

from emulator.console.clock.index import page

__all__ = ["page"]
