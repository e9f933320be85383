"""A bundle with login, the marketplace's sign-in server and a browser, all in one process."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from emulator.sign_in.enterprise import Member, SignInEnterprise
from emulator.sign_in.grants import Who
from emulator.sign_in.server import Identity
from functions import login
from shared.clock import Clock, epoch_ms
from shared.directory import Application, AuthorisationStatus, Tenant, User
from shared.directory.commands import SyncApplication, SyncTenant, SyncTime, SyncUsers
from shared.http import HttpRequest, HttpResponse
from shared.login.sign_in import SignIn
from shared.provisioning import State
from tests.clients import HandlerClient
from tests.events import Platform
from tests.platforms import Deployed, Entry

BUNDLE, APP, SIGN_IN = "https://api.example.com", "https://app.example.com", "https://acme.tenant.example.com"
PORTAL = f"{SIGN_IN}/unified-login/"
APP_ID, APP_TOKEN = "app-1", "token-of-the-application-of-this-test"
TENANT, INSTANCE = "68cbc86tenant", "business-1"
ZHANG, LI = "zhang@acme", "li@acme"
PASSWORDS = {ZHANG: "Zhang-Pa55word", LI: "Li-Pa55word"}


@cache
def session_key() -> str:
    """A signing key, the same in all tests of a process."""
    return new_key()


def new_key() -> str:
    """A P-256 private key in PEM."""
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def login_settings() -> dict[str, str]:
    """The settings of login."""
    return {
        "KOOGALLERY_APP_ID": APP_ID,
        "KOOGALLERY_APP_TOKEN": APP_TOKEN,
        "KOOGALLERY_APP_URL": APP,
        "KOOGALLERY_PUBLIC_URL": BUNDLE,
        "KOOGALLERY_PORTAL_URL": PORTAL,
        "KOOGALLERY_SESSION_KEY": session_key(),
    }


class LoginWorld(Deployed):
    """A bundle whose buyer has an enterprise with two people: Zhang, an administrator, and Li."""

    def __init__(
        self,
        folder: Path,
        platform: Platform,
        settings: Mapping[str, str] | None = None,
        clock: Clock | None = None,
        identity: Identity | None = None,
    ) -> None:
        self._identity = identity
        self._calls: list[HttpRequest] = []
        self._moments = count()
        self.public_url = (login_settings() | dict(settings or {}))["KOOGALLERY_PUBLIC_URL"]
        super().__init__(folder, Entry(platform, gateway=False), login_settings() | dict(settings or {}), clock)
        self.enterprise = self.identity.add(SignInEnterprise(TENANT, "Acme", f"{self.public_url}/saas/login/callback"))
        self.enterprise.add(Member(ZHANG, "Zhang San", PASSWORDS[ZHANG], "admin"))
        self.enterprise.add(Member(LI, "Li Si", PASSWORDS[LI]))
        self.buy(business_id=INSTANCE)
        self.bind()

    @property
    def identity(self) -> Identity:
        """The sign-in server, which outlives restarts of the bundle."""
        if self._identity is None:
            self._identity = Identity(self.clock)
        return self._identity

    def restarted(self) -> Any:
        app = super().restarted()
        self.client = HandlerClient(self._asked)
        app.__dict__["sign_in"] = SignIn(self.client)
        return app

    def _asked(self, request: HttpRequest) -> HttpResponse:
        self._calls.append(request)
        return self.identity.handle(request) or HttpResponse(404, {}, b"")

    def refreshes(self) -> int:
        """How many refreshes the sign-in server was asked for."""
        return sum(b"grant_type=refresh_token" in each.body for each in self._calls)

    def moment(self) -> SyncTime:
        """Each word of the marketplace is newer than the one before."""
        now = epoch_ms(self.clock.now()) + next(self._moments)
        return SyncTime(now, now)

    def bind(self, instance_id: str = INSTANCE, *, deleted: bool = False, domain: str = SIGN_IN) -> None:
        """What tenantSync, applicationSync and authSync store."""
        directory, enterprise = self.app.directory, self.enterprise
        tenant = Tenant(instance_id, TENANT, "acme", "Acme", domain, deleted=deleted)
        application = Application(
            instance_id, TENANT, APP_ID, enterprise.client_id, enterprise.client_secret, deleted=deleted
        )
        directory.put_tenant(SyncTenant(tenant, self.moment()))
        directory.put_application(SyncApplication(application, self.moment()))
        for member in enterprise.members.values():
            self.say(member.user_name, instance_id=instance_id)

    def say(
        self,
        user_name: str,
        *,
        enabled: bool = True,
        state: AuthorisationStatus = AuthorisationStatus.GRANTED,
        role: str = "",
        instance_id: str = INSTANCE,
    ) -> None:
        """What authSync stores about one user."""
        member = self.enterprise.members[user_name]
        user = User(user_name, member.name, member.org_code, role or member.role, enabled, state)
        self.app.directory.put_users(SyncUsers(instance_id, TENANT, APP_ID, [user], self.moment()))

    def raw(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/saas/"):
            return super().raw(request)
        platform = self.entry.platform
        return platform.read_answer(login.handler(platform.make_event(request), platform.make_context()))

    def who(self, user_name: str = ZHANG, asked_with: str = "") -> Who:
        """Somebody, as the sign-in server knows them."""
        return Who(self.enterprise.tenant_id, user_name, asked_with)

    def code(self, user_name: str = ZHANG) -> str:
        """A code of the portal for somebody who has signed in."""
        return self.identity.api.code(self.who(user_name))

    def visitor(self, **headers: str) -> "Browser":
        """Somebody with a browser of their own."""
        return Browser(self, headers=headers)

    def logged_in(self, user_name: str = ZHANG, **headers: str) -> "Browser":
        """Somebody who has just logged in."""
        browser = self.visitor(**headers)
        browser.log_in(user_name)
        assert browser.url.startswith(self.values["KOOGALLERY_APP_URL"])
        return browser

    def set_state(self, state: State, instance_id: str = INSTANCE) -> None:
        """Put an instance into a state behind the bundle's back."""
        record = self.app.instances.get(instance_id)
        assert record is not None
        self.app.instances.replace(replace(record, state=state))


