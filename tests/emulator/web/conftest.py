"""A console over a marketplace in memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask.testing import FlaskClient

from emulator.clock import MovableClock
from emulator.keys import Keys
from emulator.market.book import Book
from emulator.market.timeline import Timeline
from emulator.web.app import create_app
from emulator.web.state import State

KEYS = Keys(key="v1-key-0123456789", access_key="v2-access-key", notify_key="notify-key", sync_key="sync-key")


@dataclass
class Market:
    """What the pages need of the marketplace."""

    book: Book = field(default_factory=Book)
    clock: MovableClock = field(default_factory=MovableClock)
    keys: Keys = KEYS
    timeline: Timeline = field(init=False)

    def __post_init__(self) -> None:
        self.timeline = Timeline(self.book)


@pytest.fixture
def market() -> Iterator[Market]:
    made = Market()
    yield made
    made.book.close()


@pytest.fixture
def client(market: Market) -> FlaskClient:
    """A browser without cookies, in English."""
    client = create_app(State(market)).test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client
