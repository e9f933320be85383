"""Methods that run as one transaction, and the error they raise when the state does not allow the action."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from emulator.marketplace.storage.database import Database


class NotPossible(Exception):
    """The action is not allowed in the present state. The text says why, in English.

    :param reason: its id in the catalogue of texts.
    :param field: which of the given values is to blame, if one is.
    """

    def __init__(self, reason: str, text: str, field: str = "") -> None:
        super().__init__(text)
        self.reason = reason
        self.field = field


class HasDatabase(Protocol):
    """Whatever keeps its values in a database."""

    @property
    def database(self) -> Database:
        """The database that the transaction is of."""


S = TypeVar("S", bound=HasDatabase)
P = ParamSpec("P")
R = TypeVar("R")


def transactional(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """Run in one transaction, serialised against all others; an exception rolls back."""

    @wraps(method)
    def run(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.database.changing():
            return method(self, *args, **kwargs)

    return run
