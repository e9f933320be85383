"""The marketplace's sign-in server on this machine: unified login page, OAuth 2.0 and CAS of all tenants (joint
operation, section 4).

One address serves all tenants: the client, the token or the cookie tells which one is meant. Where the documents leave
it open, ``SignInBehaviour`` has both ways.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from urllib.parse import urlencode

from emulator.sign_in.api import FOR_SERVERS, TOKEN, USERINFO, VALIDATE, IdentityApi, SignInBehaviour, error, form
from emulator.sign_in.enterprise import Member, SignInEnterprise
from emulator.sign_in.grants import Grants, Who
from emulator.sign_in.pages import login_page, signed_out_page
from emulator.wire.api_answers import page_answer
from emulator.wire.faults import FaultQueue
from emulator.wire.visitor import cookie
from shared.clock import Clock
from shared.http import HttpRequest, HttpResponse

PORTAL = "/unified-login/"
COOKIE = "emulated-sso"
SITE = "Path=/; HttpOnly; SameSite=None; Secure; Partitioned"
"""Who is signed in is known in a frame of the workbench too; browsers take this machine's plain http for secure."""
SHOWN = 8
"""Accounts that the form offers."""

Answer = Callable[[HttpRequest], HttpResponse]


class Identity:
    """Signs people in. ``faults`` are met by servers only, not by people's browsers."""

    def __init__(self, clock: Clock) -> None:
        self.behaviour = SignInBehaviour()
        self.api = IdentityApi(clock, self.behaviour)
        self.faults = FaultQueue(clock)
        self._clock = clock
        self._signed_in = Grants(clock)

    @property
    def enterprises(self) -> dict[str, SignInEnterprise]:
        """Enterprises by tenant id."""
        return self.api.enterprises

    def add(self, enterprise: SignInEnterprise) -> SignInEnterprise:
        """Take in an enterprise to which the application is bound, over what was known of its tenant."""
        self.enterprises[enterprise.tenant_id] = enterprise
        return enterprise

    def handle(self, request: HttpRequest) -> HttpResponse | None:
        """The answer; ``None`` for a path that is none of the sign-in server's.

        :raises Dropped: the caller gets no answer at all.
        """
        routes: Mapping[str, Answer] = {
            PORTAL: self._portal,
            "/api/v1/oauth2/authorize": self._authorize,
            TOKEN: self.api.token,
            USERINFO: self.api.userinfo,
            "/api/v1/logout": self._logout,
            "/api/v1/cas/login": self._cas_login,
            VALIDATE: self.api.validate,
            "/api/v1/cas/logout": self._logout,
        }
        if request.path not in routes:
            return None
        answer = routes[request.path]
        return self._to_server(request, answer) if request.path in FOR_SERVERS else answer(request)

    def _to_server(self, request: HttpRequest, answer: Answer) -> HttpResponse:
        if self.behaviour.down:
            return page_answer(503, "Service Unavailable")
        return self.faults.meet(request.path, error, lambda _fault: answer(request))

    # --- pages ---

    def _portal(self, request: HttpRequest) -> HttpResponse:
        return self._signing_in(request, self._to_callback)

    def _to_callback(self, who: Who) -> str:
        code = self.api.code(who)
        return _with(self.enterprises[who.tenant_id].callback, code=code, tenant=who.tenant_id)

    def _authorize(self, request: HttpRequest) -> HttpResponse:
        enterprise = self.api.client(request.first("client_id") or "")
        callback, state = request.first("redirect_uri") or "", request.first("state") or ""
        if enterprise is None or callback != enterprise.callback:
            return error(400, "invalid_client", "Client ID mismatch")

        def back(who: Who) -> str:
            code = self.api.code(replace(who, asked_with=callback))
            return _with(callback, code=code, **({"state": state} if state else {}))

        return self._signing_in(request, back, enterprise)

    def _cas_login(self, request: HttpRequest) -> HttpResponse:
        service = request.first("service") or ""

        def back(who: Who) -> str:
            return _with(service, ticket=self.api.ticket(replace(who, asked_with=service)))

        return self._signing_in(request, back)

    def _signing_in(
        self, request: HttpRequest, back: Callable[[Who], str], enterprise: SignInEnterprise | None = None
    ) -> HttpResponse:
        """Who is signed in goes back at once; others are asked who they are."""
        who = self._signed_in.find(cookie(request, COOKIE))
        fits = who is not None and (enterprise is None or who.tenant_id == enterprise.tenant_id)
        if who is not None and fits and request.method == "GET":
            return _redirect(back(who))
        given = form(request)
        if request.method == "POST":
            who = self._knows(given.get("account", ""), given.get("password", ""), enterprise)
            if who is not None:
                return _redirect(back(who), f"{COOKIE}={self._signed_in.give(who, 12 * 3600)}; {SITE}")
        wrong = request.method == "POST"
        return login_page(request, wrong=wrong, account=given.get("account", ""), known=self._accounts(enterprise))

    def _knows(self, account: str, password: str, enterprise: SignInEnterprise | None) -> Who | None:
        for each in [enterprise] if enterprise else self.enterprises.values():
            member = each.members.get(account)
            if member and member.enabled and member.password == password:
                return Who(each.tenant_id, account)
        return None

    def _accounts(self, enterprise: SignInEnterprise | None) -> Sequence[Member]:
        """Those with whom one gets somewhere."""
        among = [enterprise] if enterprise else list(self.enterprises.values())
        members = (member for each in among for member in each.members.values())
        return list(islice((each for each in members if each.enabled and each.authorised), SHOWN))

    def _logout(self, request: HttpRequest) -> HttpResponse:
        who = self._signed_in.take(cookie(request, COOKIE))
        if who is not None:
            self.api.forget(who)
        gone = f"{COOKIE}=; {SITE}; Max-Age=0"
        back = request.first("redirect_url") or request.first("service")
        return _redirect(back, gone) if back else signed_out_page(request)


def _redirect(url: str, *cookies: str) -> HttpResponse:
    return HttpResponse(302, {"Location": url, "Cache-Control": "no-store"}, b"", cookies)


def _with(url: str, **parameters: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(parameters)}"
