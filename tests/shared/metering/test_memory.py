"""What the intake holds in memory does not grow with the instances that it has dealt with."""

import gc
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.bench.metered_seller import START, MeteredSeller

FEW, MANY = 20, 220
LEAST_EACH = 50
"""Bytes: less than anything takes that is kept of each."""


@pytest.fixture
def seller(tmp_path: Path) -> MeteredSeller:
    return MeteredSeller({"KOOGALLERY_STORE": f"sqlite:{tmp_path / 'store.sqlite'}"}, MANY)


@pytest.fixture
def _traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


def held() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


@pytest.mark.usefixtures("_traced")
def test_by_intake(seller: MeteredSeller) -> None:
    used = [{"id": name, "instanceId": name, "time": START.isoformat(), "value": "1"} for name in seller.instances]
    seller.take_in(used[:FEW])
    before = held()
    for first in range(FEW, MANY, FEW):
        seller.take_in(used[first : first + FEW])

    assert held() - before < (MANY - FEW) * LEAST_EACH
