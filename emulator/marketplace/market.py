"""The marketplace's composition root: the only module that knows all its parts."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from threading import Lock

from emulator.clock import MovableClock
from emulator.keys import Keys
from emulator.marketplace.catalogue.catalogue import Catalogue
from emulator.marketplace.catalogue.listing_status import ListingStatus
from emulator.marketplace.catalogue.product_entry import ProductFile
from emulator.marketplace.catalogue.products import SHELF, ListedProduct
from emulator.marketplace.delivery.deliveries import Deliveries
from emulator.marketplace.delivery.message_payloads import MessagePayloads
from emulator.marketplace.delivery.message_signing import MessageSigner
from emulator.marketplace.delivery.messages import RENEWING, Message, Purpose
from emulator.marketplace.delivery.sender import Sender, Target
from emulator.marketplace.faults.fault_list import FAULTS
from emulator.marketplace.faults.faulty_channel import FaultyChannel
from emulator.marketplace.faults.readings import READINGS, wrong_by
from emulator.marketplace.faults.switches import Switches
from emulator.marketplace.ids import Ids
from emulator.marketplace.organisation.documents import Credential
from emulator.marketplace.organisation.organisation import Organisation
from emulator.marketplace.organisation.sync_notifier import SyncNotifier
from emulator.marketplace.probes.probes import Probes
from emulator.marketplace.probes.saved_cases import Cases
from emulator.marketplace.storage.agenda import MarketAgenda
from emulator.marketplace.storage.database import Database
from emulator.marketplace.storage.timeline import Timeline
from emulator.marketplace.subscriptions.arrears import Arrears
from emulator.marketplace.subscriptions.buyers import FIRST, Customer
from emulator.marketplace.subscriptions.expiry import Expiry
from emulator.marketplace.subscriptions.instances import MarketInstances
from emulator.marketplace.subscriptions.order_book import OrderBook
from emulator.marketplace.subscriptions.settlement import Settlement
from emulator.marketplace.subscriptions.shop import Shop
from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus
from shared.clock import BEIJING, Clock
from shared.commands import Version

OFFSET = "clock offset"


@dataclass(frozen=True, kw_only=True)
class MarketConfig:
    """What a marketplace is made of.

    ``file``: where it is kept, ``None`` for memory. ``clock``: its time, put where it stood when the file was last
    used. ``signing_clock``: the seller's idea of now, for signatures both ways. ``seed``: makes ids and chances.
    ``bits``: of the AES key of phone and mail. ``zone``: of version 1's ``expireTime``. ``credential``: of products in
    joint operation. ``products``: the seller's own.
    """

    keys: Keys
    target: Target
    clock: MovableClock
    signing_clock: Clock
    file: Path | None = None
    seed: int = 1
    bits: int = 256
    zone: timezone = field(default=BEIJING)
    credential: Credential = field(default_factory=Credential)
    products: ProductFile | None = None


class Market:
    """A marketplace with one seller, who is called at the target, and a few buyers."""

    def __init__(self, config: MarketConfig) -> None:
        self.keys = config.keys
        self.clock = clock = config.clock
        self.signing_clock = signing_clock = config.signing_clock
        self.database = database = Database(config.file)
        self._moving = Lock()
        if kept := database.setting(OFFSET):
            clock.shift(timedelta(seconds=float(kept)))
        self.ids = Ids(database, config.seed)
        self.timeline = Timeline(database)
        self.agenda = agenda = MarketAgenda(database, clock)
        self.readings = Switches(database, config.seed, READINGS)
        self.signer = signer = MessageSigner(
            config.keys,
            signing_clock,
            config.target.path,
            self.ids,
            bits=config.bits,
            zone=config.zone,
            holds=self.readings.holds,
            off=wrong_by(config.seed),
        )
        self.sender = sender = Sender(config.target, self.timeline, clock)
        self.switches = Switches(database, config.seed, FAULTS)
        self.catalogue = Catalogue(database)
        self.listing_status = ListingStatus(database, clock)
        self.settlement = Settlement(database, agenda, clock, self.listing_status)
        self.channel = FaultyChannel(
            database, agenda, clock, signing_clock, signer, sender, self.switches, self.timeline
        )
        self.deliveries = Deliveries(database, agenda, clock, signer, sender, self.channel, self.settlement)
        self.payloads = MessagePayloads(database, clock, self.ids, signer)
        self.shop = Shop(database, clock, self.ids, self.deliveries, self.payloads)
        self.expiry = Expiry(database, agenda, clock, self.shop, self.deliveries, self.payloads)
        self.arrears = Arrears(database, agenda, clock, self.shop)
        self.cases = Cases(database, clock, signer, sender)
        self.probes = Probes(database, agenda, clock, self.cases, self.listing_status)
        self.orders = OrderBook(database, clock)
        self.instances = MarketInstances(database)
        notifier = SyncNotifier(database, clock, signing_clock, self.ids, self.deliveries, config.credential)
        self.organisation = Organisation(notifier, signer)
        self.settlement.told = self._follow_up
        self._open()
        if config.products:
            own = config.products
            self.catalogue.load((each.listed() for each in own.products), samples=own.samples)
        self.organisation.open()

    def close(self) -> None:
        """Write everything; the market cannot be used afterwards."""
        self.database.close()

    def run_due(self, executor: Executor | None = None) -> int:
        """Do what is due by now, unless time is being moved, which does it too; how many tasks were done."""
        return 0 if self._moving.locked() else self.agenda.run_due(executor)

    def advance(self, by: timedelta, told: Callable[[datetime], None] = lambda _now: None) -> None:
        """Let time pass, and everything happen that is due in it.

        :param told: hears the time at each stop; what it raises ends the journey there.
        """

        def stop(now: datetime) -> None:
            self.keep_time()
            told(now)

        with self._moving:
            self.agenda.advance_to(self.clock.now() + by, stop)
            self.keep_time()

    def keep_time(self) -> None:
        """Let the next start go on from the clock's time."""
        self.database.set(OFFSET, str(self.clock.offset.total_seconds()))

    def _open(self) -> None:
        """A new file gets its products and its buyers."""
        if self.database.count(ListedProduct):
            return
        with self.database.changing():
            self.database.put(*SHELF.values())
            for name, phone, mail, enterprise in FIRST:
                self.database.put(
                    Customer(
                        id=self.ids.hexadecimal("customer"),
                        name=name,
                        mobile_phone=phone,
                        email=mail,
                        enterprise=enterprise,
                    )
                )

    def _follow_up(self, message: Message, thawed: bool) -> None:
        """Version 2 tells of a finished purchase (section 3.8), and unfreezes what was renewed (section 3.4)."""
        self.organisation.bindings.follow_up(message)
        if message.sync:
            return
        subscription = self.database.the(Subscription, message.about)
        renewed = message.purpose in RENEWING and subscription.status is SubscriptionStatus.FROZEN
        if renewed and self.readings.holds("frozen-again", subscription.id):
            self.deliveries.post(self.payloads.message(Purpose.FREEZE, subscription))
        if message.version is Version.V1:
            return
        if message.purpose is Purpose.PURCHASE and self.keys.notify_key:
            self.deliveries.post(self.payloads.notice(subscription, message.order_id))
        silent = message.attempts == 1 and self.readings.holds("no-unfreeze", subscription.id)
        if thawed and not silent:
            self.deliveries.post(self.payloads.message(Purpose.UNFREEZE, subscription))
