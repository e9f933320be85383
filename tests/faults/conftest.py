"""What every fault is measured with."""

from pathlib import Path
from typing import Any

import pytest

from shared import log
from shared.metrics.counts import Counts
from tests.faults.healed import Seen, ended, renewed
from tests.world import World


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seen:
    """The metrics, from zero."""
    counts = Counts(tmp_path)
    monkeypatch.setattr(log, "_ears", [counts.line])
    return Seen(counts)


@pytest.fixture
def without(tmp_path: Path) -> tuple[Any, ...]:
    """How an instance that was bought and renewed ends without a fault."""
    folder = tmp_path / "without"
    folder.mkdir()
    world = World(folder)
    world.buy()
    assert renewed(world) == "000000"
    return ended(world)
