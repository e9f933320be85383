"""A provisioner that was written for the previous release hears the same and need not change."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import pytest

from shared.clock import SystemClock
from shared.config import Settings, of
from shared.provisioning import (
    Access,
    Buyer,
    FreezeReason,
    Instance,
    Refusal,
    Renewal,
    Specification,
    State,
    Usage,
)
from shared.provisioning.load import load
from tests.market import notice
from tests.world import NOTIFY_KEY, World

KNOWN = (
    "instance_id",
    "order_id",
    "order_line_id",
    "customer_id",
    "specification",
    "trial",
    "state",
    "expires_at",
)
"""What the previous release told of an instance, in its order."""


class PreviousProvisioner:
    """As the previous release's pages show one: each method with the parameters of then."""

    heard: list[tuple[str, str]]

    def __init__(self) -> None:
        self.heard = []

    def create(self, instance: Instance, buyer: Buyer, key: str) -> Access:
        assert buyer.customer_id == instance.customer_id == "customer-1"
        self.heard.append(("create", key))
        return Access(f"https://{instance.instance_id}.example.com")

    def describe(self, instance: Instance) -> Access:
        return Access(f"https://{instance.instance_id}.example.com")

    def renew(self, instance: Instance, renewal: Renewal, key: str) -> None:
        assert renewal.order_id not in ("", instance.order_id)
        self.heard.append(("renew", key))

    def change(self, instance: Instance, specification: Specification, key: str) -> None:
        self.heard.append(("change", str(specification.quantity)))

    def can_change(self, instance: Instance, specification: Specification) -> Refusal | None:
        return None

    def freeze(self, instance: Instance, reason: FreezeReason, key: str) -> None:
        self.heard.append(("freeze", reason))

    def unfreeze(self, instance: Instance, key: str) -> None:
        self.heard.append(("unfreeze", ""))

    def release(self, instance: Instance, key: str) -> None:
        self.heard.append(("release", instance.state))

    def usage(self, instance: Instance) -> Sequence[Usage]:
        return ()

    def order_changed(self, order_id: str, order_line_id: str | None, key: str) -> None:
        self.heard.append(("order_changed", order_id))


@pytest.fixture
def previous(world: World) -> PreviousProvisioner:
    made = load(f"{__name__}:PreviousProvisioner", Settings(of({}), lambda _store, name: name), SystemClock())
    assert isinstance(made, PreviousProvisioner)
    part: Any = made
    world.provisioner = part
    world.restarted()
    return made


def test_a_life_in_version_1(world: World, previous: PreviousProvisioner) -> None:
    instance = {"instanceId": "business-1"}
    upgrade: dict[str, Any] = {"orderId": "U1", "skuCode": "s", "productId": "p", "amount": 20}
    answers = [
        world.buy(orderAmount="5"),
        world.send(
            world.v1.call("refreshInstance", **instance, orderId="R1", expireTime="20281120235959", orderAmount="7")
        ),
        world.send(world.v1.call("upgrade", **instance, **upgrade)),
        world.send(world.v1.call("instanceStatus", **instance, instanceStatus="FREEZE")),
        world.send(world.v1.call("releaseInstance", **instance, orderId="CS1", orderAmount="5")),
        world.send(notice(world), NOTIFY_KEY),
    ]
    assert {answer["resultCode"] for answer in answers} == {"000000"}
    assert previous.heard == [
        ("create", "business-1"),
        ("renew", "business-1:renew:R1/"),
        ("change", "20"),
        ("freeze", "SUSPENDED"),
        ("release", "FROZEN"),
        ("order_changed", "CS1"),
    ]


def test_values_are_made_as_before() -> None:
    """By position, as tests of sellers do; what is new has a default and stands last."""
    names = [field.name for field in fields(Instance)]
    assert tuple(names[: len(KNOWN)]) == KNOWN
    instance = Instance("i", "CS1", None, "customer-1", Specification(), False, State.ACTIVE, None)
    assert (instance.order, instance.release_reason) == (None, None)
