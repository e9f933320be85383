"""What the intake holds in memory does not grow with the instances that it has dealt with."""

import gc
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.bench.metered_seller import START, MeteredSeller

EACH_CALL = 250
LEAST_EACH = 80
"""Bytes: less than anything takes that is kept of each."""


@pytest.fixture
def seller(tmp_path: Path) -> MeteredSeller:
    return MeteredSeller({"KOOGALLERY_STORE": f"sqlite:{tmp_path / 'store.sqlite'}"}, 2 * EACH_CALL)


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
    seller.take_in(used[:EACH_CALL])
    before = held()
    seller.take_in(used[EACH_CALL:])

    assert held() - before < EACH_CALL * LEAST_EACH
