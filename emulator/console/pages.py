"""The pages there are, in the order of the navigation."""

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    from flask import Blueprint


class Page(NamedTuple):
    """A page: module ``emulator.console.<name>`` with a blueprint ``page`` called ``<name>``, whose view ``index`` is
    the page, and a text ``base.nav.<name>``.

    ``letter`` after ``g`` opens it; ``listed``: it is in the navigation.
    """

    name: str
    letter: str
    listed: bool = True

    @property
    def blueprint(self) -> "Blueprint":
        """Its routes."""
        return cast("Blueprint", import_module(f"emulator.console.{self.name}").page)


PAGES: tuple[Page, ...] = (
    Page("calls", "t"),
    Page("buyer", "b"),
    Page("seller", "s"),
    Page("usage", "u"),
    Page("organisation", "o"),
    Page("faults", "f"),
    Page("readings", "d", listed=False),
    Page("clock", "k", listed=False),
    Page("check", "c"),
    Page("recorder", "r"),
    Page("journey", "j"),
)
