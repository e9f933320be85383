"""Faults as switches: each has a rate, 0 for off, which is kept; whether it happens is drawn from the seed."""

import random
from collections.abc import Callable, Mapping
from enum import StrEnum
from threading import Lock
from typing import NamedTuple

from emulator.marketplace.storage.database import Database


class Where(StrEnum):
    """What a fault is done to."""

    DELIVERY = "delivery"
    """A genuine call of the marketplace, on its way to the seller and back."""
    FORGED = "forged"
    """A further call that the seller must refuse."""
    ORDERS = "orders"
    USAGE = "usage"
    SIGN_IN = "sign-in"
    HOST = "host"
    """The first of two hosts of the open APIs."""
    BACKEND = "backend"
    """What the seller's side calls itself."""
    READING = "reading"
    """Nothing goes wrong: the documents can be read in that way too."""


class Switch(NamedTuple):
    """A fault or a reading. ``id`` is unique, e.g. ``answer-lost``. ``source``: section of the documents that a reading
    comes from, e.g. ``production 14``; ``ours`` where there is none.
    """

    id: str
    where: Where
    source: str = ""


def drawn(name: str, seed: int) -> float:
    """A number from 0 to 1 that a name has for ever, by the seed."""
    return random.Random(f"{seed} {name}").random()  # noqa: S311 - to be repeatable is the point


Fits = Callable[[str], bool]


class Switches:
    """The faults that can be switched on, and how often each happens. Thread-safe."""

    def __init__(self, database: Database, seed: int, known: Mapping[str, Switch]) -> None:
        self.known = known
        self._database = database
        self._seed = seed
        self._random = random.Random(seed)  # noqa: S311 - to be repeatable is the point
        self._lock = Lock()
        self._rates = {name: float(database.setting(f"fault {name}", "0")) for name in known}
        self._injected: dict[str, int] = {}

    def rate(self, name: str) -> float:
        """How often a fault happens, from 0 to 1.

        :raises KeyError: there is none of that id.
        """
        return self._rates[name]

    def set(self, name: str, rate: float) -> None:
        """Let a fault happen so often, from 0 to 1.

        :raises KeyError: there is none of that id.
        :raises ValueError: the rate is none.
        """
        if not 0 <= rate <= 1:
            raise ValueError("a rate is a number from 0 to 1")
        self._database.set(f"fault {self.known[name].id}", str(rate))
        self._rates[name] = rate

    def inject(self, name: str, times: int) -> None:
        """Let a fault happen to the next ``times`` calls that it fits, whatever its rate; forgotten at the end of the
        process.

        :raises KeyError: there is none of that id.
        """
        with self._lock:
            self._injected[self.known[name].id] = times

    def all_off(self) -> None:
        for name in self.on():
            self.set(name, 0)
        with self._lock:
            self._injected.clear()

    def on(self) -> Mapping[str, float]:
        """The rates of those that are switched on."""
        return {name: rate for name, rate in self._rates.items() if rate}

    def drawn(self, where: Where, fits: Fits = lambda _name: True, key: str = "") -> str | None:
        """The id of a fault that happens now at that place, or ``None``.

        :param fits: which of them can happen.
        :param key: what it happens to, if that has a name: then the draw follows from the seed and the name, in
            whatever order calls are made.
        """
        with self._lock:
            rng = random.Random(f"{self._seed} {where} {key}") if key else self._random  # noqa: S311 - as above
            for name, switch in self.known.items():
                if switch.where is not where or not fits(name):
                    continue
                if self._injected.get(name, 0):
                    self._injected[name] -= 1
                    return name
                if (rate := self._rates[name]) and rng.random() < rate:
                    return name
        return None

    def holds(self, name: str, key: str = "") -> bool:
        """Is it so for what ``key`` names, or for all without one? The answer follows from seed and name: it is the
        same each time, as long as the rate is.

        :raises KeyError: there is none of that id.
        """
        return drawn(f"{name} {key}" if key else name, self._seed) < self._rates[name]

    def number(self, low: float, high: float) -> float:
        """Some number in between, from the seed."""
        with self._lock:
            return self._random.uniform(low, high)
