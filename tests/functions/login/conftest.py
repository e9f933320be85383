"""Login on every platform."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.events import RUNTIMES, Platform
from tests.login_world import LoginWorld


@pytest.fixture(params=RUNTIMES, ids=lambda platform: platform.name)
def platform(request: pytest.FixtureRequest) -> Platform:
    """Where the bundle runs."""
    each: Platform = request.param
    return each


@pytest.fixture
def build(tmp_path: Path, platform: Platform) -> Callable[..., LoginWorld]:
    """Makes a world with settings of the test's own."""
    return partial(LoginWorld, tmp_path, platform)


@pytest.fixture
def world(build: Callable[..., LoginWorld]) -> LoginWorld:
    """A bundle whose buyer has two people."""
    return build()
