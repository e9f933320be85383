"""Each fault while the emulator's marketplace sells: its own repeats bring the order to the same end as without it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from emulator.marketplace.delivery.messages import Message
from emulator.marketplace.subscriptions.subscription import Subscription
from emulator.soak.environment import SoakEnvironment, soak_environment
from emulator.soak.scenario import Scenario
from emulator.soak.scenario_player import ScenarioPlayer
from emulator.wire.client import send
from shared.errors import Unavailable
from tests.fakes import CountingTables
from tests.faults.healed import Shifted
from tests.faults.surroundings import locked


@contextmanager
def put(place: Any, name: str, value: Any) -> Iterator[None]:
    """``value`` in the place of an attribute."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, name, value)
        yield


def away(*_: Any) -> None:
    raise Unavailable("does not answer")


def broken(*_: Any) -> None:
    raise RuntimeError


def killed(*_: Any) -> None:
    raise KeyboardInterrupt


@contextmanager
def hanging(sold: SoakEnvironment) -> Iterator[None]:
    go = Event()
    create = sold.provisioner.create

    def hang(*arguments: Any) -> Any:
        go.wait(60)
        return create(*arguments)

    with put(sold.provisioner, "create", hang):
        yield
        go.set()


@contextmanager
def dying(sold: SoakEnvironment) -> Iterator[None]:
    """In the middle of a call, for whose answer the marketplace would wait long."""
    sender = sold.market.channel.sender
    hasty = put(sender, "transport", lambda base, request, _timeout: send(base, request, timeout=1.5))
    with put(sold.provisioner, "create", killed), hasty:
        yield


@contextmanager
def switched(sold: SoakEnvironment, fault: str) -> Iterator[None]:
    sold.switches(fault).set(fault, 1)
    yield
    sold.all_off()


@contextmanager
def other_key(sold: SoakEnvironment) -> Iterator[None]:
    with put(sold.market.signer, "keys", replace(sold.market.keys, access_key="a-key-the-seller-has-not")):
        yield


FAULTS: dict[str, Callable[[SoakEnvironment, Path], AbstractContextManager[Any]]] = {
    "store down": lambda sold, _: put(sold.app.tables, "before", away),
    "store locked": lambda _, folder: locked(folder / "store.sqlite"),
    "provisioner failing": lambda sold, _: put(sold.provisioner, "create", broken),
    "provisioner not there": lambda sold, _: put(sold.provisioner, "create", away),
    "provisioner hanging": lambda sold, _: hanging(sold),
    "process killed": lambda sold, _: dying(sold),
    "open API down": lambda sold, _: switched(sold, "orders-unavailable"),
    "calls lost": lambda sold, _: switched(sold, "lost"),
    "key rotated on one side": lambda sold, _: other_key(sold),
    "clock wrong": lambda sold, _: put(sold.app, "clock", Shifted(sold.clock)),
    "schedule off": lambda sold, _: put(sold.seller, "sweep", dict),
}


def sell(tmp_path: Path, fault: Callable[[SoakEnvironment, Path], AbstractContextManager[Any]]) -> tuple[Any, ...]:
    """What comes of an order that is placed while there is a fault, which ends within the hour."""
    settings = {"KOOGALLERY_STORE": f"sqlite:{tmp_path / 'store.sqlite'}", "KOOGALLERY_DEADLINE": "1"}

    def counted(app: Any) -> None:
        app.__dict__["tables"] = CountingTables(app.tables)

    with soak_environment(settings, seed=1, prepared=counted, log_to=sys.stderr) as sold:
        player = ScenarioPlayer(sold)

        def play(*steps: dict[str, Any]) -> None:
            scenario = Scenario.model_validate({"title": "a fault", "steps": list(steps)})
            assert [row for row in player.run(scenario) if row.problem] == []

        with fault(sold, tmp_path):
            play({"buy": "monthly-v2"})
            first = sold.market.database.all(Message)[-1].state.value
        play({"advance": "1h 10m"}, {"advance": "1h 10m"})
        [subscription] = sold.market.database.all(Subscription)
        play({"expect": {"of": "monthly-v2", "standing": "active", "instance": "ACTIVE", "order": "done", "sites": 1}})
        play({"expect": {"agrees": True}})
        record = sold.app.instances.get(subscription.instance_id)
        assert record is not None
        return first, (record.state, record.specification, record.applied, record.unsure, record.tried)


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, ...]:
    """What comes of it without a fault."""
    return sell(tmp_path_factory.mktemp("without"), lambda *_: nullcontext())


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_the_marketplace_itself_brings_it_to_the_same_end(tmp_path: Path, without: tuple[Any, ...], fault: str) -> None:
    first, end = sell(tmp_path, FAULTS[fault])
    assert first != "delivered" or fault == "schedule off"
    assert without == ("delivered", end)
