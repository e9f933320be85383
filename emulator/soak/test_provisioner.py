"""The seller's product in a soak: a provisioner that remembers what it was asked to do, and is slow now and then."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from zlib import crc32

from shared.clock import Clock
from shared.errors import ProvisioningError
from shared.provisioning import Access, Buyer, FreezeReason, Instance, Pending, Renewal, Specification
from shared.provisioning.demo import DemoProvisioner

BUILDING = timedelta(minutes=25)
"""How long a site takes that is built in the background."""
BACKGROUND = 0.1
"""Part of the sites that are built in the background."""
SLOW, HANGS = 0.01, 3.0
"""Part of the sites whose creation does not come back for so many seconds."""
OUT_OF_ORDER = "the backend is out of order"


@dataclass(frozen=True, slots=True)
class Site:
    """What runs for one instance. ``made``: how often it was created by wishes that were not the same."""

    order: str
    keys: tuple[str, ...]
    ready_at: datetime
    plan: str | None
    quantity: int | None
    expires_at: datetime | None
    frozen: bool = False
    released: bool = False

    @property
    def made(self) -> int:
        return len(self.keys)


class SoakProvisioner(DemoProvisioner):
    """Sites by instance id. Thread-safe. ``failed`` has the instances of acts that failed; ``hanging`` counts the
    creations that do not come back.

    :param failing: does the present act fail? Creation never does.
    """

    def __init__(self, clock: Clock, failing: Callable[[], bool] = lambda: False) -> None:
        self._clock, self._failing = clock, failing
        self._lock = Lock()
        self.hanging = 0
        self.sites: dict[str, Site] = {}
        self.failed: set[str] = set()

    def create(  # type: ignore[override]
        self,
        instance: Instance,
        buyer: Buyer,  # noqa: ARG002 - the protocol's parameter
        key: str,
    ) -> Access | Pending:
        """Make a site, once for each key; a slow one is there only after the caller has stopped waiting."""
        if instance.instance_id not in self.sites and _share(instance.instance_id, "slow") < SLOW:
            self._hang()
        with self._lock:
            site = self.sites.get(instance.instance_id)
            if site is None or key not in site.keys:
                self.sites[instance.instance_id] = self._made(instance, key, site)
        return self.describe(instance)

    def describe(self, instance: Instance) -> Access | Pending:  # type: ignore[override]
        """The access details, once the site is ready."""
        site = self.sites.get(instance.instance_id)
        ready = site is not None and self._clock.now() >= site.ready_at
        return super().describe(instance) if ready else Pending()

    def renew(self, instance: Instance, renewal: Renewal, key: str) -> None:  # noqa: ARG002
        bought = renewal.specification
        self._change(instance, expires_at=renewal.expires_at, plan=bought.product_id, quantity=bought.quantity)

    def change(self, instance: Instance, specification: Specification, key: str) -> None:  # noqa: ARG002
        self._change(instance, plan=specification.product_id, quantity=specification.quantity)

    def freeze(self, instance: Instance, reason: FreezeReason, key: str) -> None:  # noqa: ARG002
        """Closed, not deleted."""
        self._change(instance, frozen=True)

    def unfreeze(self, instance: Instance, key: str) -> None:  # noqa: ARG002
        self._change(instance, frozen=False)

    def release(self, instance: Instance, key: str) -> None:  # noqa: ARG002
        """Deleted; what remains says that it was there."""
        self._change(instance, released=True)

    def _hang(self) -> None:
        with self._lock:
            self.hanging += 1
        self._clock.sleep(HANGS)
        with self._lock:
            self.hanging -= 1

    def _made(self, instance: Instance, key: str, before: Site | None) -> Site:
        background = _share(instance.instance_id, "background") < BACKGROUND
        return Site(
            order=instance.order_id,
            keys=(*(before.keys if before else ()), key),
            ready_at=self._clock.now() + (BUILDING if background else timedelta()),
            plan=instance.specification.product_id,
            quantity=instance.specification.quantity,
            expires_at=instance.expires_at,
        )

    def _change(self, instance: Instance, **changes: object) -> None:
        if self._failing():
            self.failed.add(instance.instance_id)
            raise ProvisioningError(OUT_OF_ORDER)
        with self._lock:
            if site := self.sites.get(instance.instance_id):
                self.sites[instance.instance_id] = replace(site, **changes)  # type: ignore[arg-type]


def _share(instance_id: str, name: str) -> float:
    """A number from 0 to 1 that the instance has for ever."""
    return crc32(f"{name} {instance_id}".encode()) / 2**32
