"""One seller's server for all tests of the marketplace, emptied before each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulator.marketplace.seller import Scene, Seller, selling


@pytest.fixture(scope="session")
def one_seller() -> Iterator[tuple[Seller, str]]:
    with selling() as started:
        yield started


@pytest.fixture
def seller(one_seller: tuple[Seller, str]) -> Seller:
    seller, _ = one_seller
    seller.__init__()  # type: ignore[misc]
    return seller


@pytest.fixture
def scene(one_seller: tuple[Seller, str], seller: Seller, tmp_path: Path) -> Iterator[Scene]:
    made = Scene(one_seller[1], seller, tmp_path / "market.sqlite")
    yield made
    made.market.close()
