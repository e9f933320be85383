"""The marketplace's own side on this machine, all on one address: the open APIs, the sign-in server, a sample
application, the buyer's page, and the web console.
"""

from collections.abc import Mapping
from pathlib import Path
from wsgiref.types import WSGIApplication

from emulator.bundle import Local
from emulator.buyer_centre import BuyerCentre
from emulator.buyer_pages import PATH as BUYER
from emulator.calls import members_of
from emulator.clock import MovableClock
from emulator.demo_app import PATH as DEMO_APP
from emulator.demo_app import demo_app
from emulator.journey import Row
from emulator.journey.player import Played
from emulator.keys import Keys, key_name
from emulator.market.call import Family
from emulator.market.market import Market, Plans
from emulator.market.sender import About, Target
from emulator.marketplace import Marketplace, OpenApiKeys
from emulator.seller import Seller
from emulator.server import Handle
from emulator.web.front import Front
from shared.config import Settings
from shared.http import HttpRequest, HttpResponse


class Console:
    """``rows``, ``finished``, ``buyer`` and ``seller`` change while it serves."""

    def __init__(self, marketplace: Marketplace) -> None:
        self.marketplace = marketplace
        self.market = marketplace.market
        self.rows: list[Row] = []
        self.finished = False
        self.buyer: BuyerCentre | None = None
        self.seller: Seller | None = None
        self.front = Front(self._handles(), self._pages)

    @property
    def bundle(self) -> str:
        """Production address of the seller's server."""
        target = self.market.sender.target
        return f"{target.base}{target.path}"

    def keep(self, played: Played) -> None:
        """Let a call of the journey stand in the timeline."""
        expected = played.reading.expected
        sent = {**dict(played.request.query), **(members_of(played.request.body) if played.request.body else {})}
        about = About(
            Family.PRODUCTION,
            f"journey: {played.step}",
            key_name(expected.version, expected.activity),
            str(sent.get("orderId") or ""),
            str(sent.get("instanceId") or ""),
        )
        self.market.sender.keep(played.request, played.reading, about, played.at)

    def _handles(self) -> Mapping[str, Handle]:
        return {**self.marketplace.handles(), DEMO_APP: self._demo_app, BUYER: self._buyer}

    def _demo_app(self, _request: HttpRequest) -> HttpResponse:
        return demo_app(self.bundle)

    def _buyer(self, request: HttpRequest) -> HttpResponse:
        answer = self.buyer.handle(request) if self.buyer else None
        return answer or HttpResponse(404, {"Content-Type": "text/plain"}, b"nobody buys here yet")

    def _pages(self) -> WSGIApplication:
        from emulator.web.app import create_app
        from emulator.web.state import State

        shown = State(self.market, rows=lambda: tuple(self.rows), finished=lambda: self.finished)
        return create_app(shown)


def console_for(local: Local, clock: MovableClock, file: Path | None = None, *, seed: int = 1) -> Console:
    """A marketplace for the bundle with these settings, which shares ``clock``. It is told later where the bundle is.

    :param file: where it is kept; ``None`` for memory.
    :raises ConfigurationError: a key is missing.
    """
    settings = local.settings
    plans = Plans(
        keys=keys_of(settings),
        target=Target("", settings.base_path),
        clock=clock,
        signing_clock=clock,
        file=file,
        seed=seed,
        bits=settings.cipher_bits,
        zone=settings.v1_zone,
    )
    usage_key = settings.required_keys("KOOGALLERY_USAGE_KEY")[0]
    keys = OpenApiKeys(usage_key, settings.required("KOOGALLERY_AK"), settings.required("KOOGALLERY_SK"))
    return Console(Marketplace(Market(plans), keys, seed=seed))


def keys_of(settings: Settings) -> Keys:
    """The newest key of each kind, as the marketplace's side has them."""
    from emulator.conformance.secret import public_half

    private = settings.get("KOOGALLERY_RSA_PRIVATE_KEY")
    return Keys(
        settings.key[0],
        settings.access_key[0],
        settings.notify_access_key[0],
        settings.sync_access_key[0],
        public_half(private.replace("\\n", "\n")) if private else "",
    )
