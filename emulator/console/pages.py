"""The pages there are, in the order of the navigation."""

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    from flask import Blueprint


class ConsolePage(NamedTuple):
    """A page: module ``emulator.console.<name>.index`` with a blueprint ``page`` called ``<name>``, the view ``index``
    of which is the page, and a text ``base.nav.<name>``.

    ``letter`` after ``g`` opens it. ``group``: of the navigation, a text ``base.group.<group>``; the first page is in
    none. What is not ``listed`` is reached from another page.
    """

    name: str
    letter: str
    group: str = ""
    listed: bool = True

    @property
    def blueprint(self) -> "Blueprint":
        return cast("Blueprint", import_module(f"emulator.console.{self.name}.index").page)


PAGES: tuple[ConsolePage, ...] = (
    ConsolePage("home", "h"),
    ConsolePage("calls", "t", "traffic"),
    ConsolePage("builder", "e", "traffic"),
    ConsolePage("recorder", "r", "traffic"),
    ConsolePage("buyer", "b", "market"),
    ConsolePage("seller", "s", "market"),
    ConsolePage("products", "p", "market"),
    ConsolePage("instances", "i", "market"),
    ConsolePage("usage", "u", "market"),
    ConsolePage("organisation", "o", "market"),
    ConsolePage("clock", "k", "market"),
    ConsolePage("readiness", "l", "test"),
    ConsolePage("check", "c", "test", listed=False),
    ConsolePage("faults", "f", "test"),
    ConsolePage("readings", "d", "test"),
    ConsolePage("journey", "j", "test"),
)
