"""What tests of the organisation may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.clock import MovableClock
from emulator.keys import Keys
from emulator.marketplace.market import Market, MarketConfig
from tests.emulator.marketplace.organisation.buyers_side import NOWHERE, Side, side


@pytest.fixture
def buyers(tmp_path: Path) -> Iterator[Side]:
    """A marketplace before a bundle."""
    with side(tmp_path) as made:
        yield made


@pytest.fixture
def alone() -> Iterator[Market]:
    """A marketplace without a seller."""
    clock = MovableClock()
    market = Market(MarketConfig(keys=Keys(), target=NOWHERE, clock=clock, signing_clock=clock))
    yield market
    market.close()
