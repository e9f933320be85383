"""The console of a whole marketplace before a real bundle, both in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from flask.testing import FlaskClient

from emulator.clock import MovableClock
from emulator.console.app import ConsoleApplication, application
from emulator.console.console_context import ConsoleContext
from emulator.console.server import Console, console_for
from emulator.marketplace.market import Market
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.subscription import Subscription
from emulator.seller.local_bundle import local_app, local_settings
from emulator.wire.server import running, serving
from shared.http import HttpRequest, HttpResponse
from shared.server.routes import routes


@dataclass
class ConsoleWorld:
    """``context`` may be changed: what is ``None`` in it is out of reach. ``answers``: the next answers of the seller's
    server, instead of the bundle's.
    """

    context: ConsoleContext
    console: Console
    clock: MovableClock
    client: FlaskClient
    answers: list[HttpResponse]
    closed: set[str]
    url: str

    @property
    def market(self) -> Market:
        return self.context.market

    @property
    def customer(self) -> Customer:
        """The first one."""
        return self.market.database.all(Customer)[0]

    def bought(self, product: str, **form: str) -> Subscription:
        """What a click on the shelf has bought."""
        self.client.post(f"/buyer/{self.customer.id}/buy", data={"product": product, **form})
        return self.market.database.all(Subscription)[-1]

    def refuse(self, times: int = 1) -> None:
        """Let the seller's server answer the next calls with a page of an error."""
        self.answers += [HttpResponse(503, {"Content-Type": "text/html"}, b"<h1>out of order</h1>")] * times

    def close(self, path: str) -> None:
        """Let the seller's server have no such address any more, whoever else calls it in the meantime."""
        self.closed.add(path)


def early_in_a_month() -> datetime:
    """The morning of the tenth of the next one, whatever day it is: a month does not end in the middle of a test."""
    return (datetime.now(UTC).replace(day=1) + timedelta(days=32)).replace(day=10, hour=9, minute=0)


def client_of(console: ConsoleApplication) -> FlaskClient:
    """A browser without cookies, in English."""
    client = application().test_client()
    client.environ_base |= {"HTTP_ACCEPT_LANGUAGE": "en", **console.own}
    return client


@contextmanager
def world(folder: Path) -> Iterator[ConsoleWorld]:
    """Everything, on loopback, until the context ends."""
    clock, answers, closed = MovableClock(), list[HttpResponse](), set[str]()
    clock.set(early_in_a_month())
    environ = {"KOOGALLERY_STORE": f"sqlite:{folder / 'store.sqlite'}"}
    console = console_for(replace(local_settings(environ), clock=clock), clock)
    with serving(console.front, threads=4) as url:
        local = replace(local_settings({**environ, "KOOGALLERY_API_URLS": url}), clock=clock)
        app = local_app(local)
        bundle = routes(app)

        def handle(request: HttpRequest) -> HttpResponse:
            if request.path in closed:
                return HttpResponse(503, {"Content-Type": "text/html"}, b"<h1>out of order</h1>")
            return answers.pop(0) if answers else bundle(request)

        with running(handle, threads=4) as bundle_url:
            console.join(app, bundle_url, url)
            client = client_of(cast("ConsoleApplication", console.front.warm_up()))
            yield ConsoleWorld(console.context, console, clock, client, answers, closed, url)
    console.market.close()
