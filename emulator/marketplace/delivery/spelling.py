"""Variants of a message's format where the documents allow more than one."""

from collections.abc import Mapping
from typing import Any
from zlib import crc32

from emulator.marketplace.delivery.messages import Message, Purpose
from emulator.marketplace.faults.readings import Holds
from emulator.marketplace.subscriptions.orders import number_of
from shared.commands import Version

KEPT = ("orderId", "productId", "customerId", "expireTime", "instanceId")
"""What even the shortest purchase has; all else of it is optional (production interfaces, section 2.1)."""
_MONEY = (Purpose.PURCHASE, Purpose.RENEWAL, Purpose.UPGRADE, Purpose.RELEASE)
OTHER_AMOUNT = "7.77"
"""What a repeat may say that an order cost."""
_ODD: Mapping[str, tuple[Any, ...]] = {
    "orderAmount": ("-1", "12,50", "free"),
    "trialFlag": (2, "no"),
    "periodNumber": ("x",),
    "saasExtendParams": ("%%%", "e30="),
    "provisionType": ("later",),
}
"""Values that cannot be read, of members that nobody needs for opening what was paid."""


def spelt(message: Message, holds: Holds) -> Mapping[str, Any]:
    """The members of a message as this attempt has them: those after the first are repeats."""
    fields = dict(message.fields)
    if not message.sync:
        if message.activity == "newInstance":
            fields = _purchase(message, fields, holds)
        if message.version is Version.V1 and message.purpose in _MONEY and holds("odd-values", message.id):
            fields |= _odd(message)
        if holds("flag-zero", message.id):
            fields = {"testFlag": 0 if message.version is Version.V1 else "0", **fields}
    if message.purpose is Purpose.TENANT and holds("bare-domain", message.about):
        fields["domainName"] = str(fields.get("domainName")).removeprefix("http://").removeprefix("https://")
    if holds("new-parameter", message.id):
        fields["channelCode"] = "a value of next year"
    return fields


def _purchase(message: Message, fields: dict[str, Any], holds: Holds) -> dict[str, Any]:
    """Which line is meant must be told where there are several."""
    repeated = bool(message.calls) or message.purpose is Purpose.QUERY
    if message.version is Version.V2:
        only = not holds("several-products", number_of(message.order_id))
        if only and not repeated and holds("line-later", message.id):
            fields.pop("orderLineId", None)
        return fields
    if holds("no-charging-mode", message.order_id):
        fields.pop("chargingMode", None)
    if repeated and holds("fewer-on-repeats", message.id):
        fields = {name: value for name, value in fields.items() if name in KEPT}
    if repeated and holds("other-amount", message.id):
        fields["orderAmount"] = OTHER_AMOUNT
    return fields


def _odd(message: Message) -> dict[str, Any]:
    """Of renewals and other later orders only the money: a negative amount would make another order of them."""
    drawn = crc32(message.id.encode())
    if message.purpose is not Purpose.PURCHASE:
        return {"orderAmount": _ODD["orderAmount"][1 + drawn % 2]}
    odd = {name: values[drawn % len(values)] for place, (name, values) in enumerate(_ODD.items()) if drawn >> place & 1}
    return odd or {"orderAmount": "-1"}
