"""What the seller's side does by itself takes no longer than it is given."""

from datetime import timedelta
from pathlib import Path

import pytest

from emulator.seller.seller import Seller
from tests.shared.metering.metered import Metered
from tests.world import World


class SellerWithoutTime(Seller):
    """Has no time for a run."""

    seconds = 0.0


@pytest.mark.parametrize(("kind", "completed"), [(Seller, 1), (SellerWithoutTime, 0)])
def test_a_sweep_ends_in_time(world: World, kind: type[Seller], completed: int) -> None:
    world.provisioner.pending = True
    assert world.buy("CS1", "unfinished")["resultCode"] == "000004"
    world.provisioner.pending = False
    world.clock.advance(timedelta(minutes=5))
    assert kind(world.app).sweep()["completed"] == completed


@pytest.mark.parametrize(("kind", "accepted"), [(Seller, 1), (SellerWithoutTime, 0)])
def test_an_upload_ends_in_time(tmp_path: Path, kind: type[Seller], accepted: int) -> None:
    world = Metered(tmp_path)
    world.clock.advance(timedelta(hours=1))
    world.take_in(world.event("event-1", "2"))
    world.clock.advance(timedelta(hours=2))
    assert kind(world.app).upload().get("accepted", 0) == accepted
