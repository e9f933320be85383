"""Organisation sync and the directory on the local server, with the development settings."""

import json
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest

from emulator.development import KEYS, rsa_key
from emulator.seller.local_bundle import local_app, local_settings
from emulator.wire.calls import V2Calls
from emulator.wire.server import Handle
from emulator.wire.sync_calls import SyncV1Calls, SyncV2Calls
from shared.clock import SystemClock
from shared.http import HttpRequest, HttpResponse
from shared.server.routes import routes
from tests.fakes import FakeClock

SETTINGS = {"KOOGALLERY_BASE_PATH": "shop/saas"}
BOUND = {"instanceId": "i", "tenantId": "t", "appId": "a", "flag": 1}
CREDENTIAL = {"clientId": "c"}
BEARER = {"authorization": f"Bearer {KEYS['KOOGALLERY_APP_TOKEN']}"}


@pytest.fixture
def handle(tmp_path: Path) -> Handle:
    return routes(local_app(local_settings(SETTINGS | {"KOOGALLERY_STORE": f"sqlite:{tmp_path / 'store.sqlite'}"})))


def encrypted(secret: bytes) -> str:
    """As the marketplace encrypts with the public key of the development settings."""
    from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(rsa_key().encode(), None)
    assert isinstance(key, RSAPrivateKey)
    return b64encode(key.public_key().encrypt(secret, OAEP(MGF1(SHA256()), SHA256(), None))).decode()


def test_both_versions_of_organisation_sync_are_served(handle):
    one = SyncV1Calls(KEYS["KOOGALLERY_KEY"], SystemClock(), "/shop/saas")
    two = SyncV2Calls(KEYS["KOOGALLERY_SYNC_ACCESS_KEY"], SystemClock(), "/shop/saas")
    for calls in (one, two):
        response = handle(
            calls.call("applicationSync", BOUND | CREDENTIAL | {"clientSecret": encrypted(b"the-secret")})
        )
        assert json.loads(response.body)["resultCode"] == "000000"
        assert "X-Request-Id" in response.headers
    users = [{"userName": "a", "name": "A", "orgCode": "1", "role": "user", "enable": "true"}]
    refused = handle(two.call("authSync", BOUND | CREDENTIAL | {"userList": users}))
    assert code(refused) == "000002", "what belongs to another interface"
    assert code(handle(two.call("authSync", BOUND | {"userList": users}))) == "000000", "before any tenantSync"
    found = handle(HttpRequest("GET", "/shop/saas/directory/t/users", headers=BEARER))
    assert [each["userName"] for each in json.loads(found.body)["users"]] == ["a"]
    assert handle(HttpRequest("GET", "/shop/saas/directory/t/users")).status == 401


@pytest.mark.parametrize("slash", ["", "/", "//"])
def test_a_slash_at_the_end_does_not_matter(handle, slash):
    calls = V2Calls(KEYS["KOOGALLERY_ACCESS_KEY"], SystemClock(), f"/shop/saas{slash}")
    assert code(handle(calls.call("queryInstance", instanceId="i", testFlag="1"))) == "000000"
    sync = SyncV2Calls(KEYS["KOOGALLERY_SYNC_ACCESS_KEY"], SystemClock(), "/shop/saas").call("tenantSync", BOUND)
    assert code(handle(replace(sync, path=sync.path + slash[:1]))) == "000002", "found, and refused for what it lacks"
    for method, below in (("GET", "/directory/t/users"), ("POST", "/usage"), ("GET", "/logout")):
        plain, slashed = (
            handle(HttpRequest(method, f"/shop/saas{below}{end}", headers=BEARER)) for end in ("", slash[:1])
        )
        assert plain.status == slashed.status != 404, below


def code(response: HttpResponse) -> str:
    """The result code."""
    return str(json.loads(response.body)["resultCode"])


@pytest.mark.parametrize(
    ("path", "address"), [("", "/shop/saas"), ("hooks/orders/", "/hooks/orders"), ("/", "/shop/saas")]
)
def test_order_notifications_may_have_an_address_of_their_own(tmp_path, path, address):
    values = {"KOOGALLERY_NOTIFY_PATH": path, "KOOGALLERY_STORE": f"sqlite:{tmp_path / 'store.sqlite'}"}
    clock = FakeClock()
    handle = routes(local_app(replace(local_settings(SETTINGS | values), clock=clock)))
    notices = [V2Calls(KEYS["KOOGALLERY_NOTIFY_ACCESS_KEY"], clock, each) for each in (address, f"{address}/")]
    for calls in notices:
        assert code(handle(calls.call("orderNotify", orderId="CS1"))) == "000000", (
            "its key is right; while the order query is down the notice is kept"
        )
        assert code(handle(calls.call("releaseInstance", instanceId="i"))) == "000001", "its key opens nothing else"
    assert handle(HttpRequest("GET", "/hooks/others")).status == 404


@pytest.mark.parametrize("path", ["/produceAPI/tenantSync", "/saas/produceAPI/tenantSync", "/shop/saas2/produceAPI/x"])
def test_nowhere_else(handle, path):
    assert handle(HttpRequest("POST", path)).status == 404
    assert handle(HttpRequest("GET", "/directory/t/users", headers=BEARER)).status == 404
