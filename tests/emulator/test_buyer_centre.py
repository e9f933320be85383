"""The buyer's side tells the bundle through the real interfaces."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from emulator.bundle import local_app, local_settings, routes
from emulator.buyer_centre import BuyerCentre, NotTaken
from emulator.identity.enterprise import Enterprise
from emulator.identity.server import Identity
from emulator.server import running
from shared.app import App
from shared.directory import Standing
from shared.http import HttpRequest
from shared.provisioning import State

DOMAIN = "http://127.0.0.1:8100"


@dataclass
class Stage:
    """A bundle on loopback, and a buyer before it."""

    app: App
    buyer: BuyerCentre
    enterprise: Enterprise

    def standing(self, user_name: str) -> tuple[bool, Standing]:
        user = self.app.directory.user(self.enterprise.tenant_id, user_name)
        assert user is not None
        return user.enabled, user.state

    def press(self, **form: str) -> None:
        from urllib.parse import urlencode

        body = urlencode({"tenant": self.enterprise.tenant_id, "user": "li@acme", **form}).encode()
        response = self.buyer.handle(HttpRequest("POST", "/buyer", body=body))
        assert response is not None
        assert (response.status, response.headers["Location"]) == (303, "/buyer")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    local = local_settings({"KOOGALLERY_STORE": f"sqlite:{tmp_path / 'store.sqlite'}"})
    app, identity = local_app(local), Identity(local.clock)
    with running(routes(app), threads=2) as url:
        buyer = BuyerCentre(url, local.settings, local.clock, identity, DOMAIN)
        yield Stage(app, buyer, buyer.open())


def test_the_bundle_knows_what_the_buyer_did(stage: Stage) -> None:
    directory, enterprise = stage.app.directory, stage.enterprise
    (tenant,) = directory.tenants(enterprise.tenant_id)
    application = directory.application(enterprise.tenant_id, "development-application")
    assert (tenant.domain, tenant.name, tenant.instance_id) == (DOMAIN, enterprise.name, enterprise.instance_id)
    assert application is not None
    assert application.client_secret == enterprise.client_secret, "decrypted with the seller's key"
    assert stage.standing("zhang@acme") == (True, Standing.GRANTED)


def test_the_buttons(stage: Stage) -> None:
    for action, expected in (
        ("disable", (False, Standing.GRANTED)),
        ("enable", (True, Standing.GRANTED)),
        ("revoke", (True, Standing.REVOKED)),
        ("authorise", (True, Standing.GRANTED)),
    ):
        stage.press(action=action)
        assert stage.standing("li@acme") == expected
    for wrong in ({"action": "dance"}, {"action": "disable", "user": "nobody"}, {"action": "disable", "tenant": "x"}):
        stage.press(**wrong)
    assert stage.standing("li@acme") == (True, Standing.GRANTED)


def test_the_page_lists_everybody(stage: Stage) -> None:
    response = stage.buyer.handle(HttpRequest("GET", "/buyer"))
    assert response is not None
    page = response.body.decode()
    assert all(name in page for name in ("zhang@acme", "li@acme", stage.enterprise.name))
    assert page.count("<button>") == 4
    assert stage.buyer.handle(HttpRequest("GET", "/")) is None


def test_freezing(stage: Stage) -> None:
    stage.buyer.freeze(stage.enterprise)
    record = stage.app.instances.get(stage.enterprise.instance_id)
    assert record is not None
    assert record.state is State.FROZEN


def test_a_bundle_that_refuses_is_said(tmp_path: Path) -> None:
    local = local_settings({"KOOGALLERY_STORE": f"sqlite:{tmp_path / 'store.sqlite'}", "KOOGALLERY_KEY": "other"})
    other = local_settings({"KOOGALLERY_STORE": f"sqlite:{tmp_path / 'store.sqlite'}"})
    with running(routes(local_app(local)), threads=2) as url:
        buyer = BuyerCentre(url, other.settings, other.clock, Identity(other.clock), DOMAIN)
        with pytest.raises(NotTaken, match="authentication failed"):
            buyer.open()
    with pytest.raises(NotTaken):
        buyer.open()
