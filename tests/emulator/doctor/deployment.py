"""A whole deployment on this machine, right in everything: marketplace, backend, address behind TLS, store in use."""

import base64
import secrets
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from emulator.openapi.order_query import OrderQueryApi, Orders
from emulator.openapi.usage.api import UsageApi
from emulator.wire.server import running
from shared.clock import Clock, SystemClock
from shared.http import HttpRequest, HttpResponse
from shared.openapi.order_query import PATH
from shared.server.schedule import TIMERS, Turns
from shared.store.sqlite.table import SqliteTables
from tests.backend import Backend
from tests.certificates import Authority
from tests.emulator.conformance import seller
from tests.emulator.conformance.server import Raw, Reply, serving
from tests.emulator.doctor.sound import AK, sound
from tests.world import World

CLOCK = SystemClock()
SK = secrets.token_urlsafe(32)
WEBHOOK_SECRET = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()

Through = Callable[[seller.Seller, Raw], Reply]
"""How a gateway hands a call on, and the answer back."""


def straight(behind: seller.Seller, raw: Raw) -> Reply:
    """As it should."""
    reply = behind(raw)
    return Reply(reply.status, {"Cache-Control": "no-store", **reply.headers}, reply.body)


@dataclass
class Deployment:
    """What may be replaced before it is started, each by something with one fault."""

    folder: Path
    through: Through = straight
    backend: Callable[[HttpRequest], HttpResponse] = field(default_factory=lambda: Backend(WEBHOOK_SECRET).answer)
    certificate: str = "localhost"
    ends: timedelta = timedelta(days=90)
    tls: Callable[[ssl.SSLContext], object] = lambda _context: None
    trusted: bool = True
    marketplace_clock: Clock = CLOCK
    sweep_ago: timedelta = timedelta(minutes=4)
    settings: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def started(self) -> Iterator[dict[str, str]]:
        """The settings that it has, and where the authority's certificate is (``SSL_CERT_FILE``)."""
        authority = Authority(self.folder)
        (self.folder / "authority.crt").write_text(authority.pem if self.trusted else Authority(self.folder).pem)
        context = authority.server(self.certificate, self.ends)
        self.tls(context)
        behind = seller.Seller()
        with ExitStack() as stack:
            address = stack.enter_context(serving(lambda raw: self.through(behind, raw), context))
            backend = stack.enter_context(running(self.backend))
            marketplace = stack.enter_context(running(self._marketplace()))
            made = sound(
                self.folder,
                KEY=seller.KEY,
                ACCESS_KEY=seller.ACCESS_KEY,
                NOTIFY_ACCESS_KEY="",
                SK=SK,
                USAGE_KEY="usage-key-of-this-seller",
                PUBLIC_URL=address.removesuffix("/isv"),
                BASE_PATH="/isv",
                API_URLS=marketplace,
                PROVISIONER="webhook",
                WEBHOOK_URL=backend,
                WEBHOOK_SECRET=WEBHOOK_SECRET,
                WEBHOOK_ALLOW_PRIVATE="on",
            )
            self._used(made)
            yield {**made, **{f"KOOGALLERY_{name}": value for name, value in self.settings.items()}}

    def _marketplace(self) -> Callable[[HttpRequest], HttpResponse]:
        orders = OrderQueryApi(AK, SK, CLOCK, Orders(CLOCK))
        usage = UsageApi("usage-key-of-this-seller", AK, SK, CLOCK)

        def answer(request: HttpRequest) -> HttpResponse:
            found = (orders if request.path == PATH else usage).answer(request)
            date = f"{self.marketplace_clock.now():%a, %d %b %Y %H:%M:%S} GMT"
            return HttpResponse(found.status, {**found.headers, "Date": date}, found.body)

        return answer

    def _used(self, made: dict[str, str]) -> None:
        """Somebody has bought, and the timers have run."""
        tables = SqliteTables(made["KOOGALLERY_STORE"].removeprefix("sqlite:"), CLOCK, synchronous="OFF")
        World(self.folder, {"KOOGALLERY_STORAGE_KEY": made["KOOGALLERY_STORAGE_KEY"]}, CLOCK, tables).buy()
        for timer, ago in zip(TIMERS, (self.sweep_ago, timedelta(minutes=50)), strict=True):
            turns = Turns(tables.table("agenda"), SystemClock(-ago.total_seconds()))
            turn = turns.take(timer)
            assert turn is not None
            turns.done(turn)
        tables.close()
