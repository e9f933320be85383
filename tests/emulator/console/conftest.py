"""A console over a marketplace in memory."""

from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

from emulator.clock import MovableClock
from emulator.console.app import create_app
from emulator.console.shown import ConsoleState
from emulator.marketplace.delivery.sender import Target
from emulator.marketplace.market import Market, MarketConfig
from emulator.wire.signature import SellerKeys
from tests.emulator.console.calls import KEYS, SK, USAGE_KEY


@pytest.fixture
def market() -> Iterator[Market]:
    """Nothing listens at its target."""
    clock = MovableClock()
    made = Market(MarketConfig(keys=KEYS, target=Target("http://127.0.0.1:1"), clock=clock, signing_clock=clock))
    yield made
    made.close()


@pytest.fixture
def client_for() -> Callable[[ConsoleState], FlaskClient]:
    """A browser without cookies, in English."""

    def made(shown: ConsoleState) -> FlaskClient:
        client = create_app(shown).test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        return client

    return made


@pytest.fixture
def client(market: Market, client_for: Callable[[ConsoleState], FlaskClient]) -> FlaskClient:
    """Of ``market``."""
    return client_for(ConsoleState(market, seller=SellerKeys(USAGE_KEY, SK)))