@dataclass
class Browser:
    """Keeps cookies per host, follows redirects, tells where it is. The application's site is only an address."""

    world: LoginWorld
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    url: str = ""
    trail: list[str] = field(default_factory=list)
    set_cookies: list[str] = field(default_factory=list)

    def send(self, method: str, url: str, body: bytes = b"", **headers: Any) -> HttpResponse:
        """One request, no redirects followed."""
        parts = urlsplit(url)
        jar = self.cookies.setdefault(parts.netloc, {})
        sent = {"host": parts.netloc, **self.headers}
        sent |= {name.replace("_", "-"): text for name, text in headers.items()}
        if jar:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        request = HttpRequest(method, parts.path or "/", query, sent, body, "request-1")
        response = self._answer(parts.netloc, request)
        for cookie in response.cookies:
            self.set_cookies.append(cookie)
            name, _, value = cookie.partition(";")[0].partition("=")
            jar.pop(name, None)
            if "Max-Age=0" not in cookie:
                jar[name] = value
        self.url = url
        return response

    def go(self, url: str, method: str = "GET", body: bytes = b"", **headers: Any) -> HttpResponse:
        """Like ``send``, redirects followed until the application or a page is reached."""
        response = self.send(method, url, body, **headers)
        self.trail = [url]
        while response.status == 302:
            url = response.headers["Location"]
            self.trail.append(url)
            response = self.send("GET", url, **headers)
        return response

    def saas(self, path: str, method: str = "GET", body: bytes = b"", **headers: Any) -> HttpResponse:
        """A request to the bundle."""
        return self.go(f"{self.world.public_url}/saas{path}", method, body, **headers)

    def begin(self, code: str = "", user_name: str = ZHANG) -> str:
        """Begin a login at the tenant's own sign-in server; the callback with which it ends, as yet unused.

        :param code: what it brings; somebody's fresh one if empty.
        """
        begun = self.send("GET", f"{self.world.public_url}/saas/login?tenant={TENANT}").headers["Location"]
        asked = dict(parse_qsl(urlsplit(begun).query))
        code = code or self.world.identity.api.code(self.world.who(user_name, asked["redirect_uri"]))
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def log_in(self, user_name: str = ZHANG, query: str = "") -> HttpResponse:
        """From the application's log-in button to wherever it ends, typing account and password if asked."""
        response = self.saas(f"/login{query}")
        return self.type(response, user_name) if b'name="password"' in response.body else response

    def type(self, response: HttpResponse, user_name: str = ZHANG) -> HttpResponse:
        """Fill in the form that is shown."""
        assert b'name="password"' in response.body
        body = urlencode({"account": user_name, "password": PASSWORDS[user_name]}).encode()
        return self.go(self.url, "POST", body)

    def session(self, **headers: Any) -> tuple[int, dict[str, Any]]:
        """What the bundle says of the session."""
        response = self.saas("/session", **headers)
        return response.status, json.loads(response.body)

    @property
    def jar(self) -> dict[str, str]:
        """The bundle's cookies."""
        return self.cookies.setdefault(urlsplit(self.world.public_url).netloc, {})

    def _answer(self, host: str, request: HttpRequest) -> HttpResponse:
        if host == urlsplit(self.world.public_url).netloc:
            return self.world.raw(request)
        if host == urlsplit(self.world.values["KOOGALLERY_APP_URL"]).netloc:
            return HttpResponse(200, {}, b"the application")
        answer = self.world.identity.handle(request)
        assert answer is not None, request.path
        return answer
