"""Settings: one lookup by name, read when they are needed, never at import.

The lookup is the platform's (environment on Lambda; user data, then environment on FunctionGraph). A value of the form
``secretsmanager:NAME``, ``ssm:NAME``, ``csms:NAME`` or ``file:/PATH``, optionally with ``#MEMBER`` of a JSON secret, is
a reference and is resolved when it is used, with a cache of a few minutes, so that a rotated secret is picked up
without a deployment.
"""

from collections.abc import Callable
from datetime import timedelta, timezone
from typing import Generic, TypeVar

from shared.config.proxies import trusted_proxies
from shared.config.store import single_table, store
from shared.config.values import PUBLISHED, Lookup, Resolver, Values, of, spelt_out
from shared.errors import ConfigurationError

__all__ = ["API_URLS", "PUBLISHED", "Lookup", "Resolver", "Settings", "deployed", "of", "spelt_out"]

T = TypeVar("T")

MIN_TOKEN = 32
"""Characters of the application's token, at least: usage and the buyers' people stand behind it."""
LONGEST_WEBHOOK = 60.0
API_URLS = "https://mkt.myhuaweicloud.com,https://mkt.myhuaweicloud.cn"
CURRENCIES = {"mkt-intl.": "USD", ".eu": "EUR"}
"""Of the sites outside China, by a part of their host. That of Europe stands on no page that was read."""
PORTAL_URL = "https://macroverse.huaweicloud.com/unified-login/#/portal-login"


class Setting(Generic[T]):
    """A setting that is read each time it is used."""

    def __init__(self, read: Callable[["Settings"], T]) -> None:
        self._read = read

    def __get__(self, settings: "Settings", _owner: object) -> T:
        return self._read(settings)


