"""Each scenario runs on every platform, through the gateway's handler and through the interface's own."""

from collections.abc import Callable
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
