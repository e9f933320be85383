"""A console over a marketplace in memory."""

from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

from emulator.clock import MovableClock
from emulator.console.app import ConsoleApplication
from emulator.console.console_context import ConsoleContext
from emulator.keys import OpenApiKeys
from emulator.marketplace.delivery.sender import Target
from emulator.marketplace.market import Market, MarketConfig
from tests.emulator.console.calls import KEYS, SK, USAGE_KEY
from tests.emulator.console.world import client_of


@pytest.fixture
def market() -> Iterator[Market]:
    """Nothing listens at its target."""
    clock = MovableClock()
    made = Market(MarketConfig(keys=KEYS, target=Target("http://127.0.0.1:1"), clock=clock, signing_clock=clock))
    yield made
    made.close()


@pytest.fixture
def client_for() -> Callable[[ConsoleContext], FlaskClient]:
    """A browser without cookies, in English."""
    return lambda shown: client_of(ConsoleApplication(shown))


@pytest.fixture
def client(market: Market, client_for: Callable[[ConsoleContext], FlaskClient]) -> FlaskClient:
    """Of ``market``."""
    return client_for(ConsoleContext(market, keys=OpenApiKeys(USAGE_KEY, sk=SK)))
