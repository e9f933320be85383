"""Acts of people, each of which happens as a whole."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from emulator.marketplace.storage.database import Database


class NotPossible(Exception):
    """Whoever acts cannot do that; the text says why, in English. ``reason`` names it for translation."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class Kept(Protocol):
    """Something kept in a book."""

    @property
    def book(self) -> Database:
        """Where."""


S = TypeVar("S", bound=Kept)
P = ParamSpec("P")
R = TypeVar("R")


def at_once(act: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """Let nothing else happen between what ``act`` reads and what it keeps, and keep all of it or nothing."""

    @wraps(act)
    def alone(actor: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with actor.book.changing():
            return act(actor, *args, **kwargs)

    return alone
