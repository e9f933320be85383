"""A whole bundle that sells by use: real intake, ledger and upload, a usage API in memory."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from functions import metering
from shared.app import App, install
from shared.clock import Deadline
from shared.metering.intake import Intake, take_in
from shared.provisioning import Charging
from shared.store.sqlite.table import SqliteTables
from shared.store.table import Tables
from tests.fakes import FakeClock
from tests.shared.metering.market import FakeUsageApi
from tests.world import World, order

METER = "meter-1"
TOKEN = "token-of-the-application-of-this-test"


class Metered(World):
    """``used_from`` is when the instance ``METER`` was started, a month before now."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None, tables: Tables | None = None) -> None:
        self.api = FakeUsageApi()
        clock = FakeClock()
        tables = tables or SqliteTables(str(folder / "store.sqlite"), clock, synchronous="OFF")
        super().__init__(folder, {"KOOGALLERY_APP_TOKEN": TOKEN, **(settings or {})}, clock, tables)
        self.clock.advance(timedelta(days=-30))
        self.used_from = self.clock.now()
        self.sell(METER)
        self.clock.advance(timedelta(days=30))

    def restarted(self) -> App:
        app = super().restarted()
        self.app = App(
            app.settings,
            clock=app.clock,
            tables=app.tables,
            provisioner=app.provisioner,
            orders=app.orders,
            usage_push=self.api,
        )
        install(self.app)
        return self.app

    def sell(self, instance_id: str, charging: Charging = Charging.ON_DEMAND, product: str = "OFFI1") -> None:
        """A buyer orders ``instance_id``."""
        self.orders.orders[instance_id] = order(instance_id, charging=charging, product_id=product)
        assert self.buy_v2(instance_id, instance_id)["resultCode"] == "000000"

    def take_in(self, *events: Any) -> Intake:
        """The intake of one call."""
        return take_in(self.app, events)

    def upload(self) -> dict[str, int]:
        """One scheduled run."""
        return metering.upload(self.app, {}, Deadline(self.clock, 600))

    def hour_passes(self) -> None:
        """Until the present hour may be billed and what is marked may be seen."""
        self.clock.advance(timedelta(hours=1, minutes=10))

    @property
    def billed(self) -> Decimal:
        """What the marketplace has accepted for ``METER``."""
        return self.api.total(METER)

    def event(self, event_id: str = "event-1", value: Any = "1.5", time: datetime | None = None, **more: Any) -> Any:
        """An event as the application sends it; now, unless told otherwise."""
        moment = (time or self.clock.now()).isoformat()
        return {"id": event_id, "instanceId": METER, "time": moment, "value": value} | more
