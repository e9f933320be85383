"""A headless Chromium before the bundle, the sample application and the sign-in server, all on loopback."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from emulator.clock import MovableClock
from emulator.console.server import Console, console_for
from emulator.marketplace.organisation.sign_in import prepare_login
from emulator.marketplace.storage.call_filter import Filter
from emulator.seller.local_bundle import local_app, local_settings
from emulator.sign_in.enterprise import SignInEnterprise
from emulator.wire.server import serving
from shared.app import App
from shared.http import HttpRequest, HttpResponse
from shared.runtimes.wsgi import application
from shared.server.routes import routes
from tests.browser.profiles import Profiles

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
"""The one without windows first: a page costs it a third less."""
UNUSED = (
    # Two pages of the address bar, which nobody sees here, are half of what a new window costs.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "SpareRendererForSitePerProcess",
    # The last list counts alone: what Playwright turns off and this needs.
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "MediaRouter",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # One process for all pages of a profile: a new one for each site that is gone to costs more than the page.
    "--disable-site-isolation-trials",
    "--renderer-process-limit=1",
    f"--disable-features={','.join(UNUSED)}",
]
PASSWORDS = {"zhang@acme": "zhang-password", "li@acme": "li-password"}


@dataclass
class BrowserWorld:
    """Where everything is: ``bundle`` (with its path), ``console`` and the sample application at ``app``."""

    bundle: str
    console: str
    clock: MovableClock
    server: Console
    enterprise: SignInEnterprise
    program: App
    requests: list[HttpRequest]

    def framed(self, path: str) -> str:
        """A page of another site that shows a page of the bundle in a frame."""
        return (
            f"http://localhost:{self.console.rpartition(':')[2]}{WORKBENCH}?frame={quote(self.bundle + path, safe='')}"
        )

    def change(self, action: str, user_name: str) -> None:
        """What the enterprise's administrator does with a member."""
        organisation, tenant = self.server.market.organisation, self.enterprise.tenant_id
        (binding,) = organisation.repository.bound(tenant)
        if action == "revoke":
            organisation.members.revoke(binding.id, [user_name])
        else:
            organisation.members.enable(tenant, [user_name], enabled=action == "enable")
        self.server.market.run_due()

    def freeze(self) -> None:
        """The subscription ends for now."""
        (binding,) = self.server.market.organisation.repository.bound(self.enterprise.tenant_id)
        self.server.market.shop.freeze(binding.id, "violation")
        self.server.market.run_due()

    @property
    def app(self) -> str:
        """The sample application."""
        return f"{self.console}/app"

    def count(self, path: str) -> int:
        """How many requests the bundle got at a path below its own."""
        return sum(request.path == f"/saas{path}" for request in self.requests)

    def refreshes(self) -> int:
        """How many refreshes the sign-in server was asked for."""
        return len(self.server.market.timeline.lines(Filter(family="sign-in", text="grant_type=refresh_token")))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; each test has an empty profile in it."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here: apt install chromium-headless-shell")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield browser
        browser.close()


Open = Callable[..., Page]
WORKBENCH = "/workbench"


def framing(request: HttpRequest) -> HttpResponse:
    """A page that shows the address in ``?frame=`` in a frame."""
    frame = escape(request.first("frame") or "")
    text = f'<h1>Workbench</h1><iframe src="{frame}" width="800" height="500"></iframe>'
    return HttpResponse(200, {"Content-Type": "text/html"}, text.encode())


@pytest.fixture(scope="session")
def profiles(chromium: Browser) -> Profiles:
    """Those that are empty again."""
    return Profiles(chromium)


@pytest.fixture
def open_page(profiles: Profiles) -> Iterator[Open]:
    """Opens a page in an empty profile, for a reader of some language."""
    with profiles.lent() as open_:
        yield open_


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[Callable[..., BrowserWorld]]:
    """Starts everything, with settings of the test's own; it is ended after the test."""
    with ExitStack() as stack:
        yield lambda **settings: _world(stack, tmp_path, settings)


@pytest.fixture
def world(make_world: Callable[..., BrowserWorld]) -> BrowserWorld:
    """Everything, with default settings."""
    return make_world()


@pytest.fixture(scope="module")
def module_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserWorld]:
    """Everything, for tests that go on where the one before left off."""
    with ExitStack() as stack:
        yield _world(stack, tmp_path_factory.mktemp("world"), {})


def _world(stack: ExitStack, folder: Path, settings: dict[str, str]) -> BrowserWorld:
    clock, requests = MovableClock(), list[HttpRequest]()
    apps: dict[str, WSGIApplication] = {}

    def to(name: str) -> WSGIApplication:
        """The addresses must be known before what serves them can be made."""

        def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            framed = environ.get("PATH_INFO") == WORKBENCH
            return (application(framing) if framed else apps[name])(environ, start_response)

        return app

    bundle, console = (stack.enter_context(serving(to(name), threads=8)) for name in ("bundle", "console"))
    ports = {"PORT": bundle.rpartition(":")[2], "CONSOLE_PORT": console.rpartition(":")[2]}
    environ = {"KOOGALLERY_STORE": f"sqlite:{folder / 'store.sqlite'}", **ports, **settings}
    local = replace(local_settings(environ), clock=clock)
    server, program = console_for(local, clock), local_app(local)

    def heard(request: HttpRequest) -> HttpResponse:
        requests.append(request)
        return routes(program)(request)

    apps |= {"bundle": application(heard), "console": server.front}
    server.join(program, bundle, console)
    prepare_login(server.market)
    (enterprise,) = server.marketplace.identity.enterprises.values()
    return BrowserWorld(server.market.sender.target.url, console, clock, server, enterprise, program, requests)


def log_in(page: Page, user: str = "zhang@acme") -> None:
    """Type account and password into the form that is shown."""
    page.locator("#account").fill(user)
    page.locator("#password").fill(PASSWORDS[user])
    page.locator(".go").click()


def keep(page: Page, name: str) -> None:
    """A screenshot, for who asks for them by ``SCREENSHOTS=folder``."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")
