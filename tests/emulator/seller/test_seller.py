"""What the seller's side does by itself takes no longer than it is given."""

from datetime import timedelta
from pathlib import Path

import pytest

from emulator.seller.seller import Seller
from tests.shared.metering.metered import Metered
from tests.world import World


@pytest.mark.parametrize(("seconds", "completed"), [(60, 1), (0, 0)])
def test_a_sweep_ends_in_time(world: World, seconds: float, completed: int) -> None:
    world.provisioner.pending = True
    assert world.buy("CS1", "unfinished")["resultCode"] == "000004"
    world.provisioner.pending = False
    world.clock.advance(timedelta(minutes=5))
    assert Seller(world.app, seconds).sweep()["completed"] == completed


@pytest.mark.parametrize(("seconds", "accepted"), [(60, 1), (0, 0)])
def test_an_upload_ends_in_time(tmp_path: Path, seconds: float, accepted: int) -> None:
    world = Metered(tmp_path)
    world.clock.advance(timedelta(hours=1))
    world.take_in(world.event("event-1", "2"))
    world.clock.advance(timedelta(hours=2))
    assert Seller(world.app, seconds).upload().get("accepted", 0) == accepted
