"""Organisation sync and the directory on the local server, with the development settings."""

import json
from base64 import b64encode
from pathlib import Path

import pytest

from emulator.bundle import local_app, local_settings, routes
from emulator.development import KEYS, rsa_key
from emulator.server import Handle
from emulator.sync_calls import SyncV1Calls, SyncV2Calls
from shared.clock import SystemClock
from shared.http import HttpRequest

SETTINGS = {"KOOGALLERY_BASE_PATH": "shop/saas"}
BOUND = {"instanceId": "i", "tenantId": "t", "appId": "a", "clientId": "c", "flag": 1}
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
        response = handle(calls.call("applicationSync", BOUND | {"clientSecret": encrypted(b"the-secret")}))
        assert json.loads(response.body)["resultCode"] == "000000"
        assert "X-Request-Id" in response.headers
    users = [{"userName": "a", "name": "A", "orgCode": "1", "role": "user", "enable": "true"}]
    handle(two.call("authSync", BOUND | {"userList": users}))
    found = handle(HttpRequest("GET", "/shop/saas/directory/t/users", headers=BEARER))
    assert [each["userName"] for each in json.loads(found.body)["users"]] == ["a"]
    assert handle(HttpRequest("GET", "/shop/saas/directory/t/users")).status == 401


@pytest.mark.parametrize("path", ["/produceAPI/tenantSync", "/saas/produceAPI/tenantSync", "/shop/saas2/produceAPI/x"])
def test_nowhere_else(handle, path):
    assert handle(HttpRequest("POST", path)).status == 404
    assert handle(HttpRequest("GET", "/directory/t/users", headers=BEARER)).status == 404
