"""Each scenario runs on every platform, through the gateway's handler and through the interface's own."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.platforms import ENTRIES, Deployed, Entry


@pytest.fixture(params=ENTRIES, ids=lambda entry: entry.name)
def entry(request: pytest.FixtureRequest) -> Entry:
    """How calls come in."""
    each: Entry = request.param
    return each


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
