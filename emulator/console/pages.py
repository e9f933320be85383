"""The pages there are, in the order of the navigation."""

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    from flask import Blueprint


class ConsolePage(NamedTuple):
    """A page: module ``emulator.console.<name>.index`` with a blueprint ``page`` called ``<name>``, the view ``index``
    of which is the page, and a text ``base.nav.<name>``.

    ``letter`` after ``g`` opens it; ``listed``: it is in the navigation.
    """

    name: str
    letter: str
    listed: bool = True

    @property
    def blueprint(self) -> "Blueprint":
        return cast("Blueprint", import_module(f"emulator.console.{self.name}.index").page)


PAGES: tuple[ConsolePage, ...] = (
    ConsolePage("calls", "t"),
    ConsolePage("buyer", "b"),
    ConsolePage("seller", "s"),
    ConsolePage("usage", "u"),
    ConsolePage("organisation", "o"),
    ConsolePage("faults", "f"),
    ConsolePage("readings", "d", listed=False),
    ConsolePage("clock", "k", listed=False),
    ConsolePage("readiness", "l"),
    ConsolePage("check", "c", listed=False),
    ConsolePage("recorder", "r"),
    ConsolePage("journey", "j"),
)
