"""The soak itself: bursts of acts, time that passes between them, and at the end the draining."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event

from emulator.marketplace.delivery.messages import Delivery, Message, Purpose, schedule
from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus
from emulator.seller.timers import MINUTES
from emulator.soak.buyers import Buyers
from emulator.soak.environment import SoakEnvironment
from emulator.soak.login_traffic import People
from emulator.soak.memory import resident
from emulator.soak.random_plan import Burst, PlannedAct, bursts
from emulator.soak.tally import Tally
from emulator.soak.usage_traffic import Users
from shared.provisioning import State

AT_ONCE = 16
"""Calls side by side."""
DRAINED_AFTER = timedelta(days=4)
"""Simulated time that is enough for everything that waits, once nothing goes wrong any more."""
STEP = timedelta(hours=1)
A_MINUTE = timedelta(minutes=1)
SHORT = 0.05


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is. ``part``: from 0 to 1."""

    part: float
    now: datetime
    bursts: int
    calls: int
    live: int
    memory: float
    seconds: float


@dataclass
class Soak:
    """Acts on ``stage`` as ``seed`` plans. ``sizes``: resident memory in MiB by seconds since the start."""

    stage: SoakEnvironment
    seed: int
    seconds: float
    told: Callable[[Progress], None] = lambda _progress: None
    stopped: Event = field(default_factory=Event)
    sizes: list[tuple[float, float]] = field(default_factory=list)
    planned: list[PlannedAct] = field(default_factory=list)
    restarts: int = 0

    def __post_init__(self) -> None:
        stage = self.stage
        self.tally = stage.market.timeline.on_call = Tally()
        self.token = stage.app.settings.app_tokens[0]
        path = stage.usage_url.removeprefix(stage.url)
        self.users = Users(stage.url, path, self.token, stage.clock)
        self.buyers = Buyers(stage.market)
        settings = stage.app.settings
        self.people = People(stage.market, f"{stage.url}{settings.base_path}", settings.required("KOOGALLERY_APP_URL"))
        self._waiting: list[Future[None]] = []
        self._frozen: dict[str, datetime] = {}

    def run(self) -> None:
        """Until the time is over or ``stopped`` is set; then drain."""
        started = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="soak") as executor:
            for number, burst in enumerate(bursts(self.seed), 1):
                self._burst(burst, executor)
                self._tell(number, started)
                if time.monotonic() - started >= self.seconds or self.stopped.is_set():
                    break
            self.drain(executor)
            self._tell(number, started)

    def drain(self, executor: ThreadPoolExecutor) -> None:
        """Nothing goes wrong any more; let everything that waits come to its end."""
        stage = self.stage
        stage.all_off()
        self.buyers.thaw()
        end = stage.clock.now() + DRAINED_AFTER
        while stage.clock.now() < end:
            self._pass(STEP, executor)

    def _burst(self, burst: Burst, executor: ThreadPoolExecutor) -> None:
        self.planned += burst.acts
        for act in burst.acts:
            if not self.buyers.act(act):
                self._use(act, executor)
        self._due(executor)
        self._pass(burst.pause, executor)
        self.buyers.forget_the_gone()

    def _use(self, act: PlannedAct, executor: ThreadPoolExecutor) -> None:
        if act.name == "organise":
            self.people.edit(act)
            return
        if act.name == "log in":
            accounts = self.people.accounts()
            account = accounts[int(act.subject * len(accounts))] if accounts else None
            coming = executor.submit(self.people.log_in, account) if account else None
        elif act.name == "use again":
            coming = self.users.again(act, executor)
        else:
            coming = self._used(act, executor)
        if coming:
            self._waiting.append(coming)

    def _used(self, act: PlannedAct, executor: ThreadPoolExecutor) -> Future[None] | None:
        if act.name == "use after":
            ended = self.buyers.ended[-1:]
            return self.users.use_after(ended[0], executor) if ended else None
        chosen = self.buyers.choose(act, lambda each: each.product.startswith("pay-per-use"))
        if chosen is None:
            return None
        if act.name == "use much":
            return self.users.use_much(chosen, executor)
        if act.name != "use frozen":
            return self.users.use(act, chosen, executor)
        if chosen.standing is SubscriptionStatus.FROZEN and self._knows_frozen(chosen):
            self._frozen[chosen.id] = self.stage.clock.now()
        thawed = [each for each in self._frozen if self._subscription(each).standing is SubscriptionStatus.ACTIVE]
        if not thawed:
            return None
        moment = self._frozen.pop(thawed[0])
        return self.users.use_frozen(self._subscription(thawed[0]), moment, executor)

    def _knows_frozen(self, subscription: Subscription) -> bool:
        """Has the seller been told of it, and that it did so some time ago?"""
        record = self.stage.app.instances.get(subscription.instance_id)
        now = self.stage.clock.now()
        return bool(record and record.state is State.FROZEN and record.frozen_at and record.frozen_at < now - A_MINUTE)

    def _subscription(self, subscription_id: str) -> Subscription:
        return self.stage.market.database.the(Subscription, subscription_id)

    def _pass(self, pause: timedelta, executor: ThreadPoolExecutor) -> None:
        """Let time pass; the clock stands still for whatever is due, which is done side by side."""
        stage = self.stage
        end = stage.clock.now() + pause
        while (following := self._following()) and following <= end:
            stage.clock.set(max(following, stage.clock.now()))
            self._due(executor)
        stage.clock.set(max(end, stage.clock.now()))
        self._due(executor)
        stage.market.keep_time()

    def _following(self) -> datetime | None:
        ahead = self.stage.market.agenda.ahead(1)
        return ahead[0].at if ahead else None

    def _due(self, executor: ThreadPoolExecutor) -> None:
        """A timer of the seller's runs alone, so that its waiting takes no real time."""
        agenda, now = self.stage.market.agenda, self.stage.clock.now()
        wait(self._waiting)
        for future in self._waiting:
            future.result()
        self._waiting.clear()
        timed = any(task.name in MINUTES and task.at <= now for task in agenda.ahead(5))
        self.stage.market.run_due(None if timed else executor)
        self._wait_for_the_slow()
        self._restart()

    def _wait_for_the_slow(self) -> None:
        """What hangs does so for seconds: simulated hours must not pass meanwhile."""
        while self.stage.sites.hanging:
            time.sleep(SHORT)
            if not self.stage.sites.hanging:
                time.sleep(SHORT)  # until the bundle has stored what came of it

    def _restart(self) -> None:
        """The seller's operator restarts at once what was given up, as far as that is possible."""
        market = self.stage.market
        failing = filter(None, (market.database.get(Message, each) for each in sorted(self.tally.take_failing())))
        given_up = [message for message in failing if message.state is Delivery.GIVEN_UP]
        if any(message.sync for message in given_up):
            self.restarts += self.people.retry()
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
        subscription = self.stage.market.database.get(Subscription, message.about)
        gone = subscription is not None and subscription.closed_at is not None
        return not (once or schedule(message.purpose).refunds or (gone and message.purpose is not Purpose.RELEASE))

    def left_over(self) -> list[str]:
        """What still waits for something."""
        stage = self.stage
        waiting = stage.market.database.connection.execute(
            "SELECT id FROM document WHERE kind = 'message' AND json_extract(body, '$.state') IN ('waiting', 'opening')"
        ).fetchall()
        records = stage.app.billing_records
        pending = sum(1 for shard in range(stage.app.settings.shards) for _ in records.open_keys(shard))
        validating = stage.marketplace.usage.waiting()
        return [
            *(f"message {message_id[:12]}" for (message_id,) in waiting),
            *([f"{pending} billing records"] if pending else []),
            *([f"{validating} usage records to be validated"] if validating else []),
        ]

    def _tell(self, number: int, started: float) -> None:
        seconds = time.monotonic() - started
        memory = resident()
        self.sizes.append((seconds, memory))
        stage = self.stage
        self.told(
            Progress(
                part=min(1.0, seconds / self.seconds) if self.seconds else 1.0,
                now=stage.clock.now(),
                bursts=number,
                calls=stage.market.timeline.latest(),
                live=len(self.buyers.live),
                memory=memory,
                seconds=seconds,
            )
        )
