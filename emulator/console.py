"""The marketplace's own side on this machine: the open API's order query and usage push, the sign-in server, a
sample application, and a page that shows the journey.
"""

import json

from emulator.bundle import Local
from emulator.buyer_centre import BuyerCentre
from emulator.demo_app import PATH as DEMO_APP
from emulator.demo_app import demo_app
from emulator.identity.server import Identity
from emulator.journey import Row
from emulator.journey.page import page
from emulator.order_query import OrderQueryApi, Orders
from emulator.usage.api import UsageApi
from shared.http import HttpRequest, HttpResponse
from shared.openapi.order_query import PATH
from shared.openapi.usage_push import NEW, OLD


class Console:
    """Has the orders, takes usage, shows the journey; ``rows``, ``finished``, ``bundle`` and ``buyer`` change while it
    serves.
    """

    def __init__(self, local: Local) -> None:
        self.orders = Orders(local.clock)
        self.rows: list[Row] = []
        self.finished = False
        self.bundle = ""
        settings = local.settings
        ak, sk = settings.required("KOOGALLERY_AK"), settings.required("KOOGALLERY_SK")
        self._order_query = OrderQueryApi(ak, sk, local.clock, self.orders)
        self.identity = Identity(local.clock)
        self.buyer: BuyerCentre | None = None
        self.usage = UsageApi(settings.required_keys("KOOGALLERY_USAGE_KEY")[0], ak, sk, local.clock)

    def handle(self, request: HttpRequest) -> HttpResponse:
        """The page at ``/``; the open APIs, the sign-in server and a sample application under their own paths."""
        if request.path == PATH:
            return self._order_query.answer(request)
        if request.path in (NEW, OLD):
            return self.usage.answer(request)
        if request.path == DEMO_APP:
            return demo_app(self.bundle)
        for part in (self.identity, self.buyer):
            if part and (answer := part.handle(request)):
                return answer
        if request.path == "/" and request.method == "GET":
            return page(tuple(self.rows), bundle=self.bundle, finished=self.finished)
        body = json.dumps({"message": "nothing is served at this path"}).encode()
        return HttpResponse(404, {"Content-Type": "application/json"}, body)
