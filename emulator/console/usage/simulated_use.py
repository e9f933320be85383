"""Uses instances hour by hour of the marketplace's time, however that passes.

An hour's event has an id of its own, so after a death it is posted again and counts once.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from emulator.console.usage.months import TASK, SimulatedMonth, SimulatedMonths
from emulator.console.usage.used import keep, refusals
from emulator.marketplace.market import Market
from emulator.seller.application import SellerApplication, usage_event

AGAIN = timedelta(minutes=30)
"""When an intake is asked again that did not answer."""


class SimulatedUse:
    """Does what the months of ``market`` ask for, through the intake of ``application``, which may come and go."""

    def __init__(self, market: Market, application: Callable[[], SellerApplication | None]) -> None:
        self._market = market
        self._application = application
        self._months = SimulatedMonths(market)
        market.agenda.handle(TASK, self._turn)

    def _turn(self, number: str) -> None:
        month, application = self._market.database.get(SimulatedMonth, number), self._application()
        if month is None or not month.running or application is None:
            return
        use = month.use()
        event = usage_event(f"month-{month.id}-{month.done}", use.instance_id, use.at, use.value)
        try:
            answer = application.post_usage([event])
        except ConnectionError as error:
            self._months.keep(month.model_copy(update={"problem": str(error)}), self._market.clock.now() + AGAIN)
            return
        reasons = dict(Counter(month.rejected) + refusals(answer))
        with self._market.database.changing():
            if not answer["rejected"]:  # a duplicate was taken before a death
                keep(self._market.database, use, 1)
            self._months.keep(month.model_copy(update={"done": month.done + 1, "rejected": reasons, "problem": ""}))
