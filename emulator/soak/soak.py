"""The soak itself: bursts of acts, time that passes between them, and at the end the draining."""

import math
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from threading import Event

import psutil

from emulator.marketplace.delivery.messages import Delivery, Message, Purpose, schedule
from emulator.marketplace.organisation.sign_in import login_accounts
from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus
from emulator.seller.timers import MINUTES
from emulator.soak.buyers import Buyers
from emulator.soak.environment import SoakEnvironment
from emulator.soak.login_traffic import LoginTraffic
from emulator.soak.random_plan import Burst, PlannedAction, bursts
from emulator.soak.tally import Tally
from emulator.soak.usage_traffic import UsageTraffic
from shared.provisioning import State
from shared.watch.findings import findings

AT_ONCE = 16
"""Calls side by side."""
DRAINED_AFTER = timedelta(days=4)
"""Simulated time that is enough for everything that waits, once nothing goes wrong any more."""
STEP = timedelta(hours=1)
A_MINUTE = timedelta(minutes=1)
SHORT = 0.05
HEALED = frozenset({"order.unknown"})
"""Findings that must be gone once nothing goes wrong any more."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is. ``part``: from 0 to 1."""

    part: float
    now: datetime
    calls: int
    live: int
    memory: float
    seconds: float


@dataclass
class Soak:
    """Acts on ``environment`` as ``seed`` plans, for so many ``seconds`` or ``bursts``, whichever end first.

    ``sizes``: resident memory in MiB by seconds since the start.
    """

    environment: SoakEnvironment
    seed: int
    seconds: float
    bursts: int | None = None
    told: Callable[[Progress], None] = lambda _progress: None
    stopped: Event = field(default_factory=Event)
    sizes: list[tuple[float, float]] = field(default_factory=list)
    planned: list[PlannedAction] = field(default_factory=list)
    restarts: int = 0

    def __post_init__(self) -> None:
        environment = self.environment
        self.tally = environment.market.timeline.on_call = Tally()
        self.usage = UsageTraffic(environment.application, environment.clock)
        self.buyers = Buyers(environment.market)
        settings = environment.app.settings
        self.logins = LoginTraffic(
            environment.market, f"{environment.url}{settings.base_path}", settings.required("KOOGALLERY_APP_URL")
        )
        self._waiting: list[Future[None]] = []
        self._frozen: dict[str, datetime] = {}

    def run(self) -> None:
        """Until time or bursts are over or ``stopped`` is set; then drain."""
        started = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="soak") as executor:
            for number, burst in enumerate(islice(bursts(self.seed), self.bursts), 1):
                self._burst(burst, executor)
                self._tell(number, started)
                if time.monotonic() - started >= self.seconds or self.stopped.is_set():
                    break
            self.drain(executor)
            self._tell(number, started)

    def drain(self, executor: ThreadPoolExecutor) -> None:
        """Nothing goes wrong any more; let everything that waits come to its end."""
        environment = self.environment
        environment.all_off()
        self.buyers.thaw()
        end = environment.clock.now() + DRAINED_AFTER
        while environment.clock.now() < end:
            self._pass(STEP, executor)

    def _burst(self, burst: Burst, executor: ThreadPoolExecutor) -> None:
        self.planned += burst.actions
        for action in burst.actions:
            if not self.buyers.action(action):
                self._use(action, executor)
        self._due(executor)
        self._pass(burst.pause, executor)
        self.buyers.forget_the_gone()

    def _use(self, action: PlannedAction, executor: ThreadPoolExecutor) -> None:
        if action.name == "organise":
            self.logins.edit(action)
        elif coming := self._coming(action):
            self._waiting.append(executor.submit(coming))

    def _coming(self, action: PlannedAction) -> Callable[[], None] | None:
        """What people and the seller's application do side by side."""
        if action.name == "log in":
            accounts = login_accounts(self.environment.market)
            return partial(self.logins.log_in, accounts[int(action.subject * len(accounts))]) if accounts else None
        if action.name == "use again":
            return self.usage.again(action)
        return self._used(action)

    def _used(self, action: PlannedAction) -> Callable[[], None] | None:
        if action.name == "use after":
            ended = self.buyers.ended[-1:]
            return self.usage.use_after(ended[0]) if ended else None
        chosen = self.buyers.choose(action, lambda each: each.product.startswith("pay-per-use"))
        if chosen is None:
            return None
        if action.name == "use much":
            return self.usage.use_much(chosen)
        if action.name != "use frozen":
            return self.usage.use(action, chosen)
        if chosen.status is SubscriptionStatus.FROZEN and self._knows_frozen(chosen):
            self._frozen[chosen.id] = self.environment.clock.now()
        thawed = [each for each in self._frozen if self._subscription(each).status is SubscriptionStatus.ACTIVE]
        if not thawed:
            return None
        moment = self._frozen.pop(thawed[0])
        return self.usage.use_frozen(self._subscription(thawed[0]), moment)

    def _knows_frozen(self, subscription: Subscription) -> bool:
        """Has the seller been told of it, and that it did so some time ago?"""
        record = self.environment.app.instances.get(subscription.instance_id)
        now = self.environment.clock.now()
        return bool(record and record.state is State.FROZEN and record.frozen_at and record.frozen_at < now - A_MINUTE)

    def _subscription(self, subscription_id: str) -> Subscription:
        return self.environment.market.database.the(Subscription, subscription_id)

    def _pass(self, pause: timedelta, executor: ThreadPoolExecutor) -> None:
        """Let time pass; the clock stands still for whatever is due, which is done side by side."""
        environment = self.environment
        end = environment.clock.now() + pause
        while (following := self._following()) and following <= end:
            environment.clock.set(max(following, environment.clock.now()))
            self._due(executor)
        environment.clock.set(max(end, environment.clock.now()))
        self._due(executor)
        environment.market.keep_time()

    def _following(self) -> datetime | None:
        ahead = self.environment.market.agenda.ahead(1)
        return ahead[0].at if ahead else None

    def _due(self, executor: ThreadPoolExecutor) -> None:
        """A timer of the seller's runs alone, so that its waiting takes no real time."""
        agenda, now = self.environment.market.agenda, self.environment.clock.now()
        wait(self._waiting)
        for future in self._waiting:
            future.result()
        self._waiting.clear()
        timed = any(task.name in MINUTES and task.at <= now for task in agenda.ahead(5))
        self.environment.market.run_due(None if timed else executor)
        self._wait_for_the_slow()
        self._restart()

    def _wait_for_the_slow(self) -> None:
        """What hangs does so for seconds: simulated hours must not pass meanwhile."""
        while self.environment.provisioner.hanging:
            time.sleep(SHORT)
            if not self.environment.provisioner.hanging:
                time.sleep(SHORT)  # until the bundle has stored what came of it

    def _restart(self) -> None:
        """The seller's operator restarts at once what was given up, as far as that is possible."""
        market = self.environment.market
        failing = filter(None, (market.database.get(Message, each) for each in sorted(self.tally.take_failing())))
        given_up = [message for message in failing if message.state is Delivery.GIVEN_UP]
        if any(message.sync for message in given_up):
            self.restarts += self.logins.retry()
        for message in given_up:
            if not self._restartable(message):
                continue
            try:
                market.deliveries.restart(message.id)
            except ValueError:
                continue  # it was overtaken
            self.restarts += 1

    def _restartable(self, message: Message) -> bool:
        """A question may as well be asked anew, what was refunded is over, and what was released changes no more."""
        once = len(schedule(message.purpose).hours) == 1
        subscription = self.environment.market.database.get(Subscription, message.about)
        gone = subscription is not None and subscription.closed_at is not None
        return not (once or schedule(message.purpose).refunds or (gone and message.purpose is not Purpose.RELEASE))

    def left_over(self) -> list[str]:
        environment = self.environment
        waiting = environment.market.database.rows(
            "SELECT id FROM document WHERE kind = 'message' AND json_extract(body, '$.state') IN ('waiting', 'opening')"
        )
        records = environment.app.billing_records
        pending = sum(1 for shard in range(environment.app.settings.shards) for _ in records.open_keys(shard))
        validating = environment.marketplace.usage.records.waiting()
        return [
            *(f"message {message_id[:12]}" for (message_id,) in waiting),
            *([f"{pending} billing records"] if pending else []),
            *([f"{validating} usage records to be validated"] if validating else []),
            *(f"{each.check} {each.subject}" for each in findings(environment.app) if each.check in HEALED),
        ]

    def _tell(self, number: int, started: float) -> None:
        seconds = time.monotonic() - started
        memory = psutil.Process().memory_info().rss / 2**20
        self.sizes.append((seconds, memory))
        environment = self.environment
        self.told(
            Progress(
                part=min(1.0, max(seconds / self.seconds if self.seconds else 1.0, number / (self.bursts or math.inf))),
                now=environment.clock.now(),
                calls=environment.market.timeline.latest(),
                live=len(self.buyers.live),
                memory=memory,
                seconds=seconds,
            )
        )
