"""The marketplace as the seller's side reaches it over HTTP: order query, usage API and sign-in server of one model."""

import random
from collections.abc import Mapping
from datetime import timedelta

from emulator.keys import OpenApiKeys
from emulator.marketplace.call_recorder import recorded
from emulator.marketplace.delivery.call import Family
from emulator.marketplace.faults.fault_list import by_switches
from emulator.marketplace.faults.switches import Where
from emulator.marketplace.market import Market
from emulator.marketplace.organisation.sign_in import connect
from emulator.openapi.order_query import OrderQueryApi
from emulator.openapi.usage.api import UsageApi
from emulator.openapi.usage.usage_records import UsageRecords
from emulator.sign_in.server import Identity
from emulator.wire.own_host import own_host_only
from emulator.wire.server import Handle
from shared.http import HttpRequest, HttpResponse
from shared.openapi.order_query import PATH as ORDER_QUERY
from shared.openapi.usage_push import NEW, OLD

SETTLE = "validate usage"
SIGN_IN = ("/api/v1/oauth2/", "/api/v1/cas/", "/api/v1/logout", "/unified-login/")
"""The sign-in server's paths; what else is below ``/api/v1/`` is the console's."""
LOOKED_AT = timedelta(minutes=10)
"""When records are looked at that were only received. No page tells when that is."""


class Marketplace:
    """``market`` and its open APIs. ``handles`` serves them, each call recorded."""

    def __init__(self, market: Market, keys: OpenApiKeys, *, seed: int = 1) -> None:
        self.market = market
        self.keys = keys
        database, clock = market.database, market.clock
        self.order_query = OrderQueryApi(keys.ak, keys.sk, market.signing_clock, market.orders)
        self.usage = UsageApi(
            keys.usage_key,
            keys.ak,
            keys.sk,
            clock,
            instances=market.instances,
            records=UsageRecords(database.connection, database.lock),
            dice=random.Random(seed),  # noqa: S311 - to be repeatable is the point
            signing_clock=market.signing_clock,
        )
        self.identity = Identity(clock)
        connect(market.organisation, self.identity)
        market.agenda.handle(SETTLE, lambda _subject: self.usage.settle())
        queues = {
            Where.ORDERS: self.order_query.faults,
            Where.USAGE: self.usage.faults,
            Where.SIGN_IN: self.identity.faults,
        }
        by_switches(market.switches, queues)

    def handles(self) -> Mapping[str, Handle]:
        """Handle by path; one that ends with ``/`` stands for all below."""
        return {
            ORDER_QUERY: self._recorded(self.order_query.answer, Family.ORDERS),
            NEW: self._recorded(self._usage, Family.USAGE),
            OLD: self._recorded(self._usage, Family.USAGE),
            **dict.fromkeys(SIGN_IN, own_host_only(self._recorded(self._sign_in, Family.SIGN_IN))),
        }

    def _usage(self, request: HttpRequest) -> HttpResponse:
        response = self.usage.answer(request)
        if self.usage.records.waiting() and not self.market.agenda.due_at(SETTLE):
            self.market.agenda.put(SETTLE, "", self.market.clock.now() + LOOKED_AT)
        return response

    def _sign_in(self, request: HttpRequest) -> HttpResponse:
        return self.identity.handle(request) or HttpResponse(404, {"Content-Type": "text/plain"}, b"not found")

    def _recorded(self, handle: Handle, family: Family) -> Handle:
        return recorded(handle, self.market.timeline, self.market.clock, family)
