"""A bundle with every interface, whose buyers, people and backend have much to hide."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from shared.app import App, install
from shared.clock import Deadline
from shared.http import HttpRequest, HttpResponse
from shared.pipelines.schedule import RunFailed, carry_out
from shared.provisioning.webhook import ListeningWebhook
from shared.server.routes import routes
from tests.clients import HandlerClient
from tests.enterprise_calls import CLIENT_SECRET, SECRET, SYNC_KEY, sync_settings
from tests.event_receiver import EventReceiver, settings_of
from tests.events import RUNTIMES
from tests.login_world import APP_TOKEN, INSTANCE, PASSWORDS, LoginWorld
from tests.shared.metering.market import FakeUsageApi
from tests.world import ACCESS_KEY, KEY, NOTIFY_KEY

MARK = "qxzvy"
"""Stands in everything that is personal, but for telephone numbers, which begin with ``PHONE``."""
PHONE = "139707"
CHOSEN = "wqkjx-3522"
"""What the buyer has filled in when ordering: a part of what is bought, so the product is told of it each time."""
WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TENANT, BOUND = f"tenant-of-{INSTANCE}", "bound"
KEYS = (KEY, ACCESS_KEY, NOTIFY_KEY, SYNC_KEY, APP_TOKEN, CLIENT_SECRET, SECRET["ciphertext"], WEBHOOK_SECRET)


def person(number: int) -> dict[str, str]:
    """What the marketplace tells of a buyer."""
    return {
        "customerName": f"李{MARK}{number}",
        "userName": f"iam-{MARK}-{number}",
        "userId": f"user-{MARK}-{number}",
        "mobilePhone": f"{PHONE}{number:05d}",
        "email": f"li.{number}@{MARK}.example",
    }


class PrivateWorld(LoginWorld):
    """``random`` chooses what comes next; ``secrets`` are those that come up on the way; ``heard`` is what the seller's
    backend was told, by kind; ``raised`` what runs ended with.
    """

    def __init__(self, folder: Path, receiver: EventReceiver, seed: int) -> None:
        self.random = random.Random(seed)
        self.secrets: set[str] = set(KEYS) | set(PASSWORDS.values())
        self.heard: dict[str, list[str]] = {}
        self.raised: list[str] = []
        self.api = FakeUsageApi()
        self.backend_fails: Callable[[], None] = lambda: None
        self.instances = [INSTANCE]
        self.number = 0
        settings = sync_settings() | settings_of(receiver) | {"KOOGALLERY_SHARDS": "1"}
        super().__init__(folder, RUNTIMES[0], settings)
        self.secrets |= {self.enterprise.client_secret, self.values["KOOGALLERY_STORAGE_KEY"]}
        for name in ("KOOGALLERY_SESSION_KEY", "KOOGALLERY_RSA_PRIVATE_KEY"):
            self.secrets.add(self.values[name].splitlines()[1])
        handle = self.client.handle
        self.client.handle = lambda request: self._noted(handle(request), request)
        self.buy("CS-bound", BOUND)
        self.browser = self.visitor()

    def restarted(self) -> App:
        app = super().restarted()
        backend = HandlerClient(self._backend)
        hook = ListeningWebhook("https://backend.example/", [WEBHOOK_SECRET], 10.0, False, self.clock, client=backend)
        sign_in = app.sign_in
        self.app = App(
            app.settings,
            clock=app.clock,
            tables=app.tables,
            provisioner=hook,
            orders=app.orders,
            usage_push=self.api,
        )
        self.app.__dict__["sign_in"] = sign_in
        install(self.app)
        return self.app

    def raw(self, request: HttpRequest) -> HttpResponse:
        return routes(self.app)(request)

    def run(self, name: str, job: Any) -> None:
        """A scheduled run."""
        try:
            carry_out(name, job, self.app, {}, Deadline(self.clock, 60))
        except RunFailed as error:
            self.raised.append(f"{error!r} {error.__context__!r} {error.__cause__!r}")

    def _backend(self, request: HttpRequest) -> HttpResponse:
        kind = json.loads(request.body)["type"]
        self.heard.setdefault(kind, []).append(request.body.decode())
        self.backend_fails()
        access = {
            "frontEndUrl": "https://app.example.org",
            "userName": f"root-{MARK}",
            "password": f"Pa55-{MARK}",
            "memo": f"call {PHONE}00000",
        }
        answers: dict[str, Any] = {"instance.create": {"access": access}, "instance.describe": {"access": access}}
        answers |= {"instance.can_change": {"refusal": None}, "instance.usage": {"usage": []}}
        if kind in answers:
            return HttpResponse(200, {"content-type": "application/json"}, json.dumps(answers[kind]).encode())
        return HttpResponse(204, {}, b"")

    def _noted(self, response: HttpResponse, request: HttpRequest) -> HttpResponse:
        sent = dict(parse_qsl(request.body.decode()))
        self.secrets |= {sent[name] for name in ("code", "refresh_token") if name in sent}
        given = json.loads(response.body)
        self.secrets |= {given[name] for name in ("access_token", "refresh_token") if given.get(name)}
        return response
