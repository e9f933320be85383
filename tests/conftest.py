"""What every test may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from shared import app
from tests.logs import LogLines, captured
from tests.world import World

# How long drawing an example takes says something about the machine, not about the code.
settings.register_profile("repository", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("repository")


@pytest.fixture(autouse=True)
def _no_app_stays() -> Iterator[None]:
    """No test inherits another one's app."""
    app.install(None)
    yield
    app.install(None)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A bundle with default settings, called directly."""
    return World(tmp_path)


@pytest.fixture
def log_lines() -> Iterator[LogLines]:
    """The log lines of the test so far, by calling it; ``text`` is everything that was written."""
    with captured() as lines:
        yield lines
