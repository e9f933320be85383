"""Which errors the injected faults explain, and which are the bundle's own."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from emulator.marketplace.faults.fault_list import SKEWED
from emulator.marketplace.faults.switches import Switch, Where
from emulator.soak.log_watch import LogWatch
from emulator.soak.test_provisioner import OUT_OF_ORDER
from shared.metering.room import NO_WINDOW
from shared.watch.findings import FOUND

Line = tuple[str, str, str]
"""Message, error, reason or code of a log line."""

CLIENT_RENEWED = "the sign-in server refuses the tenant's client: have the buyer bind the application again"
"""Somebody logged in between a client's renewal and the message that tells of it."""
_ORDER_QUERY = ("order query", "the open API knows no such")
_SELLER_REFUSED = ("usage-not-let-in", "usage-signature-refused", "usage-seller-status")
_ORDERED = ("newInstance", "refreshInstance", "upgradeInstance")
"""What version 2 asks the order query about."""


@dataclass(frozen=True)
class ExplainedErrors:
    """The faults that were switched ``on``, and the instances at which the seller's backend ``failed``."""

    on: Sequence[Switch]
    failed: Collection[str] = ()

    def at(self, where: Where) -> bool:
        return any(switch.where is where for switch in self.on)

    def named(self, *names: str) -> bool:
        return any(switch.id in names for switch in self.on)

    def explain_answer(self, check: str, activity: str, code: str) -> bool:
        """Had the answer to be an error?"""
        if check != "result.expected":
            return False
        if code == "000004":
            return True  # another copy is at work, or creation goes on in the background
        if code == "000002":
            return activity in _ORDERED and self.named("orders-unknown")
        if code == "000005" and self.at(Where.BACKEND) and activity != "newInstance":
            return True
        return code == "000005" and activity in _ORDERED and self.at(Where.ORDERS)

    def explain_line(self, line: Line, unexplained: Collection[str] = ()) -> bool:
        """Had there to be lines of level ERROR? ``unexplained``: instances they are about at which nothing failed."""
        message, _, reason = line
        rules: dict[str, Callable[[], bool]] = {
            "failed": lambda: (
                (self.at(Where.ORDERS) and reason.startswith(_ORDER_QUERY))
                or (self.at(Where.BACKEND) and reason == OUT_OF_ORDER)
            ),
            "a pending creation failed again": lambda: self.at(Where.ORDERS),
            # What no window is left for, the verdict on usage judges.
            "usage cannot be billed": lambda: (
                reason == NO_WINDOW or (reason == "006" and self.named("usage-some-refused"))
            ),
            "the usage API refuses this seller: check keys and clock": lambda: self.named(*_SELLER_REFUSED),
            FOUND: lambda: self._explain_finding(reason, unexplained),
            "a creation was undone: its order has failed for good": lambda: True,
            CLIENT_RENEWED: lambda: True,
        }
        return rules.get(message, lambda: False)()

    def unexplained(self, watch: LogWatch, line: Line) -> set[str]:
        """The instances in lines of that kind at which neither the backend nor, in a call, the order query failed."""
        return watch.about[line] - set(self.failed) - (watch.failed if self.at(Where.ORDERS) else set())

    def _explain_finding(self, check: str, unexplained: Collection[str]) -> bool:
        """Had the sweep to find that? What fails long enough is an order, or the end of a period, that the marketplace
        gives up.
        """
        failing = self.at(Where.ORDERS) or self.at(Where.BACKEND)
        return {
            "order.unknown": self.named("orders-unknown"),
            "calls.refused": self.at(Where.FORGED) or self.named(SKEWED),
            **dict.fromkeys(("product.unsure", "expiry.untold"), not unexplained),
            "message.given-up": failing,
            "order.given-up": failing,
            "orders.failing": failing,
        }.get(check, False)


def unexpected(watch: LogWatch, faults: ExplainedErrors, forgotten: Collection[str] = ()) -> list[str]:
    """Kinds of lines that nothing explains, each with the first of them. ``forgotten``: instances that the marketplace
    does not know, of which it tells no end.
    """
    found = [
        (line, count)
        for line, count in watch.errors.items()
        if not faults.explain_line(line, faults.unexplained(watch, line) - set(forgotten))
    ]
    return [f"{count} x {' / '.join(filter(None, line))}: {watch.samples.get(line, '')}" for line, count in found]
