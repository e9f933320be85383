"""What the marketplace sends in the benchmarks, in both protocol versions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any, TypeAlias
from uuid import uuid4

from emulator import development
from emulator.order_ids import line_of
from emulator.wire.calls import V1Calls, V2Calls
from emulator.wire.v1_fields import YEARLY, contact, purchase
from shared.app import App
from shared.clock import Clock
from shared.config import Settings, of
from shared.http import HttpRequest
from shared.protocol.field_cipher import FieldCipher
from shared.secrets import resolver

KEYS = {name: f"measured-{value}" for name, value in development.KEYS.items()}
"""Not the published ones, which no server for production takes."""
SETTINGS = {**KEYS, "KOOGALLERY_PROVISIONER": "demo"}
"""Those of the bundle that is measured, without its store."""


def measured_app(settings: Mapping[str, str] = MappingProxyType({}), **parts: Any) -> App:
    """The bundle that is measured, with these settings too."""
    lookup = of({**SETTINGS, **settings})
    return App(Settings(lookup, resolver(lookup)), **parts)


@dataclass(frozen=True)
class Market1:
    """Version 1. Purchases are complete, with encrypted phone and mail."""

    clock: Clock
    version = "V1"

    @property
    def calls(self) -> V1Calls:
        return V1Calls(KEYS["KOOGALLERY_KEY"], self.clock)

    def purchase(self, order_id: str, *, business_id: str = "", test: bool = False) -> HttpRequest:
        cipher = FieldCipher((KEYS["KOOGALLERY_KEY"],))
        fields = purchase(
            **contact(cipher),
            **YEARLY,
            businessId=business_id or uuid4().hex,
            orderId=order_id,
            expireTime=f"{self.clock.now() + timedelta(days=365):%Y%m%d%H%M%S}",
            amount=10,
            testFlag=1 if test else None,
        )
        return self.calls.call("newInstance", **fields)

    def forged(self) -> HttpRequest:
        genuine = self.purchase("CSFORGED")
        return replace(genuine, query=(*genuine.query[:-1], ("authToken", "A" * 43 + "=")))

    def query(self, instance_id: str) -> HttpRequest:
        return self.calls.call("queryInstance", instanceId=instance_id)

    def status(self, instance_id: str, *, freeze: bool) -> HttpRequest:
        status = "FREEZE" if freeze else "NORMAL"
        return self.calls.call("instanceStatus", instanceId=instance_id, instanceStatus=status)


@dataclass(frozen=True)
class Market2:
    """Version 2."""

    clock: Clock
    version = "V2"

    @property
    def calls(self) -> V2Calls:
        return V2Calls(KEYS["KOOGALLERY_ACCESS_KEY"], self.clock)

    def purchase(self, order_id: str, *, business_id: str = "", test: bool = False) -> HttpRequest:
        return self.calls.call(
            "newInstance",
            orderId=order_id,
            orderLineId=line_of(order_id),
            businessId=business_id or uuid4().hex,
            testFlag="1" if test else None,
        )

    def forged(self) -> HttpRequest:
        genuine = self.purchase("CSFORGED")
        return replace(genuine, body=genuine.body + b" ")

    def query(self, instance_id: str) -> HttpRequest:
        return self.calls.call("queryInstance", instanceId=instance_id)

    def status(self, instance_id: str, *, freeze: bool) -> HttpRequest:
        status = "FREEZE" if freeze else "UNFREEZE"
        return self.calls.call("updateInstanceStatus", instanceId=instance_id, status=status)


BenchMarket: TypeAlias = Market1 | Market2
"""Signed calls, each with a fresh time stamp, nonce and ``businessId``."""
