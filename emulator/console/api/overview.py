"""Is the integration healthy, and what is to be done: the home page, and failures that messages have in common."""

from collections.abc import Sequence
from typing import Any

from emulator.console.api import documents
from emulator.console.api.blueprint import api, market
from emulator.console.console_context import context
from emulator.console.home.causes import FailureCause
from emulator.console.home.overview import overview
from emulator.console.home.risks import OrderAtRisk, ProductAtRisk
from emulator.console.language import say, text
from emulator.console.seller.messages import LOOKED_AT, same_failures
from emulator.marketplace.delivery.messages import Message


@api.get("/overview")
def shown_overview() -> dict[str, Any]:
    """As the home page shows it."""
    found = overview(context())
    newest = market().database.all(Message, newest=LOOKED_AT)
    return {
        "health": found.health,
        "next": found.step.name,
        "causes": [_cause(each) for each in found.causes],
        "orders": [_order(each) for each in found.orders],
        "products": [_product(each) for each in found.products],
        "waiting": [documents.members(each, "instance_id", "value", "until") for each in found.waiting],
        "failures": [_failure(name, messages) for name, messages in same_failures(newest).items()],
    }


def _cause(found: FailureCause) -> dict[str, Any]:
    return {
        **documents.members(found, "calls", "orders", "activities", "mended"),
        "check": found.failure.id,
        "reason": say(found.latest.reason),
        "advice": text(f"checks.{found.failure.id}.advice"),
        "call": found.latest.number,
    }


def _order(found: OrderAtRisk) -> dict[str, Any]:
    return documents.members(found, "refunded_at") | {"message": documents.message(found.message)}


def _product(found: ProductAtRisk) -> dict[str, Any]:
    return documents.members(found.product, "id", "shelf") | documents.members(
        found.report, "failed_orders", "bad_days"
    )


def _failure(name: str, messages: Sequence[Message]) -> dict[str, Any]:
    return {"failure": name, "problem": say(messages[0].problem), "messages": [each.id for each in messages]}
