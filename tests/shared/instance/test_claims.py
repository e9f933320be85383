"""Which claim a purchase belongs to, rule by rule."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from shared.call import Call
from shared.clock import Deadline
from shared.commands import OrderContent, Purchase, Version
from shared.errors import Conflict
from shared.instance.claiming import claimed
from shared.instance.claims import (
    OrderKind,
    PurchaseWish,
    Relation,
    claim_key,
    differing,
    former_key,
    is_for,
    wish_of,
)
from shared.instance.record import InstanceRecord
from shared.provisioning import Buyer, Charging, Specification, State
from shared.store.idempotency import Ran
from tests.world import World

SINGLE, SEVERAL, UNTOLD = OrderKind.SINGLE, OrderKind.SEVERAL, OrderKind.UNTOLD
ON_DEMAND, PERIOD = Charging.ON_DEMAND, Charging.PERIOD


def bought(
    part: str | None = None, trial: bool = False, customer: str = "customer-1", **specification: Any
) -> Purchase:
    """A version 1 purchase, which tells its content."""
    content = OrderContent(Buyer(customer, "Zhang San"), Specification(**specification), trial=trial)
    return Purchase("CS1", part, "business-1", content)


def named(part: str | None, order_id: str = "CS1") -> Purchase:
    """A version 2 purchase, which names its line at most."""
    return Purchase(order_id, part, "business-1", None)


def record(version: Version, part: str | None, **members: Any) -> InstanceRecord:
    """An instance of order CS1."""
    return InstanceRecord("i", "CS1", part, version, State.ACTIVE, datetime(2026, 11, 20, tzinfo=UTC), **members)


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({}, UNTOLD),
        ({"charging": PERIOD}, SINGLE),
        ({"charging": Charging.ONE_TIME}, SINGLE),
        ({"charging": ON_DEMAND}, SEVERAL),
        ({"charging": Charging.ON_DEMAND_PACKAGE}, SEVERAL),
        ({"period_type": "year"}, SINGLE),
        ({"period_number": 1}, SINGLE),
        ({"charging": ON_DEMAND, "period_type": "year"}, SEVERAL),
        ({"charging": PERIOD, "trial": True}, UNTOLD),
        ({"charging": ON_DEMAND, "trial": True}, UNTOLD),
    ],
)
def test_only_what_is_charged_by_use_has_an_instance_for_each_product(told: dict[str, Any], kind: OrderKind) -> None:
    wish = wish_of(bought(product_id="sms", **told))
    assert wish == PurchaseWish(sha256(b"customer-1").hexdigest(), "sms", kind)


def test_what_is_left_beside_a_claim_stays_readable() -> None:
    assert [PurchaseWish("c", "sms", kind).about for kind in (SINGLE, SEVERAL, UNTOLD)] == [
        {"customer": "c", "product": "sms", "kind": "single"},
        {"customer": "c", "product": "sms", "kind": "several"},
        {"customer": "c", "product": "sms", "kind": "untold"},
    ]


def test_version_2_tells_ids_alone_and_version_1_perhaps_no_product() -> None:
    assert wish_of(named("CS1-000001")) is None
    wish = wish_of(bought())
    assert wish is not None
    assert wish.product == ""


@pytest.mark.parametrize(
    ("product", "kind", "about", "relation"),
    [
        ("sms", UNTOLD, {}, Relation.ASK_INSTANCE),
        ("sms", UNTOLD, {"customer": "another"}, Relation.OTHER_CUSTOMER),
        ("sms", SEVERAL, {"product": "sms", "kind": "several"}, Relation.SAME),
        ("sms", SEVERAL, {"product": "", "kind": "several"}, Relation.SAME),
        ("", SEVERAL, {"product": "mms", "kind": "several"}, Relation.SAME),
        ("sms", SINGLE, {"product": "mms", "kind": "untold"}, Relation.SAME),
        ("sms", UNTOLD, {"product": "mms", "kind": "single"}, Relation.SAME),
        ("sms", SEVERAL, {"product": "mms", "kind": "several"}, Relation.OTHER_PRODUCT),
        ("sms", SINGLE, {"product": "mms", "kind": "several"}, Relation.OTHER_PRODUCT),
        ("sms", UNTOLD, {"product": "mms", "kind": "several"}, Relation.OTHER_PRODUCT),
        ("sms", SEVERAL, {"product": "mms", "kind": "single"}, Relation.ASK_INSTANCE),
        ("sms", SEVERAL, {"product": "mms", "kind": "untold"}, Relation.ASK_INSTANCE),
    ],
)
def test_what_a_purchase_is_to_the_claim_of_its_order(
    product: str, kind: OrderKind, about: dict[str, str], relation: Relation
) -> None:
    assert PurchaseWish("c", product, kind).relation({"customer": "c"} | about) is relation


@pytest.mark.parametrize(
    ("product", "kind", "members", "same"),
    [
        ("sms", SEVERAL, {}, True),
        ("mms", UNTOLD, {}, False),
        ("mms", UNTOLD, {"applied": {"R1/": "words"}}, True),
        ("mms", UNTOLD, {"specification": Specification("sms", charging=PERIOD)}, True),
        ("mms", UNTOLD, {"specification": Specification("sms", charging=ON_DEMAND)}, False),
        ("mms", UNTOLD, {"applied": {"return R1/": "words"}}, True),
        ("mms", UNTOLD, {"applied": {"release R1/": ""}}, False),
        ("mms", UNTOLD, {"applied": {"release R1/": "", "R2/": "words"}}, True),
        (
            "mms",
            UNTOLD,
            {"applied": {"R1/": "words"}, "specification": Specification("sms", charging=ON_DEMAND)},
            False,
        ),
        ("mms", SEVERAL, {"applied": {"R1/": "words"}}, False),
    ],
)
def test_an_instance_may_have_another_product_than_it_began_with_if_its_order_has_no_other(
    product: str, kind: OrderKind, members: dict[str, Any], same: bool
) -> None:
    known = record(Version.V1, None, **{"specification": Specification("sms"), **members})
    assert PurchaseWish("c", product, kind).is_of(known) is same


@pytest.mark.parametrize(
    ("version", "part", "key"),
    [
        (Version.V1, None, "CS1/"),
        (Version.V1, "sms", "CS1/sms"),
        (Version.V2, None, "CS1/CS1-000001"),
        (Version.V2, "CS1-000002", "CS1/CS1-000002"),
    ],
)
def test_an_instance_is_made_under_its_line_or_its_product(version: Version, part: str | None, key: str) -> None:
    assert claim_key(record(version, part)) == key


@pytest.mark.parametrize(
    ("purchase", "key"),
    [
        (named(None), "CS1/"),
        (named("CS1-000001"), None),
        (bought(product_id="sms", charging=ON_DEMAND), "CS1/sms"),
        (bought(product_id="sms", charging=PERIOD), None),
        (bought(product_id="sms"), None),
        (bought(charging=ON_DEMAND), None),
    ],
)
def test_the_first_release_claimed_under_another_key(purchase: Purchase, key: str | None) -> None:
    assert former_key(purchase) == key


@pytest.mark.parametrize(
    ("known", "asked", "same"),
    [
        (record(Version.V2, None), named("L1"), True),
        (record(Version.V2, "L1"), named(None), True),
        (record(Version.V2, "L1"), named("L1"), True),
        (record(Version.V2, "L1"), named("L2"), False),
        (record(Version.V2, "L1"), named("L1", "CS2"), False),
        (record(Version.V1, None), bought(product_id="sms"), True),
        (record(Version.V1, "sms"), bought(product_id="sms"), True),
        (record(Version.V1, "sms"), bought("sms"), True),
        (record(Version.V1, "sms"), bought(product_id="mms"), False),
        (record(Version.V1, None), bought("sms", product_id="sms"), False),
        (record(Version.V1, "sms"), record(Version.V1, None), False),
        (record(Version.V1, "sms"), record(Version.V1, "sms"), True),
    ],
)
def test_an_instance_is_for_one_part_of_its_order(
    known: InstanceRecord, asked: Purchase | InstanceRecord, same: bool
) -> None:
    assert is_for(known, asked) is same


def test_only_what_was_told_in_other_words_is_named() -> None:
    told: dict[str, Any] = {
        "product_id": "p",
        "sku_code": "s",
        "charging": PERIOD,
        "period_type": "year",
        "period_number": 1,
        "quantity": 2,
        "disk_size": 3,
        "bandwidth": 4,
        "parameters": {"a": "b"},
    }
    known = record(Version.V1, None, specification=Specification(**told), trial=True)
    assert names(known, bought(trial=True, **told)) == []
    assert names(known, bought()) == [
        "productId",
        "skuCode",
        "chargingMode",
        "periodType",
        "periodNumber",
        "amount",
        "diskSize",
        "bandWidth",
        "saasExtendParams",
        "trialFlag",
    ]


def names(known: InstanceRecord, purchase: Purchase) -> list[str]:
    assert purchase.content is not None
    return differing(purchase.content, known)


def test_an_instance_that_has_another_product_now_is_found_by_it(world: World) -> None:
    call = Call(Version.V1, "newInstance", False, world.clock.now(), "key", {}, Deadline(world.clock, 4))

    def buy(product: str) -> Ran[InstanceRecord]:
        purchase = bought(product_id=product)
        return claimed(world.app, call, purchase, lambda _meant, subject, _again: Ran(subject, finished=True))[1]

    assert buy("monthly").subject == "business-1"
    renewed = world.app.instances.create(
        replace(record(Version.V1, None, applied={"R1/": ""}), instance_id="business-1")
    )
    assert buy("yearly") == Ran("business-1", finished=True, found=renewed)


def test_a_product_beside_a_claim_of_the_first_release_belongs_to_one_customer_too(world: World) -> None:
    """Beside that claim stands nothing, not even whose it is."""
    call = Call(Version.V1, "newInstance", False, world.clock.now(), "key", {}, Deadline(world.clock, 4))
    ran: Ran[InstanceRecord] = Ran("business-0", finished=True)
    world.app.once.run("CS1/", "business-0", lambda _subject, _again: ran, call)

    def buy(customer: str) -> Ran[InstanceRecord]:
        purchase = bought(customer=customer, product_id="mms", charging=ON_DEMAND)
        return claimed(world.app, call, purchase, lambda _meant, subject, _again: Ran(subject, finished=True))[1]

    assert [buy("customer-1").subject, buy("customer-1").subject] == ["business-1"] * 2
    with pytest.raises(Conflict, match=r"^the order belongs to another customer$"):
        buy("customer-2")
