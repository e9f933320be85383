"""What the sweep finds and cannot mend: kept until it is gone, told once, with the command that mends it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from shared import log
from shared.clock import epoch_ms, moment_of
from shared.store.keys import joined, split
from shared.store.paging import every
from shared.store.table import Item

if TYPE_CHECKING:
    from shared.app import App

FINDINGS = "findings"
FOUND = "the sweep found what somebody must look at"
MENDED_BY: Mapping[str, str] = {
    "orders.failing": "koogallery risk",
    "probes.failing": "koogallery doctor",
    "calls.refused": "koogallery doctor",
    "message.given-up": "koogallery retry {order_id}",
    "expiry.untold": "koogallery show {instance_id}",
    "order.given-up": "koogallery retry {order_id}",
    "order.unknown": "koogallery retry {order_id} --dry-run",
    "pending.long": "koogallery complete {instance_id}",
    "product.unsure": "koogallery resync {instance_id}",
    "product.missing": "koogallery resync {instance_id}",
    "product.unknown": "koogallery show {instance_id}",
    "directory.left": "koogallery doctor",
    "certificate.ending": "koogallery doctor",
    "schedule.silent": "koogallery doctor",
}
"""Every kind of finding, and the command to begin with. What each means is in ``docs/runbooks.md``."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Of the kind ``check``, about ``subject``: an instance, an order, a host … ``since`` is when it was first seen."""

    check: str
    subject: str
    instance_id: str = ""
    order_id: str = ""
    since: datetime | None = None

    @property
    def mended_by(self) -> str:
        """The command that mends it, or tells more."""
        return MENDED_BY[self.check].format(instance_id=self.instance_id, order_id=self.order_id)

    @property
    def key(self) -> str:
        """What it is kept under."""
        return joined(self.check, self.subject)


def findings(app: "App") -> list[Finding]:
    """What was found and is not gone, by kind."""
    return [_read(item) for item in every(app.tables.table("agenda"), FINDINGS)]


def settle(app: "App", kept: Iterable[Finding], found: Iterable[Finding], looked: Collection[str]) -> int:
    """Keep what was ``found`` and tell what is new; of what was ``kept`` until now forget what is gone, of the kinds
    that were ``looked`` for.

    :returns: how many there are now.
    """
    table = app.tables.table("agenda")
    present, before = {each.key: each for each in found}, {each.key: each for each in kept}
    gone = {key for key, each in before.items() if key not in present and each.check in looked}
    new = [each for key, each in present.items() if key not in before]
    now = epoch_ms(app.clock.now())
    table.put_many([_item(each, now) for each in new])
    table.delete_many([(FINDINGS, key) for key in gone])
    for each in new:
        log.alarm(FOUND, code=each.check, **{name: value for name in IDS if (value := getattr(each, name))})
    return len(before | present) - len(gone)


IDS = ("instance_id", "order_id")


def _item(finding: Finding, now: int) -> Item:
    ids = {name: value for name in IDS if (value := getattr(finding, name))}
    return {"pk": FINDINGS, "sk": finding.key, "at_ms": now, **ids}


def _read(item: Item) -> Finding:
    check, subject = split(item["sk"])
    ids = {name: item[name] for name in IDS if name in item}
    return Finding(check, subject, **ids, since=moment_of(item["at_ms"]))
