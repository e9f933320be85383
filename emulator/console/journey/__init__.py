"""The journey's page: plays the scripted lives of instances and shows each step."""

from emulator.console.journey.index import page

__all__ = ["page"]
