"""The composition root: the only place that knows concrete classes. Everything is built on first use, once per
process.
"""

from datetime import timedelta
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

from shared.clock import Clock, SystemClock
from shared.config import PUBLISHED, Lookup, Settings, deployed
from shared.development_keys import published_names
from shared.errors import ConfigurationError
from shared.secrets import resolver

if TYPE_CHECKING:
    from shared.instance.record import InstanceRecord
    from shared.instance.repository import Instances
    from shared.login.sign_in import SignIn
    from shared.login.signer import CookieSigner
    from shared.login.token import SessionTokens
    from shared.metering.events import UsageEvents
    from shared.metering.ledger import Ledger
    from shared.metering.record_table import Records
    from shared.openapi.order_query import OrderQuery
    from shared.openapi.usage_push import UsagePush
    from shared.provisioning import Provisioner
    from shared.store.agenda import Agenda
    from shared.store.directory import Directory
    from shared.store.idempotency import Once
    from shared.store.nonces import Nonces
    from shared.store.sessions import Sessions
    from shared.store.table import Tables
    from shared.watch.failures import Failures


class App:
    """What the interfaces are given. ``parts`` replaces attributes by name: fakes in tests, a shifted clock locally."""

    def __init__(self, settings: Settings, **parts: Any) -> None:
        self.settings = settings
        for name, part in parts.items():
            # Only names that exist can be replaced, so that a misspelt fake fails at once.
            if not isinstance(getattr(type(self), name), cached_property):
                raise TypeError(name)
            self.__dict__[name] = part

    @cached_property
    def clock(self) -> Clock:
        return SystemClock()

    @cached_property
    def lease(self) -> timedelta:
        """How long a claim holds if its owner dies."""
        return self.settings.lease

    @cached_property
    def tables(self) -> "Tables":
        """The store (``KOOGALLERY_STORE``)."""
        from shared.store.engines import tables
        from shared.store.formats import ReadableTables

        return ReadableTables(tables(self.settings, self.clock))

    @cached_property
    def nonces(self) -> "Nonces":
        from shared.store.nonces import Nonces

        return Nonces(self.tables.table("idempotency"), self.clock)

    @cached_property
    def once(self) -> "Once[InstanceRecord]":
        """What runs a purchase once."""
        from shared.instance.claims import claim_key
        from shared.store.idempotency import Once, Proof

        proof = Proof(self.instances.get, claim_key)
        return Once(self.tables.table("idempotency"), self.clock, self.lease, proof)

    @cached_property
    def instances(self) -> "Instances":
        from shared.instance.repository import Instances
        from shared.store.cipher import StorageCipher

        kept, announces = self.settings.history_kept, bool(self.settings.events_url)
        cipher = StorageCipher(self.settings.storage_key)
        return Instances(self.tables.table("instances"), cipher, self.clock, kept, announces=announces)

    @cached_property
    def usage_events(self) -> "UsageEvents":
        """Usage events and what is due."""
        from shared.metering.events import UsageEvents

        return UsageEvents(self.tables.table("usage"), self.clock, self.settings.shards)

    @cached_property
    def billing_records(self) -> "Records":
        """Billing records and how far their upload has come."""
        from shared.metering.record_table import Records

        return Records(self.tables.table("billing"), self.settings.shards)

    @cached_property
    def ledger(self) -> "Ledger":
        from shared.metering.ledger import Ledger

        return Ledger(self.tables.table("billing"), self.usage_events, self.billing_records, self.clock)

    @cached_property
    def usage_push(self) -> "UsagePush":
        from shared.openapi.usage_push import configured

        return configured(self.settings, self.clock)

    @cached_property
    def agenda(self) -> "Agenda":
        """What the sweep must look at."""
        from shared.store.agenda import Agenda

        return Agenda(self.tables.table("agenda"))

    @cached_property
    def failures(self) -> "Failures":
        """Notes of what was not answered with success."""
        from shared.watch.failures import Failures

        return Failures(lambda: self.tables.table("agenda"), self.clock)

    @cached_property
    def directory(self) -> "Directory":
        """What was synchronised of the buyers' organisations."""
        from shared.store.cipher import StorageCipher
        from shared.store.directory import Directory

        return Directory(self.tables.table("directory"), StorageCipher(self.settings.storage_key), self.settings.app_id)

    @cached_property
    def sessions(self) -> "Sessions":
        from shared.store.cipher import StorageCipher
        from shared.store.sessions import Sessions

        cipher = StorageCipher(self.settings.storage_key)
        return Sessions(self.tables.table("sessions"), cipher, self.clock, self.settings.app_id)

    @cached_property
    def sign_in(self) -> "SignIn":
        """The sign-in servers of the tenants."""
        from shared.login.sign_in import SignIn
        from shared.outbound import shared_client

        return SignIn(shared_client())

    @cached_property
    def cookie_signer(self) -> "CookieSigner":
        """What signs the cookies of logins under way."""
        from shared.login.signer import CookieSigner

        return CookieSigner(self.settings.storage_key, self.clock)

    @cached_property
    def session_tokens(self) -> "SessionTokens":
        """Tokens about sessions, for the seller's application."""
        from shared.login.addresses import Addresses
        from shared.login.token import SessionTokens

        return SessionTokens(self.settings.session_key, Addresses(self.settings).base, self.settings.login_app_id)

    @cached_property
    def provisioner(self) -> "Provisioner":
        """The seller's own part (``KOOGALLERY_PROVISIONER``)."""
        from shared.provisioning.load import load

        return load(self.settings.provisioner, self.settings, self.clock)

    @cached_property
    def orders(self) -> "OrderQuery":
        from shared.openapi.order_query import OrderQuery

        settings = self.settings
        return OrderQuery(settings.api_urls, ak=settings.ak, sk=settings.sk, clock=self.clock)


_lock = Lock()
_built: list[App] = []
_installed: list[App] = []


def bootstrap(lookup: Lookup) -> App:
    """The process's app. Built at the first call; its settings follow the platform's lookup of the present one.

    :raises ConfigurationError: a setting is used that only the local targets may use: ``KOOGALLERY_CLOCK_OFFSET``, or
        a published key (but for SAM on a laptop, which says so).
    """
    with _lock:
        if _installed:
            return _installed[0]
        settings = deployed(lookup, resolver(lookup))
        if not (settings.local or _built) and (names := published_names(lookup)):
            raise ConfigurationError(PUBLISHED.format(", ".join(names)))
        if not _built:
            _built.append(App(settings))
        _built[0].settings = settings
        return _built[0]


def forget() -> None:
    """Build the app anew at the next call: the one there is holds keys and times of this process."""
    with _lock:
        _built.clear()


def install(app: App | None) -> None:
    """Use ``app`` in this process (local targets and tests); ``None`` forgets what was installed or built."""
    with _lock:
        _built.clear()
        _installed[:] = [app] if app is not None else []
