"""What the bundle's own client sees of each fault of the sign-in server."""

from collections.abc import Callable

import pytest

from emulator.marketplace.faults.fault_list import IDENTITY_FAULTS
from emulator.sign_in.api import TOKEN, USERINFO, VALIDATE
from emulator.sign_in.enterprise import Member, SignInEnterprise
from emulator.sign_in.grants import Who
from emulator.sign_in.server import PORTAL, Identity
from emulator.wire.api_answers import Dropped
from emulator.wire.faults import Fault
from shared.clock import Deadline
from shared.directory import Application
from shared.errors import KooGalleryError
from shared.http import HttpRequest, HttpResponse
from shared.login.refusals import LoginRefused
from shared.login.sign_in import ClientRefused, GrantRefused, Person, SignIn, Tokens
from shared.outbound import ConnectionLost
from tests.clients import HandlerClient
from tests.fakes import FakeClock

CALLBACK, DOMAIN = "https://isv.example/saas/login/callback", "https://acme.tenant.example"
ZHANG = Who("tenant-1", "zhang@acme")


class SignInWorld:
    """A sign-in server, and a bundle that asks it."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.identity = Identity(self.clock)
        acme = self.identity.add(SignInEnterprise("tenant-1", "Acme", CALLBACK))
        acme.add(Member("zhang@acme", "Zhang San", "password-1"))
        self._application = Application("i-1", "tenant-1", "app-1", acme.client_id, acme.client_secret)
        self._bundle = SignIn(HandlerClient(self._answer))

    def _answer(self, request: HttpRequest) -> HttpResponse:
        try:
            response = self.identity.handle(request)
        except Dropped:
            raise ConnectionLost("the connection broke") from None
        assert response is not None
        return response

    @property
    def deadline(self) -> Deadline:
        return Deadline(self.clock, 60)

    def exchange(self, code: str = "") -> Tokens:
        code = code or self.identity.api.code(ZHANG)
        return self._bundle.exchange(DOMAIN, self._application, code, self.deadline)

    def refresh(self, token: str) -> Tokens:
        return self._bundle.refresh(DOMAIN, self._application, token, self.deadline)

    def who(self, access_token: str) -> Person:
        return self._bundle.who(DOMAIN, access_token, self.deadline)

    def validate(self) -> Person:
        ticket = self.identity.api.ticket(Who("tenant-1", "zhang@acme", CALLBACK))
        return self._bundle.validate(DOMAIN, CALLBACK, ticket, self.deadline)


@pytest.fixture
def world() -> SignInWorld:
    return SignInWorld()


Seen = type[KooGalleryError] | None
SEEN: dict[str, tuple[Seen, Seen, Seen]] = {
    "sign-in-unavailable": (LoginRefused, LoginRefused, LoginRefused),
    "sign-in-internal-error": (LoginRefused, LoginRefused, LoginRefused),
    "sign-in-dropped": (LoginRefused, LoginRefused, LoginRefused),
    "sign-in-answer-lost": (LoginRefused, None, None),
    "sign-in-slow": (None, None, None),
    "sign-in-too-slow": (LoginRefused, LoginRefused, LoginRefused),
    "sign-in-code-refused": (GrantRefused, None, None),
    "sign-in-client-refused": (ClientRefused, None, None),
    "sign-in-malformed": (LoginRefused, LoginRefused, LoginRefused),
    "sign-in-empty": (LoginRefused, LoginRefused, GrantRefused),
    "sign-in-token-refused": (None, LoginRefused, None),
}
"""What comes of the exchange of a code, of the question who somebody is, and of a ticket."""


@pytest.mark.parametrize("name", [*IDENTITY_FAULTS])
def test_what_is_seen_of_each(world: SignInWorld, name: str) -> None:
    tokens = world.exchange()
    questions: list[Callable[[], object]] = [world.exchange, lambda: world.who(tokens.access_token), world.validate]
    for path, question, seen in zip((TOKEN, USERINFO, VALIDATE), questions, SEEN[name], strict=True):
        if IDENTITY_FAULTS[name].fits(path):
            world.identity.faults.inject(IDENTITY_FAULTS[name])
        if seen:
            with pytest.raises(seen):
                question()
        question()


def test_an_answer_that_is_lost_has_spent_code_and_refresh_token(world: SignInWorld) -> None:
    tokens, code = world.exchange(), world.identity.api.code(ZHANG)
    assert tokens.refresh_token
    world.identity.faults.inject(IDENTITY_FAULTS["sign-in-answer-lost"], times=2)
    for attempt in (LoginRefused, GrantRefused):
        with pytest.raises(attempt):
            world.exchange(code)
        if attempt is LoginRefused:
            with pytest.raises(LoginRefused):
                world.refresh(tokens.refresh_token)
    with pytest.raises(GrantRefused):
        world.refresh(tokens.refresh_token)


def test_one_for_another_path_waits_for_it(world: SignInWorld) -> None:
    tokens = world.exchange()
    world.identity.faults.inject(IDENTITY_FAULTS["sign-in-token-refused"])
    world.exchange()
    with pytest.raises(LoginRefused):
        world.who(tokens.access_token)
    assert world.who(tokens.access_token).user_name == "zhang@acme"


def test_faults_by_chance(world: SignInWorld) -> None:
    tokens = world.exchange()
    world.identity.faults.chance = lambda: IDENTITY_FAULTS["sign-in-token-refused"]
    assert world.exchange().access_token, "chance had none for this path"
    for _ in range(2):
        with pytest.raises(LoginRefused):
            world.who(tokens.access_token)
    world.identity.faults.chance = Fault
    assert world.who(tokens.access_token).user_name == "zhang@acme"


def test_people_meet_none(world: SignInWorld) -> None:
    world.identity.faults.inject(IDENTITY_FAULTS["sign-in-dropped"])
    response = world.identity.handle(HttpRequest("GET", PORTAL))
    assert response
    assert response.status == 200


def test_a_slow_answer_takes_its_time(world: SignInWorld) -> None:
    world.identity.faults.inject(IDENTITY_FAULTS["sign-in-slow"])
    world.exchange()
    assert world.clock.slept == [IDENTITY_FAULTS["sign-in-slow"].delay]
