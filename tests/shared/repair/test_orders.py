"""``koogallery retry``, ``complete`` and ``resync``: what they do, and that a crash in between changes nothing."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from emulator.commands.cli import main
from shared.instance.lookup import happened
from shared.openapi.order import OrderNotFound
from shared.provisioning import Access, OrderType, RenewalScene
from tests.command_line import said
from tests.shared.repair.mishaps import (
    LATER,
    RENEWAL,
    failed_creation,
    failed_renewal,
    failing,
    frozen,
    pending,
    placed,
    refunded,
)
from tests.test_crash_points import Death, Mortal, revive
from tests.world import World, order


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def instance(world: World, instance_id: str) -> Any:
    return world.app.instances.get(instance_id)


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_creation_that_failed(world: World, version: str) -> None:
    failing(world, "create")
    buy = world.buy if version == "v1" else world.buy_v2
    world.orders.orders["CS1"] = order("CS1", product_id="00301-666666-0--0")
    assert buy("CS1", "b1")["resultCode"] == "000005"
    failing(world)

    assert said("retry", "CS1", "--dry-run") == [
        {"what": "create", "result": "would", "instanceId": "b1", "orderId": "CS1"}
    ]
    assert instance(world, "b1") is None
    assert said("retry", "CS1") == [{"what": "create", "result": "done", "instanceId": "b1", "orderId": "CS1"}]

    assert buy("CS1", "b9")["instanceId"] == "b1"
    assert len(world.provisioner.created) == 1
    assert [(each.what, each.by) for each in happened(world.app, "b1")] == [("create", "retry")]
    assert said("retry", "CS1") == [
        {"what": "retry", "result": "nothing", "instanceId": "b1", "orderId": "CS1", "reason": "nothing"}
    ]


def test_an_order_that_nobody_told_of(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert said("retry", "CS1", code=1)[0]["reason"] == "untold"
    placed(world, "R1", OrderType.RENEW)
    assert said("retry", "R1", code=1)[0]["reason"] == "whose"
    world.orders.error = OrderNotFound("the open API knows no such order")
    assert main(["retry", "R2"]) == 2
    assert "no such order" in capsys.readouterr().err


@pytest.mark.parametrize("told", [True, False])
def test_a_renewal_that_failed_or_was_never_told(world: World, told: bool) -> None:
    world.buy_v2("CS2", "b2")
    placed(world, "R1", OrderType.RENEW)
    if told:
        failing(world, "renew")
        assert world.send(world.v2.call("refreshInstance", **RENEWAL))["resultCode"] == "000005"
        failing(world)

    (step,) = said("retry", "R1", *(() if told else ("--instance", "b2")))

    assert (step["what"], step["result"]) == ("renew", "done")
    assert instance(world, "b2").expires_at == LATER
    assert world.send(world.v2.call("refreshInstance", **RENEWAL))["resultCode"] == "000000"
    assert [each.scene for each in world.provisioner.renewals] == [RenewalScene.RENEWAL]
    assert said("retry", "R1")[0]["result"] == "nothing"


def test_an_upgrade_that_failed(world: World) -> None:
    world.buy_v2("CS2", "b2")
    world.orders.orders["U1"] = order("U1", kind=OrderType.CHANGE, sku_code="sku-2")
    failing(world, "change")
    upgrade = {"instanceId": "b2", "orderId": "U1", "orderLineId": "U1-000001"}
    assert world.send(world.v2.call("upgradeInstance", **upgrade))["resultCode"] == "000005"
    failing(world)
    assert said("retry", "U1")[0]["what"] == "upgrade"
    assert instance(world, "b2").specification.sku_code == "sku-2"
    assert world.send(world.v2.call("upgradeInstance", **upgrade))["resultCode"] == "000000"
    assert len(world.provisioner.specifications) == 1


def test_a_refund_releases_only_with_a_word(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.buy_v2("CS2", "b2")
    placed(world, "T1", OrderType.UNSUBSCRIBE)
    assert main(["retry", "T1", "--instance", "b2"]) == 2
    assert "--yes" in capsys.readouterr().err
    assert world.state("b2") == "ACTIVE"
    assert said("retry", "T1", "--instance", "b2", "--dry-run")[0]["result"] == "would"
    assert said("retry", "T1", "--instance", "b2", "--yes")[0]["result"] == "done"
    assert world.state("b2") == "RELEASED"
    assert said("retry", "T1", "--instance", "b2")[0]["result"] == "nothing"


def test_a_stranger_s_order_changes_nothing(world: World) -> None:
    world.buy_v2("CS2", "b2")
    placed(world, "R1", OrderType.RENEW)
    stranger = replace(world.orders.orders["R1"].buyer, customer_id="customer-2")
    world.orders.orders["R1"] = replace(world.orders.orders["R1"], buyer=stranger)
    assert said("retry", "R1", "--instance", "b2", code=1)[0]["reason"] == "other-customer"
    assert world.provisioner.count("renew") == 0


def test_a_creation_that_was_undone_begins_anew_with_a_word(world: World) -> None:
    from functions.sweep import sweep
    from shared.clock import Deadline

    world.provisioner.pending = True
    world.buy_v2("CS2", "b2")
    world.clock.advance(timedelta(hours=5))
    sweep(world.app, {}, Deadline(world.clock, 60))
    world.provisioner.pending = False
    assert said("complete", "b2", code=1)[0]["reason"] == "undone"
    assert main(["retry", "CS2"]) == 2
    assert said("retry", "CS2", "--yes")[0] == {
        "what": "anew",
        "result": "done",
        "instanceId": "b2",
        "orderId": "CS2",
    }
    assert world.state("b2") == "ACTIVE"


def test_complete(world: World) -> None:
    world.provisioner.pending = True
    world.buy_v2("CS2", "b2")
    assert said("complete", "b2", "--dry-run")[0]["result"] == "would"
    assert said("complete", "b2", code=1)[0]["result"] == "pending"
    world.provisioner.pending = False
    world.clock.advance(1)
    assert said("complete", "b2")[0]["result"] == "done"
    assert said("complete", "b2")[0]["result"] == "nothing"
    assert said("complete", "b3", code=1)[0]["reason"] == "no-instance"
    assert [each.by for each in happened(world.app, "b2")][-1] == "complete"


def test_complete_by_hand(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world.provisioner.pending = True
    world.buy_v2("CS2", "b2")
    asked = len(world.provisioner.calls)
    file = tmp_path / "access.json"
    file.write_text('{"access": {"frontEndUrl": "not a URL"}}')
    assert said("complete", "b2", "--access", str(file), code=1)[0]["result"] == "failed"
    file.write_text(
        '{"access": {"frontEndUrl": "https://b2.example.com", "userName": "admin", "password": "s3cret-w"}}'
    )
    assert main(["complete", "b2", "--access", str(file)]) == 0
    assert "s3cret-w" not in "".join(capsys.readouterr())
    assert len(world.provisioner.calls) == asked
    assert instance(world, "b2").access == Access("https://b2.example.com", user_name="admin", password="s3cret-w")


def test_resync_tells_how_an_instance_should_be(world: World) -> None:
    world.buy("CS1", "b1")
    world.buy("CS2", "b2")
    world.send(world.v1.call("expireInstance", instanceId="b1"))
    world.send(world.v1.call("releaseInstance", instanceId="b2"))
    world.provisioner.calls.clear()
    assert said("resync", "b1", "--dry-run")[0]["reason"] == "PERIOD SERVICE SPECIFICATION"
    assert said("resync", "b1", "--unsure")[0]["result"] == "nothing"
    assert world.provisioner.calls == []

    assert said("resync", "--all") == [{"what": "resync", "result": "done", "instanceId": "b1", "orderId": "CS1"}]
    assert [method for method, *_ in world.provisioner.calls] == ["change", "renew", "freeze"]
    assert world.provisioner.renewals[-1].expires_at == instance(world, "b1").expires_at
    first = {key for *_, key in world.provisioner.calls}
    assert world.state("b1") == "FROZEN"
    assert happened(world.app, "b1")[-1].what == "resync"

    world.provisioner.calls.clear()
    assert said("resync", "b1", "b2")[1]["instanceId"] == "b2"
    assert [method for method, *_ in world.provisioner.calls] == ["change", "renew", "freeze", "release"]
    assert not first & {key for *_, key in world.provisioner.calls}
    assert main(["resync"]) == 2
    assert main(["resync", "b9"]) == 2


def test_resync_of_what_a_change_left_unsure(world: World) -> None:
    world.buy("CS1", "b1")
    failing(world, "freeze")
    world.send(world.v1.call("expireInstance", instanceId="b1"))
    failing(world)
    world.provisioner.calls.clear()
    assert said("resync", "--all", "--unsure")[0]["result"] == "done"
    assert [method for method, *_ in world.provisioner.calls] == ["unfreeze"]
    assert not instance(world, "b1").unsure
    # The marketplace's own repeat freezes it all the same.
    assert world.send(world.v1.call("expireInstance", instanceId="b1"))["resultCode"] == "000000"
    assert world.state("b1") == "FROZEN"


MENDED = [
    pytest.param(failed_creation, ["retry", "CS2"], id="create"),
    pytest.param(failed_renewal, ["retry", "R1"], id="renew"),
    pytest.param(refunded, ["retry", "T1", "--instance", "b2", "--yes"], id="release"),
    pytest.param(pending, ["complete", "b2"], id="complete"),
    pytest.param(frozen, ["resync", "b2"], id="resync"),
]


@pytest.mark.sweep
@pytest.mark.parametrize(("prepare", "words"), MENDED)
def test_killed_anywhere_and_run_again_it_ends_in_the_same_state(
    tmp_path: Path, prepare: Callable[[World], None], words: list[str]
) -> None:
    whole = World(made(tmp_path, "whole"))
    prepare(whole)
    whole.clock.advance(1)
    said(*words)
    wanted, told = outcome(whole), keys(whole)
    for world in deaths(tmp_path, prepare, words):
        world.clock.advance(61)
        said(*words)
        assert outcome(world) == wanted
        # Whoever asks once more for what was done wants the product to hear it again.
        assert keys(world) == told or (words[0] == "resync" and keys(world) > told)


def made(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


def deaths(tmp_path: Path, prepare: Callable[[World], None], words: list[str]) -> Iterator[World]:
    for fatal in range(200):
        world = World(made(tmp_path, str(fatal)))
        prepare(world)
        world.clock.advance(1)
        mortal = Mortal(world, fatal)
        try:
            main([*words, "--json"])
        except Death:
            revive(world)
            yield world
        else:
            assert fatal == mortal.passed >= 4
            return
    raise AssertionError("the command has no end")


def outcome(world: World) -> Any:
    record = instance(world, "b2")
    return record.state, record.expires_at, record.unsure, list(record.tried), sorted(record.applied)


def keys(world: World) -> set[tuple[str, str]]:
    return {(method, key) for method, _, key in world.provisioner.calls if key}
