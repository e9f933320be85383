"""The marketplace's own side on this machine, all on one address: the open APIs, the sign-in server, a sample
application, and the web console.
"""

from pathlib import Path
from wsgiref.types import WSGIApplication

from emulator.clock import MovableClock
from emulator.console.console_context import ConsoleContext
from emulator.console.front import Front
from emulator.console.usage.simulated_use import SimulatedUse
from emulator.journey.player import PlayedCall
from emulator.keys import Keys, OpenApiKeys
from emulator.marketplace.apis import Marketplace
from emulator.marketplace.catalogue.product_entry import ProductFile
from emulator.marketplace.delivery.sender import About, Target
from emulator.marketplace.market import Market, MarketConfig
from emulator.marketplace.organisation.documents import Credential
from emulator.seller.application import SellerApplication
from emulator.seller.local_bundle import Local
from emulator.seller.overheard import overhear
from emulator.seller.sample_application import PATH as DEMO_APP
from emulator.seller.sample_application import demo_app
from emulator.seller.seller import Seller
from emulator.texts import Text
from emulator.wire.own_host import own_host_only
from shared.app import App
from shared.config import Settings
from shared.http import HttpRequest, HttpResponse


class Console:
    """``context``: what the pages show; it changes while they are served."""

    def __init__(self, marketplace: Marketplace) -> None:
        self.marketplace = marketplace
        self.market = marketplace.market
        self.context = ConsoleContext(self.market, marketplace.keys, finished=False, usage=marketplace.usage)
        # Before any page: what was begun in an earlier process goes on.
        SimulatedUse(self.market, lambda: self.context.application)
        self.front = Front({**marketplace.handles(), DEMO_APP: own_host_only(self._demo_app)}, self._pages)

    def join(self, app: App, url: str, address: str) -> SellerApplication:
        """The bundle ``app`` of this process serves at ``url`` (without its path), and reaches this console at
        ``address``. The seller's application, which may ask it.
        """
        settings, target = app.settings, Target(url, app.settings.base_path)
        self.market.sender.target = target
        self.context.application = application = SellerApplication(target, settings.app_tokens[0])
        self.context.seller = Seller(app)
        overhear(app, self.market.timeline, self.market.clock)
        callback = f"{url}{target.path.rstrip('/')}/login/callback"
        self.market.organisation.adopt(Credential(settings.required("KOOGALLERY_APP_ID"), callback, address))
        return application

    @property
    def seller(self) -> Seller:
        """The bundle that has joined.

        :raises RuntimeError: none has.
        """
        if self.context.seller is None:
            raise RuntimeError("no bundle has joined")
        return self.context.seller

    def keep(self, played: PlayedCall) -> None:
        """Let a call of the journey stand in the timeline."""
        occasion = Text("occasions.more", what=Text("occasions.journey"), more=played.step)
        about = About.played(played.request, played.reading.expected, occasion)
        self.market.sender.keep(played.request, played.reading, about, played.at)

    def _demo_app(self, request: HttpRequest) -> HttpResponse:
        return demo_app(self.market.sender.target.url, self.context.application, request)

    def _pages(self) -> WSGIApplication:
        from emulator.console.app import ConsoleApplication

        return ConsoleApplication(self.context)


def console_for(
    local: Local, clock: MovableClock, file: Path | None = None, *, seed: int = 1, products: ProductFile | None = None
) -> Console:
    """A marketplace for the bundle with these settings, which shares ``clock``. It is told later where the bundle is.

    :param file: where it is kept; ``None`` for memory.
    :param products: the seller's own.
    :raises ConfigurationError: a key is missing.
    """
    settings = local.settings
    config = MarketConfig(
        keys=keys_of(settings),
        target=Target("", settings.base_path),
        clock=clock,
        signing_clock=clock,
        file=file,
        seed=seed,
        bits=settings.cipher_bits,
        zone=settings.v1_zone,
        products=products,
    )
    usage_key = settings.usage_key
    keys = OpenApiKeys(usage_key, settings.required("KOOGALLERY_AK"), settings.required("KOOGALLERY_SK"))
    return Console(Marketplace(Market(config), keys, seed=seed))


def keys_of(settings: Settings) -> Keys:
    """The newest key of each kind, as the marketplace's side has them."""
    from emulator.wire.client_secret import public_half

    private = settings.get("KOOGALLERY_RSA_PRIVATE_KEY")
    return Keys(
        settings.key[0],
        settings.access_key[0],
        settings.notify_access_key[0],
        settings.sync_access_key[0],
        public_half(private.replace("\\n", "\n")) if private else "",
    )
