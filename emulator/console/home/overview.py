"""Is the integration healthy, what is at risk, what waits, and what to do next: for the page and for the JSON API."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from emulator.console.console_context import ConsoleContext
from emulator.console.home.causes import FailureCause, causes
from emulator.console.home.risks import OrderAtRisk, ProductAtRisk, orders_at_risk, products_at_risk
from emulator.seller.seller import WaitingUsage


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do now: texts ``home.next.<name>``, and where it is done."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Overview:
    """``waiting``: usage that the seller's side has not sent yet."""

    causes: Sequence[FailureCause]
    orders: Sequence[OrderAtRisk]
    products: Sequence[ProductAtRisk]
    waiting: Sequence[WaitingUsage]

    @property
    def open(self) -> Sequence[FailureCause]:
        """The causes that are not mended."""
        return [each for each in self.causes if not each.mended]

    @property
    def health(self) -> str:
        """``bad``: calls fail for a reason that is still there; ``warn``: something is at risk; ``good``."""
        if self.open:
            return "bad"
        return "warn" if self.orders or self.products else "good"

    @property
    def step(self) -> NextStep:
        """The most urgent thing first."""
        if self.open:
            return NextStep("cause", url_for("calls.call", number=self.open[0].latest.number))
        if self.orders:
            return NextStep("orders", url_for("seller.messages", state="waiting"))
        if self.waiting:
            return NextStep("usage", url_for("usage.index"))
        return NextStep("readiness", url_for("readiness.index"))


def overview(shown: ConsoleContext) -> Overview:
    """As it stands now."""
    market, seller = shown.market, shown.seller
    waiting = seller.waiting() if seller else ()
    return Overview(causes(market.timeline), orders_at_risk(market), products_at_risk(market), waiting)
