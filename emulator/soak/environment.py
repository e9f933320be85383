"""What a soak runs on: the bundle and the marketplace in this process, each behind a server on loopback."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TextIO

from emulator.console.server import console_for
from emulator.marketplace.apis import Marketplace
from emulator.marketplace.faults.fault_list import BACKEND
from emulator.marketplace.faults.first_host import dead_host, first_host
from emulator.marketplace.faults.readings import held
from emulator.marketplace.faults.switches import Switches, Where
from emulator.marketplace.market import Market
from emulator.seller.application import SellerApplication
from emulator.seller.local_bundle import local_app, local_settings
from emulator.seller.seller import Seller
from emulator.seller.timers import SellerTimers
from emulator.soak.clock import SoakClock
from emulator.soak.log_watch import LogWatch
from emulator.soak.test_provisioner import SoakProvisioner
from emulator.wire.server import Handle, running, serving
from shared import log
from shared.app import App
from shared.clock import month_of
from shared.server.routes import routes
from shared.store.formats import ReadableTables
from shared.store.sqlite.table import SqliteTables

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
DEADLINE = "2"
"""Seconds in which the bundle answers: half of the default, as calls that meet a hanging open API hold up the rest."""


@dataclass(frozen=True)
class SoakEnvironment:
    app: App
    url: str
    clock: SoakClock
    marketplace: Marketplace
    seller: Seller
    application: SellerApplication
    timers: SellerTimers
    provisioner: SoakProvisioner
    watch: LogWatch
    backend: Switches

    def switches(self, fault: str) -> Switches:
        """Those that have a fault of that id."""
        return self.backend if fault in self.backend.known else self.market.switches

    def all_off(self) -> None:
        self.market.switches.all_off()
        self.backend.all_off()

    @property
    def market(self) -> Market:
        return self.marketplace.market

    @property
    def months(self) -> list[str]:
        """From the beginning to now."""
        now = self.clock.now()
        days = range((now - START).days + 1)
        return sorted({month_of(START + timedelta(days=day)) for day in days} | {month_of(now)})


class LoneSeller(Seller):
    """One whose timers run while nothing else does: they need not wait for real, but where a host hangs."""

    def __init__(self, app: App, clock: SoakClock) -> None:
        super().__init__(app, seconds=6.0)
        self._clock = clock

    def upload(self) -> Mapping[str, int]:
        with self._clock.alone():
            return super().upload()

    def sweep(self) -> Mapping[str, int]:
        with self._clock.alone():
            return super().sweep()


@contextmanager
def soak_environment(
    environ: Mapping[str, str],
    *,
    seed: int,
    start: datetime = START,
    prepared: Callable[[App], None] = lambda _app: None,
    readings: Mapping[str, float] = MappingProxyType({}),
    log_to: TextIO,
) -> Iterator[SoakEnvironment]:
    """What a soak runs on, at ``start`` of simulated time. The bundle's store is a new file unless ``environ`` has one.

    :param prepared: is given the bundle before it serves.
    :param readings: how often each holds, by id.
    :param log_to: where the bundle's log goes afterwards.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="soak-")))
        clock, watch = SoakClock(), LogWatch()
        clock.set(start)
        settings = {"KOOGALLERY_DEADLINE": DEADLINE, **environ}
        settings.setdefault("KOOGALLERY_STORE", f"sqlite:{folder / 'store.sqlite'}")
        if held("utc-expiry", seed, readings):
            settings["KOOGALLERY_V1_UTC_OFFSET"] = "0"
        before = replace(local_settings(settings), clock=clock)
        console = console_for(before, clock, folder / "market.sqlite", seed=seed)
        log.write_to(watch.stream)
        stack.callback(log.write_to, log_to)
        stack.callback(console.market.close)
        market = console.market
        for name, rate in readings.items():
            market.readings.set(name, rate)
        open_apis = stack.enter_context(serving(console.front))
        hosts = [stack.enter_context(serving(first_host(console.front, market.switches))), open_apis]
        if held("dead-host", seed, readings):
            hosts.insert(0, stack.enter_context(dead_host()))
        bundle: list[Handle] = []
        # The bundle must know its address before it is built.
        url = stack.enter_context(running(lambda request: bundle[0](request)))  # noqa: PLW0108 - it is built later
        addresses = {
            "KOOGALLERY_API_URLS": ",".join(hosts),
            "KOOGALLERY_PUBLIC_URL": url,
            "KOOGALLERY_PORTAL_URL": f"{open_apis}/unified-login/#/portal-login",
            "KOOGALLERY_APP_URL": f"{open_apis}/app",
        }
        # A store of its own is gone with the soak, so nothing waits for the disk.
        own = {}
        if "KOOGALLERY_STORE" not in environ:
            store = SqliteTables(str(folder / "store.sqlite"), clock, synchronous="OFF")
            own = {"tables": ReadableTables(store)}
        app = local_app(replace(local_settings({**settings, **addresses}), clock=clock), **own)
        backend = Switches(market.database, seed, BACKEND)
        provisioner = SoakProvisioner(clock, failing=lambda: backend.drawn(Where.BACKEND) is not None)
        app.__dict__["provisioner"] = provisioner
        prepared(app)
        bundle.append(routes(app))
        application = console.join(app, url, open_apis)
        market.channel.slow = 0.3
        seller = LoneSeller(app, clock)
        timers = SellerTimers(seller, console.market.agenda, clock)
        timers.start()
        yield SoakEnvironment(
            app, url, clock, console.marketplace, seller, application, timers, provisioner, watch, backend
        )
