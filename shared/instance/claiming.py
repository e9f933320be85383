"""The claim that a purchase belongs to, and the creation that runs once under it (:mod:`shared.instance.claims`)."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from shared.call import Call
from shared.commands import Purchase
from shared.instance.claims import PurchaseWish, Relation, former_key, line_key, other_customer, wish_of
from shared.instance.order_words import order_key
from shared.instance.record import InstanceRecord
from shared.store.idempotency import Beside, OtherWish, Ran

if TYPE_CHECKING:
    from shared.app import App

Claimed: TypeAlias = Ran[InstanceRecord]
Create: TypeAlias = Callable[[Purchase, str, bool], Claimed]
"""Creates what is bought under an instance id; the last one says whether an earlier run died or failed."""
Run: TypeAlias = Callable[[Purchase, str, Beside], Claimed]
"""Runs the creation of what is bought under the claim with this key."""


def claimed(app: "App", call: Call, purchase: Purchase, create: Create) -> tuple[Purchase, Claimed]:
    """Run ``create`` unless that was done; how it ended, and the purchase with the part of its order that was meant.

    :raises Conflict: the order belongs to another customer.
    :raises AuthenticationError: the nonce was used for another call.
    """
    app.nonces.note(call)

    def run(meant: Purchase, key: str, beside: Beside) -> Claimed:
        return app.once.run(key, meant.business_id, partial(create, meant), call, beside)

    wish = wish_of(purchase)
    if wish is None:
        line = line_key(purchase.order_id, purchase.order_part)
        return purchase, run(purchase, line, Beside(former=former_key(purchase)))
    if (ran := _of_order(app, purchase, wish, run)) is not None:
        return purchase, ran
    product = replace(purchase, order_part=wish.product)
    return product, _of_product(product, wish, run)


def _of_order(app: "App", purchase: Purchase, wish: PurchaseWish, run: Run) -> Claimed | None:
    """Version 1: the order's claim; ``None`` if that is about another product."""
    beside = Beside(wish.about, lambda about: wish.relation(about) is Relation.SAME, former_key(purchase))
    try:
        return run(purchase, order_key(purchase.order_id), beside)
    except OtherWish as other:
        relation, subject = wish.relation(other.about), other.subject
    if relation is Relation.OTHER_CUSTOMER:
        raise other_customer()
    existing = app.instances.get(subject) if relation is Relation.ASK_INSTANCE else None
    if existing and existing.order_id == purchase.order_id and wish.is_of(existing):
        is_it_now = existing.specification.product_id == wish.product
        if is_it_now or not app.once.knows(order_key(purchase.order_id, wish.product)):
            return Ran(subject, finished=True, found=existing)
    return None


def _of_product(purchase: Purchase, wish: PurchaseWish, run: Run) -> Claimed:
    """Version 1: a product of a pay-per-use order, ``order_part``, beside the one that came first."""
    beside = Beside(wish.about, lambda about: wish.relation(about) is not Relation.OTHER_CUSTOMER)
    try:
        return run(purchase, order_key(purchase.order_id, purchase.order_part), beside)
    except OtherWish:
        raise other_customer() from None
