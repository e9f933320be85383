"""What docs/repair.md says, done: each of its commands, in a world that has what it is about."""

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from emulator.commands.cli import main
from shared.provisioning import OrderType
from tests.pages import both, named, texts
from tests.shared.repair.mishaps import pending, placed
from tests.world import World

pytestmark = pytest.mark.docs

ORDER, CHANGE = "CS1906666666ABCDE", "CS1906666688ABCDE"
INSTANCE = "03pf80c2bae96vc49b80b917bea776d7"


def a_renewal_nobody_told_of(world: World) -> None:
    world.buy_v2(ORDER, INSTANCE)
    placed(world, CHANGE, OrderType.RENEW)


def released(world: World) -> None:
    world.buy(
        ORDER, INSTANCE, customerId="688055390f3049f283fe9f1aa90f7858", userId="0f3049f283fe9f1aa90f7858688055390"
    )
    world.send(world.v1.call("releaseInstance", instanceId=INSTANCE))


SURROUNDINGS: Mapping[str, Callable[[World], None]] = {
    "retry": a_renewal_nobody_told_of,
    "complete": lambda world: pending(world, ORDER, INSTANCE),
    "erase": released,
    "redrive": a_renewal_nobody_told_of,
    "rotate": lambda _world: None,
    "usage": a_renewal_nobody_told_of,
    "reseal": a_renewal_nobody_told_of,
    "resync": a_renewal_nobody_told_of,
}


COMMANDS = [
    pytest.param(line, id=f"{named(page)}: {line}")
    for page in both("docs/repair")
    for block in texts(page, "bash")
    for line in block.replace("\\\n", " ").splitlines()
]


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_ends_well(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, name, *rest = shlex.split(line)
    world = World(tmp_path)
    SURROUNDINGS[name](world)
    monkeypatch.chdir(tmp_path)
    key, new = tmp_path / "key", tmp_path / "new-key.txt"
    key.write_text("the-old-key-of-the-seller" + ",the-new-key-of-the-seller" * ("switch" in rest or "drop" in rest))
    new.write_text("the-new-key-of-the-seller")
    monkeypatch.setenv("KOOGALLERY_ACCESS_KEY", f"file:{key}")
    assert program == "koogallery"
    assert main([name, *rest]) == 0
