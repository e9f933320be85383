"""Plays recorded events through the real handlers: what the generated tests are written with."""

import json
from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus
from importlib import import_module
from pathlib import Path
from typing import Any, Self

from emulator.development import KEYS, bundle_settings
from emulator.platforms.contexts import LocalFunctionGraphContext
from emulator.platforms.event_shapes import Event, api_gateway_rest, functiongraph
from emulator.recorder.kinds import kind_of
from emulator.seller.invoke import context_for
from emulator.wire.calls import V1Calls, members_of
from emulator.wire.resign import resigned
from emulator.wire.v1_fields import YEARLY, purchase
from functions import gateway
from shared.app import App, install
from shared.clock import Clock, Deadline, SystemClock
from shared.http import HttpRequest
from shared.openapi.order import Order, OrderLine
from shared.pipelines.marketplace import answer
from shared.protocol.signing import BODY_SIGN, verify_body_sign
from shared.provisioning import Buyer, Charging, Instance, OrderType, Provisioner, Specification
from shared.provisioning.demo import DemoProvisioner
from shared.runtimes import detect
from shared.store.sqlite.table import SqliteTables


class Playback:
    """A bundle of its own, with the development keys and an empty store, for as long as the context lasts.

    :param folder: where its store is.
    :param provisioner: your own, if the test is to be about it; else one that agrees to everything.
    """

    def __init__(self, folder: Path, provisioner: Provisioner | None = None, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._app = App(
            bundle_settings(),
            clock=self._clock,
            tables=SqliteTables(str(folder / "playback.sqlite"), self._clock, synchronous="OFF"),
            provisioner=provisioner or _Agreeable(),
            orders=YearlyOrders(self._clock),
        )

    def __enter__(self) -> Self:
        install(self._app)
        return self

    def __exit__(self, *_error: object) -> None:
        install(None)

    def given(self, *instance_ids: str) -> None:
        """Let these instances be there: bought long ago, so that each renewal, however old its recording, is news.

        :raises AssertionError: one cannot be bought, or not under this id.
        """
        calls = V1Calls(KEYS["KOOGALLERY_KEY"], self._clock)
        for instance_id in instance_ids:
            order_id = f"GIVEN{sha256(instance_id.encode()).hexdigest()[:16].upper()}"
            fields = purchase(**YEARLY, orderId=order_id, businessId=instance_id, expireTime="20000101000000")
            call = calls.call("newInstance", **fields)
            bought = members_of(answer(self._app, call, gateway.find).body)
            if bought.get("instanceId") != instance_id:
                raise AssertionError(f"an instance of this id cannot be bought: {bought['resultCode']}")

    def play(self, function: str, event: Event) -> dict[str, Any]:
        """The members of the answer that ``functions.<function>`` gives to ``event``, signed anew, now.

        :raises AssertionError: its HTTP status is not 200.
        :raises BodySignError: it is not signed rightly.
        """
        context = context_for(event, function)
        request = resigned(detect(context).read(event, context), self._app.settings, self._clock)
        shape: Callable[[HttpRequest], Event]
        shape = functiongraph if isinstance(context, LocalFunctionGraphContext) else api_gateway_rest
        response = import_module(f"functions.{function}").handler(shape(request), context)
        if response["statusCode"] != HTTPStatus.OK:
            raise AssertionError(f"HTTP status {response['statusCode']}")
        body = b64decode(response["body"]) if response["isBase64Encoded"] else response["body"].encode()
        verify_body_sign(KEYS[kind_of(request).setting], response["headers"].get(BODY_SIGN), body)
        members: dict[str, Any] = json.loads(body)
        return members


class _Agreeable(DemoProvisioner):
    def can_change(self, instance: Instance, specification: Specification) -> None:
        """Nothing is in use that a change could take away."""


class YearlyOrders:
    """An order query that knows every order: a yearly one, just placed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def find(self, order_id: str, order_line_id: str | None, _deadline: Deadline) -> Order:
        """The order with the line asked for."""
        bought = Specification("OFFI1", "sku-1", Charging.PERIOD, "year", 1, 10)
        now = self._clock.now()
        line = OrderLine(order_line_id or f"{order_id}-000001", bought, now + timedelta(days=365))
        return Order(order_id, OrderType.NEW, now, (line,), Buyer("given-customer"))
