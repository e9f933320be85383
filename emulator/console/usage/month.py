"""A month of usage, simulated: an instance is used each hour of the marketplace's time, however that passes.

What is left to do stands in the market's file. An hour's event has an id of its own, so after a death it is
posted again and counts once.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from emulator.console.usage.curve import CurvePoint, amount
from emulator.console.usage.used import HOUR, RecordedUse, hour_of, keep
from emulator.marketplace.market import Market
from emulator.marketplace.storage.database import Document
from emulator.seller.application import SellerApplication, usage_event

TASK = "simulated use"
IN_HOUR = timedelta(minutes=30)
"""When in its hour something is used."""
BILLED_AFTER = timedelta(minutes=20)
"""After its end the last hour has been uploaded and collected."""
AGAIN = timedelta(minutes=30)
"""When an intake is asked again that did not answer."""


class UsagePlan(Document):
    """What is used: in so many ``hours`` from ``begin`` on, of which the first ``done`` are over. ``id``: the instance.

    ``rejected``: how many events the intake refused, by its reason. ``problem``: why the latest one was not taken.
    """

    number: int
    shape: str
    most: Decimal
    seed: int
    begin: datetime
    hours: int
    done: int = 0
    stopped: bool = False
    rejected: Mapping[str, int] = {}
    problem: str = ""

    @property
    def running(self) -> bool:
        return self.done < self.hours and not self.stopped

    @property
    def end(self) -> datetime:
        """When all of it is billed."""
        return self.begin + self.hours * HOUR + BILLED_AFTER

    def use(self) -> RecordedUse:
        """What comes next."""
        at = self.begin + self.done * HOUR
        value = amount(self.shape, self.seed, CurvePoint(at, self.done / self.hours), self.most)
        return RecordedUse(self.id, at + IN_HOUR, value)


class SimulatedUse:
    """Uses instances of ``market`` through the intake of ``application``, which may come and go."""

    def __init__(self, market: Market, application: Callable[[], SellerApplication | None]) -> None:
        self._market = market
        self._application = application
        market.agenda.handle(TASK, self._turn)

    def start(self, instance_id: str, shape: str, most: Decimal, seed: int, hours: int) -> UsagePlan:
        """From the next full hour on."""
        market = self._market
        plan = UsagePlan(
            id=instance_id,
            number=market.database.next_number("usage plan"),
            shape=shape,
            most=most,
            seed=seed,
            begin=hour_of(market.clock.now()) + HOUR,
            hours=hours,
        )
        self._go_on(plan)
        return plan

    def resume(self, instance_id: str) -> None:
        """Let go on what was begun, should nobody have been there to do it."""
        plan = self.plan(instance_id)
        if plan and plan.running:
            self._go_on(plan)

    def stop(self, instance_id: str) -> None:
        """What was used stays used; the rest is not."""
        plan = self.plan(instance_id)
        if plan and plan.running:
            with self._market.database.changing():
                self._market.database.put(plan.model_copy(update={"stopped": True}))
                self._market.agenda.drop(TASK, instance_id)

    def plan(self, instance_id: str) -> UsagePlan | None:
        """The latest one of an instance."""
        return self._market.database.get(UsagePlan, instance_id)

    def _turn(self, instance_id: str) -> None:
        plan, application = self.plan(instance_id), self._application()
        if plan is None or not plan.running or application is None:
            return
        use = plan.use()
        event = usage_event(f"month-{plan.number}-{plan.done}", use.instance_id, use.at, use.value)
        try:
            answer = application.post_usage([event])
        except ConnectionError as error:
            self._go_on(plan.model_copy(update={"problem": str(error)}), self._market.clock.now() + AGAIN)
            return
        reasons = dict(plan.rejected)
        for each in answer["rejected"]:
            reasons[str(each["reason"])] = reasons.get(str(each["reason"]), 0) + 1
        with self._market.database.changing():
            if not answer["rejected"]:  # a duplicate was taken before a death
                keep(self._market.database, use, 1)
            self._go_on(plan.model_copy(update={"done": plan.done + 1, "rejected": reasons, "problem": ""}))

    def _go_on(self, plan: UsagePlan, due: datetime | None = None) -> None:
        with self._market.database.changing():
            before = self.plan(plan.id)
            if before and before.number == plan.number and before.stopped:
                return
            self._market.database.put(plan)
            if plan.running:
                self._market.agenda.put(TASK, plan.id, due or plan.use().at)
