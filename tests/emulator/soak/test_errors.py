"""What the sweep finds in a soak is expected if the cause was played, and only then."""

import json
import sys
from datetime import timedelta

import pytest

from emulator.commands.soak import SOAK_FAULTS
from emulator.marketplace.faults.fault_list import ANSWER_LOST
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus
from emulator.soak.environment import soak_environment
from emulator.soak.errors import ExplainedErrors, unexpected
from emulator.soak.log_watch import LogWatch
from emulator.soak.orders_verdict import forgotten
from shared.watch.findings import FOUND

CAUSES = {
    "order.unknown": "orders-unknown",
    "calls.refused": "wrong-signature",
    "message.given-up": "orders-dropped",
}
OF_AN_INSTANCE = ("product.unsure", "expiry.untold")


def unexplained(check: str, faults: list[str]) -> list[str]:
    watch = LogWatch()
    watch.write(json.dumps({"level": "ERROR", "message": FOUND, "code": check}) + "\n")
    return unexpected(watch, ExplainedErrors([SOAK_FAULTS[each] for each in faults]))


@pytest.mark.parametrize("check", CAUSES)
def test_a_finding_is_explained_by_its_cause_alone(check: str) -> None:
    assert unexplained(check, [CAUSES[check]]) == []
    assert unexplained(check, ["usage-throttled", "sign-in-slow"])


@pytest.mark.parametrize("code", OF_AN_INSTANCE)
def test_an_instance_is_unsure_or_goes_on_only_where_the_backend_failed(code: str) -> None:
    watch, faults = LogWatch(), [SOAK_FAULTS["backend-fails"]]
    for name in ("b1", "b2"):
        line = {"level": "ERROR", "message": FOUND, "code": code, "instance_id": name}
        watch.write(json.dumps(line) + "\n")
    assert unexpected(watch, ExplainedErrors(faults, {"b1", "b2", "b3"})) == []
    assert unexpected(watch, ExplainedErrors(faults, {"b1"}))
    assert unexpected(watch, ExplainedErrors(faults))


@pytest.mark.parametrize("code", OF_AN_INSTANCE)
def test_an_instance_is_unsure_or_goes_on_where_the_order_query_failed_in_a_call_about_it(code: str) -> None:
    watch = LogWatch()
    for message, more in (("failed", {"level": "INFO"}), (FOUND, {"level": "ERROR", "code": code})):
        watch.write(json.dumps({"message": message, "instance_id": "b1", **more}) + "\n")
    assert unexpected(watch, ExplainedErrors([SOAK_FAULTS["orders-dropped"]])) == []
    assert unexpected(watch, ExplainedErrors([SOAK_FAULTS["backend-fails"]]))


@pytest.mark.parametrize("check", ["product.unknown", "product.missing", "pending.long"])
def test_no_fault_explains_what_the_product_must_not_lose(check: str) -> None:
    assert unexplained(check, list(SOAK_FAULTS))


def test_what_the_marketplace_never_heard_of_has_an_end_that_it_does_not_tell() -> None:
    """Each answer to a purchase got lost, so the buyer was refunded; the instance stays, and its period ends."""
    with soak_environment({}, seed=1, log_to=sys.stderr) as environment:
        market = environment.market
        environment.timers.stop()
        market.switches.inject(ANSWER_LOST, 4)
        customer, *_ = market.database.all(Customer)
        bought = market.shop.buy(customer.id, "monthly-v2")
        market.advance(timedelta(days=40))
        assert market.database.the(Subscription, bought.id).status is SubscriptionStatus.REFUNDED
        environment.seller.sweep()
        assert any("expiry.untold" in line for line in unexpected(environment.watch, ExplainedErrors([])))
        assert forgotten(environment) == set(environment.provisioner.sites)
        assert unexpected(environment.watch, ExplainedErrors([]), forgotten(environment)) == []
