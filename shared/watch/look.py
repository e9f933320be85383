"""One look of the sweep at everything, bounded: what is safe is mended, the rest is kept as findings and told once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from shared import log
from shared.clock import Deadline
from shared.watch.certificates import ending_certificates
from shared.watch.findings import Finding, findings, settle
from shared.watch.listings import OF_PARTS, parts, untold_expiries
from shared.watch.messages import keep
from shared.watch.others import at_risk, leftovers, long_pending, product_list, silent_timers
from shared.watch.risk import risk
from shared.watch.round import Look, load, save

if TYPE_CHECKING:
    from shared.app import App
    from shared.store.agenda import Entry

Check: TypeAlias = Callable[["App", Look], Iterator[Finding]]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CHECKS: Mapping[Check, tuple[timedelta, frozenset[str]]] = {
    parts: (timedelta(0), OF_PARTS),
    untold_expiries: (timedelta(0), frozenset({"expiry.untold"})),
    silent_timers: (timedelta(0), frozenset({"schedule.silent"})),
    leftovers: (HOUR, frozenset({"directory.left"})),
    product_list: (HOUR, frozenset({"product.unknown", "product.missing"})),
    ending_certificates: (DAY, frozenset({"certificate.ending"})),
}
"""How often each is made, and what it finds: what it does not find any more is gone."""
OF_WAITING = frozenset({"pending.long"})
OF_RISK = frozenset({"orders.failing", "probes.failing", "calls.refused", "message.given-up", "order.given-up"})


def look(app: "App", deadline: Deadline, waiting: Iterable["Entry"] | None) -> None:
    """Make the checks that are due, while time is left. One that fails keeps what it found before.

    :param waiting: creations that are still pending, oldest first; ``None`` if that is not known of all.
    """
    round_, seen = load(app)
    this = Look(deadline, round_, findings(app))
    now, found, looked = app.clock.now(), list[Finding](), set[str]()
    for check, (every, kinds) in CHECKS.items():
        if deadline.left() and round_.is_due(check.__name__, every, now):
            try:
                found += list(check(app, this))
            except Exception as error:  # noqa: BLE001 - one check must not stop the others
                log.failure("a check of the sweep failed", error, code=check.__name__)
            else:
                looked |= kinds
    if waiting is not None:
        found, looked = [*found, *long_pending(app, waiting)], looked | OF_WAITING
    present = risk(app, deadline, round_)
    count = settle(app, this.before, [*found, *at_risk(present)], looked | OF_RISK)
    keep(app, present.messages)
    save(app, round_, seen)
    figures = {"failed_orders": len(present.failed_orders), "failing_days": present.failing_days}
    log.event("risk", **figures, open=len(present.open), findings=count)
