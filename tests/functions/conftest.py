"""Each scenario runs on every platform, in turn through the gateway's handler and the interface's own.

One that is marked ``every_entry`` runs through both.
"""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.platforms import ENTRIES, PAIRINGS, Deployed, Entry


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """``entry``: how calls come in."""
    if "entry" in metafunc.fixturenames:
        each = ENTRIES if metafunc.definition.get_closest_marker("every_entry") else PAIRINGS
        metafunc.parametrize("entry", each, ids=lambda entry: entry.name)


@pytest.fixture
def build(tmp_path: Path, entry: Entry) -> Callable[..., Deployed]:
    """Makes a world with settings, a clock or tables of the test's own."""
    return partial(Deployed, tmp_path, entry)


@pytest.fixture
def world(build: Callable[..., Deployed]) -> Deployed:
    """A bundle with default settings."""
    return build()


class Blocked:
    """A provisioner's ``before`` that holds a method up until the test is over, or ``release`` is called."""

    def __init__(self) -> None:
        self._go_on = threading.Event()

    def on(self, blocked: str) -> Callable[[str], None]:
        """Hold up the method of this name."""

        def before(method: str) -> None:
            if method == blocked:
                self._go_on.wait(30)

        return before

    def release(self) -> None:
        """Let it go on."""
        self._go_on.set()


@pytest.fixture
def blocked() -> Iterator[Blocked]:
    """Something slow."""
    it = Blocked()
    yield it
    it.release()
