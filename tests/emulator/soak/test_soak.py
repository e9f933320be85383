"""Short soaks pass; soaks of a seller who is wrong do not."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from emulator.commands.cli import main
from emulator.marketplace.faults.fault_list import FAULTS
from emulator.soak import random_plan
from emulator.soak.environment import soak_environment
from emulator.soak.errors import ExplainedErrors
from emulator.soak.finding import SoakFinding
from emulator.soak.soak import Soak
from emulator.soak.tally import Tally
from emulator.soak.test_provisioner import Site, SoakProvisioner
from emulator.soak.verdict import verdict
from shared.app import App
from shared.errors import ResultCode
from shared.metering.events import Stored, UsageEvents
from shared.orders.book import BookedOrder
from shared.provisioning import Access, Buyer, Instance, Pending
from tests.emulator.marketplace.scripted import KEYS, scripted_market


@contextmanager
def soaked(prepared: Callable[[App], None], *faults: str, bursts: int = 6) -> Iterator[Mapping[str, SoakFinding]]:
    """The verdict, by title, on a bundle that was changed, after so many bursts, however long they take."""
    with soak_environment({}, seed=3, prepared=prepared, log_to=sys.stderr) as environment:
        if isinstance(provisioner := environment.app.provisioner, SoakProvisioner):
            environment.__dict__["provisioner"] = provisioner
        for name in faults:
            environment.market.switches.set(name, 0.3)
        soak = Soak(environment, 3, seconds=600, bursts=bursts)
        soak.run()
        yield verdict(soak, ExplainedErrors([FAULTS[name] for name in faults]))


@pytest.mark.slow
def test_a_few_bursts_with_every_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "verdict.json"
    assert main(["soak", "--bursts", "6", "--json", str(file)]) == 0, capsys.readouterr().out
    found: dict[str, Any] = json.loads(file.read_text())
    assert found["passed"]
    assert all(line["passed"] for line in found["verdict"])
    assert found["results"][ResultCode.SUCCESS.value] > 20
    assert len(found["faults_met"]) > 8


def test_the_same_seed_plans_the_same_acts() -> None:
    def planned(seed: int) -> list[object]:
        return list(islice(random_plan.bursts(seed), 200))

    assert planned(7) == planned(7)
    assert planned(7) != planned(8)
    names = {act.name for burst in islice(random_plan.bursts(7), 200) for act in burst.actions}
    assert {"buy", "renew", "upgrade", "unsubscribe", "use", "use late", "use again"} <= names


@pytest.mark.sweep
def test_what_a_seller_does_wrong_is_found_each_by_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is made twice and never released, usage gets lost, and the book has each order twice."""

    class TwiceForEver(SoakProvisioner):
        def _made(self, instance: Instance, key: str, before: Site | None) -> Site:
            return super()._made(instance, f"{key} again", super()._made(instance, key, before))

        def release(self, instance: Instance, key: str) -> None:
            pass

    class Lossy(UsageEvents):
        def add(self, stored: Sequence[Stored]) -> None:
            super().add(stored[1:])

    def prepared(app: App) -> None:
        app.__dict__["provisioner"] = TwiceForEver(app.clock)
        app.__dict__["usage_events"] = Lossy(app.tables.table("usage"), app.clock, app.settings.shards)

    def twice(order: BookedOrder) -> Iterator[dict[str, Any]]:
        yield from items(order)
        yield from items(replace(order, instance_id=f"{order.instance_id}-again"))

    items = BookedOrder.items
    monkeypatch.setattr(BookedOrder, "items", twice)
    with soaked(prepared) as lines:
        instances = "; ".join(lines["instances = orders"].problems)
        assert "was made 2 times" in instances
        assert "is not released" in instances
        assert "is booked with" in lines["order book = orders"].shown
        assert "nothing refused" in lines["billed = used"].shown


def test_a_provisioner_that_fails_is_an_unexpected_error() -> None:
    class Failing(SoakProvisioner):
        def create(self, instance: Instance, buyer: Buyer, key: str) -> Access | Pending:  # type: ignore[override]
            raise RuntimeError("no")

    def prepared(app: App) -> None:
        app.__dict__["provisioner"] = Failing(app.clock)

    with soaked(prepared) as lines:
        assert not lines["no unexpected error"].passed
        assert not lines["every answer is right"].passed


def test_a_seller_who_does_not_verify_accepts_forged_calls() -> None:
    with scripted_market(verifies=False) as scene:
        tally = scene.market.timeline.on_call = Tally()
        scene.market.switches.inject("wrong-signature", 1)
        scene.bought()
        scene.market.run_due()
        told = "call 1: wrong-signature on newInstance of version 2, code 000000"
        assert (tally.forged, tally.accepted_forged) == (1, [told])


def test_an_answer_that_is_not_signed_is_counted() -> None:
    with scripted_market() as scene:
        tally = scene.market.timeline.on_call = Tally()
        scene.market.keys = scene.market.signer.keys = replace(KEYS, access_key="another")
        scene.bought()
        scene.market.run_due()
        assert tally.unsigned


def test_a_fault_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["soak", "--faults", "lost,nonsense"]) == 2
    assert "nonsense" in capsys.readouterr().err