class Settings(Values):
    """The settings in ``docs/settings.md``, each by the name that the code knows it by."""

    key = Setting(lambda s: s.required_keys("KOOGALLERY_KEY"))
    """The Key of protocol version 1, newest first."""
    access_key = Setting(lambda s: s.required_keys("KOOGALLERY_ACCESS_KEY"))
    """The access keys of the basic V2 interfaces, newest first."""
    notify_access_key = Setting(lambda s: s.keys("KOOGALLERY_NOTIFY_ACCESS_KEY") or s.access_key)
    """The access keys of ``orderNotify``; those of the basic interfaces where none is set."""
    sync_access_key = Setting(lambda s: s.required_keys("KOOGALLERY_SYNC_ACCESS_KEY"))
    """The access keys of the V2 sync interfaces, newest first."""
    rsa_private_key = Setting(lambda s: s.required("KOOGALLERY_RSA_PRIVATE_KEY"))
    """PEM of the private keys whose public ones the marketplace encrypts client secrets with; one or several."""
    storage_key = Setting(lambda s: s.required_keys("KOOGALLERY_STORAGE_KEY"))
    """The keys that seal secrets at rest, newest first."""
    ak = Setting(lambda s: s.required("KOOGALLERY_AK"))
    sk = Setting(lambda s: s.required("KOOGALLERY_SK"))
    """The access key of the open API, and its secret."""

    asks_orders = Setting(lambda s: bool(s.get("KOOGALLERY_AK")))
    """Is there an access key to ask the order query with?"""

    deadline = Setting(lambda s: s.seconds("KOOGALLERY_DEADLINE", 4.0))
    """Seconds within which the marketplace gets an answer."""
    lease = Setting(lambda s: timedelta(seconds=s.seconds("KOOGALLERY_LEASE", 60.0)))
    """How long a claim holds if its owner dies; longer than the slowest provisioner call."""
    give_up = Setting(lambda s: timedelta(seconds=s.seconds("KOOGALLERY_GIVE_UP", 4 * 3600.0)))
    """After how long a pending creation is undone: the marketplace refunds after 3 hours (section 2.1)."""
    freeze_expired = Setting(lambda s: s.flag("KOOGALLERY_FREEZE_EXPIRED"))
    """Does the sweep freeze what ended a day ago, if the marketplace has not told of it?"""
    forget_after = Setting(lambda s: timedelta(seconds=s.seconds("KOOGALLERY_FORGET_AFTER", 0.0)))
    """How long after a tenant was unbound its people are forgotten: with the next sweep, or later."""
    history_kept = Setting(lambda s: timedelta(days=s.count("KOOGALLERY_HISTORY_DAYS", 730, 36500)))
    """How long an entry of an instance's history lives."""

    v1_window = Setting(lambda s: s.seconds("KOOGALLERY_V1_WINDOW", 0.0) or None)
    """Greatest age of a V1 ``timeStamp`` in seconds; ``None`` for no limit (section 4.1 documents none)."""
    v1_pending = Setting(lambda s: s.choice("KOOGALLERY_V1_PENDING", "busy", "accept"))
    """What V1 answers while creation is pending: ``busy`` (``000004``), or ``accept`` (success without ``appInfo``)."""
    cipher_bits = Setting(lambda s: int(s.choice("KOOGALLERY_AES_BITS", "256", "128")))
    """AES size of V1 fields, as chosen when the product was published: 256 or 128."""

    store = Setting(store)
    """The store's engine, and where it is: a path, a URL with a password, or nothing."""
    table_prefix = Setting(lambda s: s.get("KOOGALLERY_TABLE_PREFIX", "koogallery-"))
    """What the names of all tables begin with."""
    single_table = Setting(single_table)
    """The name of the one table of a DynamoDB-compatible service that holds them all; ``None`` for a table each."""
    dynamodb_endpoint = Setting(lambda s: s.get("KOOGALLERY_DYNAMODB_ENDPOINT") or None)
    """URL of a DynamoDB-compatible service; ``None`` for AWS's own."""

    provisioner = Setting(lambda s: s.required("KOOGALLERY_PROVISIONER"))
    """``webhook``, ``demo`` or ``module:attribute``."""
    webhook_url = Setting(lambda s: s.get("KOOGALLERY_WEBHOOK_URL"))
    """Where the webhook provisioner sends its messages; empty if not set."""
    webhook_secrets = Setting(lambda s: s.keys("KOOGALLERY_WEBHOOK_SECRET"))
    """What signs them, newest first."""
    webhook_optional = Setting(lambda s: s.flag("KOOGALLERY_WEBHOOK_OPTIONAL"))
    """Does the backend know the messages about packages and members?"""
    webhook_allow_private = Setting(lambda s: s.flag("KOOGALLERY_WEBHOOK_ALLOW_PRIVATE"))
    """May the seller's backend be in a private network, or on this machine?"""

    events_url = Setting(lambda s: s.get("KOOGALLERY_EVENTS_URL"))
    """Who is told what happens to instances and orders; empty for nobody."""
    events_secrets = Setting(lambda s: s.keys("KOOGALLERY_EVENTS_SECRET"))
    """What signs events, newest first. Not the webhook's: who receives events must not be able to order anything."""

    app_id = Setting(lambda s: s.get("KOOGALLERY_APP_ID"))
    """Which of the tenants' applications this is; empty where nobody logs in."""
    login_app_id = Setting(lambda s: s.required("KOOGALLERY_APP_ID"))
    """As ``app_id``, where it must be set."""
    app_url = Setting(lambda s: s.required("KOOGALLERY_APP_URL"))
    """Address of the seller's application."""
    public_url = Setting(lambda s: s.required("KOOGALLERY_PUBLIC_URL"))
    """Address of the bundle, without the base path."""
    known_url = Setting(lambda s: s.get("KOOGALLERY_PUBLIC_URL"))
    """As ``public_url``; empty if not set."""
    portal_url = Setting(lambda s: s.get("KOOGALLERY_PORTAL_URL", PORTAL_URL))
    """Address of the unified login page (joint operation, section 4.2)."""
    session_key = Setting(lambda s: s.required("KOOGALLERY_SESSION_KEY"))
    """PEM of the private keys that sign tokens about sessions, newest first."""
    embedded = Setting(lambda s: s.flag("KOOGALLERY_EMBEDDED"))
    """Is the application shown inside the marketplace's workbench (joint operation, section 6.2, item 8)?"""
    cas = Setting(lambda s: s.flag("KOOGALLERY_CAS"))
    """Are tickets of CAS taken too?"""

    processes = Setting(lambda s: s.count("KOOGALLERY_PROCESSES", 2, 64))
    """Processes of a server that answer calls, 1 to 64."""
    threads = Setting(lambda s: s.count("KOOGALLERY_THREADS", 16, 256))
    """Calls that each of them answers at a time, 1 to 256; more wait."""
    metrics_tokens = Setting(lambda s: s.keys("KOOGALLERY_METRICS_TOKEN"))
    """Who may read a server's metrics from elsewhere, newest first; none: nobody."""
    trusted_proxies = Setting(trusted_proxies)
    """The networks of those proxies of a server whose ``X-Forwarded-…`` is believed."""

    shards = Setting(lambda s: s.count("KOOGALLERY_SHARDS", 4, 1024))
    """Into how many shards metering is divided, 1 to 1024; must not change while usage is due."""
    usage_batch = Setting(lambda s: s.count("KOOGALLERY_USAGE_BATCH", 1000, 1000))
    """Records in one usage push, 1 to 1000 (metering and open APIs, section 2.3)."""
    daily_products = Setting(lambda s: frozenset(s.keys("KOOGALLERY_DAILY_PRODUCTS")))
    """Product or specification ids that are billed by the day; all others by the hour."""
    metering_queue = Setting(lambda s: s.get("KOOGALLERY_METERING_QUEUE"))
    """URL of the queue that gets a message for each shard; empty for none."""
    old_usage_api = Setting(lambda s: s.choice("KOOGALLERY_USAGE_API", "new", "old") == "old")
    """Is usage pushed to the API of before?"""
    usage_ak_sk = Setting(lambda s: s.old_usage_api or s.flag("KOOGALLERY_USAGE_AK_SK", default=True))
    """Are pushes signed with the access key too?"""

    @property
    def usage_key(self) -> str:
        """The key that signs usage pushes: the access key of the basic interfaces where none is set (metering and open
        APIs, section 13).
        """
        keys = self.keys("KOOGALLERY_USAGE_KEY") or self.keys("KOOGALLERY_ACCESS_KEY")
        return (keys or self.required_keys("KOOGALLERY_USAGE_KEY"))[0]

    @property
    def app_tokens(self) -> tuple[str, ...]:
        """The tokens of the seller's application, newest first, each long enough not to be guessed."""
        tokens = self.required_keys("KOOGALLERY_APP_TOKEN")
        if min(map(len, tokens)) < MIN_TOKEN:
            raise ConfigurationError(f"KOOGALLERY_APP_TOKEN: each token must have {MIN_TOKEN} characters or more")
        return tokens

    @property
    def base_path(self) -> str:
        """Path of the production address: starts with ``/`` and does not end with one, but for the root itself."""
        return "/" + self.get("KOOGALLERY_BASE_PATH", "/saas").strip("/")

    @property
    def notify_path(self) -> str:
        """Path of the address of ``orderNotify``, which may have one of its own; the production address's otherwise."""
        own = self.get("KOOGALLERY_NOTIFY_PATH").strip("/")
        return f"/{own}" if own else self.base_path

    @property
    def api_urls(self) -> tuple[str, ...]:
        """Open-API hosts, in the order in which they are tried."""
        urls = self.get("KOOGALLERY_API_URLS", API_URLS).split(",")
        return tuple(url.strip().rstrip("/") for url in urls if url.strip())

    @property
    def currency(self) -> str:
        """Of all amounts: that of the site whose open API is asked first (production interfaces, section 2.1)."""
        host = self.api_urls[0] if self.api_urls else ""
        return next((currency for part, currency in CURRENCIES.items() if part in host), "CNY")

    @property
    def shown_url(self) -> str:
        """The address that debug calls are shown as access details."""
        return self.get("KOOGALLERY_APP_URL") or self.get("KOOGALLERY_PUBLIC_URL", "https://www.example.com")

    @property
    def v1_zone(self) -> timezone:
        """Time zone of V1 ``expireTime``, which no page states; the console's samples are Beijing time (section
        2.1).
        """
        try:
            return timezone(timedelta(hours=float(self.get("KOOGALLERY_V1_UTC_OFFSET", "8"))))
        except (ValueError, OverflowError):
            raise ConfigurationError("KOOGALLERY_V1_UTC_OFFSET must be a number of hours") from None

    @property
    def dynamodb_credentials(self) -> tuple[str, str] | None:
        """Keys of a DynamoDB-compatible service that is not AWS's own; on AWS they come from the function's role."""
        user = self.get("KOOGALLERY_DYNAMODB_ACCESS_KEY")
        return (user, self.required("KOOGALLERY_DYNAMODB_SECRET_KEY")) if user else None

    @property
    def webhook_timeout(self) -> float:
        """Seconds for a message that changes something."""
        seconds = self.seconds("KOOGALLERY_WEBHOOK_TIMEOUT", 10.0)
        if not 0 < seconds <= LONGEST_WEBHOOK:
            raise ConfigurationError("KOOGALLERY_WEBHOOK_TIMEOUT must be a number of seconds above 0, at most 60")
        return seconds


def deployed(lookup: Lookup, resolve: Resolver) -> Settings:
    """The settings on a platform, where only SAM on a laptop, which says so, is local.

    :raises ConfigurationError: ``KOOGALLERY_CLOCK_OFFSET`` is set.
    """
    if lookup("KOOGALLERY_CLOCK_OFFSET") not in (None, "", "0"):
        raise ConfigurationError("remove KOOGALLERY_CLOCK_OFFSET: it shifts the clock of local targets only")
    return Settings(lookup, resolve, local=lookup("AWS_SAM_LOCAL") == "true")
