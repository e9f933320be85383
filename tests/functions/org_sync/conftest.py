"""A bundle that takes organisation sync, and a buyer with an enterprise, in both versions of the protocol."""

from collections.abc import Callable

import pytest

from tests.enterprise_calls import VERSIONS, Buyer, sync_settings
from tests.platforms import Deployed


@pytest.fixture
def world(build: Callable[..., Deployed]) -> Deployed:
    """A bundle with the settings of organisation sync."""
    return build(sync_settings())


@pytest.fixture(params=VERSIONS)
def buyer(world: Deployed, request: pytest.FixtureRequest) -> Buyer:
    """The buyer's calls, in each version."""
    return Buyer(world.clock, request.param)
