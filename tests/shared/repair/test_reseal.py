"""``koogallery reseal``: nothing is left under the old key, wherever it was killed, and no call is disturbed."""

import json
from contextlib import redirect_stdout
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest

from emulator.commands.cli import main
from shared.errors import ConfigurationError
from shared.instance.terms import sold_as, stored_sold
from shared.repair.reseal import Seal, resealed
from tests.shared.repair.mishaps import organised
from tests.test_crash_points import Death, Mortal, revive
from tests.world import World

OLD, NEW = "a-storage-key-for-tests", "another-storage-key-for-tests"


def filled(folder: Path) -> World:
    """A store with something sealed in it by the old key, and a session that is over."""
    world = World(folder, {"KOOGALLERY_STORAGE_KEY": OLD, "KOOGALLERY_APP_ID": "app-1"})
    world.buy("CS1", "b1", saasExtendParams="W3sibmFtZSI6Im4iLCJ2YWx1ZSI6InYifV0=")
    world.provisioner.pending = True
    world.buy("CS2", "b2")
    organised(world, "b1", "tenant-1", "zhang")
    world.clock.advance(61)
    with_keys(world, f"{NEW},{OLD}")
    return world


def with_keys(world: World, keys: str) -> None:
    world.values["KOOGALLERY_STORAGE_KEY"] = keys
    world.restarted()


def counts(*words: str, code: int = 0) -> dict[str, dict[str, int]]:
    with redirect_stdout(StringIO()) as out:
        assert main(["reseal", *words, "--json"]) == code
    found: dict[str, dict[str, int]] = json.loads(out.getvalue())
    return found


def test_nothing_is_left_under_the_old_key(tmp_path: Path) -> None:
    world = filled(tmp_path)
    before = counts("--dry-run")
    assert sum(each.get("old", 0) for each in before.values()) >= 3
    counts("--check", code=1)
    assert main(["reseal"]) == 2  # nobody to ask

    done = counts("--yes")

    assert {name: each.get("old", 0) for name, each in before.items()} == {
        name: each.get("resealed", 0) for name, each in done.items()
    }
    assert {name for name, each in done.items() if each.get("resealed")} == {"instances", "directory", "sessions"}
    counts("--check")
    with_keys(world, NEW)
    record = world.app.instances.get("b1")
    assert record
    item = world.app.tables.table("instances").get("b1")
    assert item
    assert stored_sold(item) == sold_as(record.specification)
    assert record.access
    counts("--check")
    with_keys(world, OLD)
    with pytest.raises(ConfigurationError):
        world.app.instances.get("b1")
    assert set(counts("--check", code=1)["instances"]) == {"items", "lost"}


def test_killed_anywhere_and_run_again(tmp_path: Path) -> None:
    for fatal in range(60):
        (tmp_path / str(fatal)).mkdir()
        world = filled(tmp_path / str(fatal))
        mortal = Mortal(world, fatal)
        try:
            main(["reseal", "--yes", "--json"])
        except Death:
            revive(world)
        else:
            assert fatal == mortal.passed >= 10
            return
        counts("--yes")
        with_keys(world, NEW)
        counts("--check")
    raise AssertionError("it has no end")


def test_an_instance_that_somebody_is_at_work_on_is_waited_for(tmp_path: Path) -> None:
    world = filled(tmp_path)
    with_keys(world, OLD)
    record = world.app.instances.get("b1")
    assert record
    world.app.instances.replace(record.held(world.clock.now() + timedelta(seconds=30)))
    with_keys(world, f"{NEW},{OLD}")
    assert [each.seal for each in resealed(world.app) if each.table == "instances" and each.seal] == [Seal.RESEALED] * 2
    assert sum(world.clock.slept) >= 30
