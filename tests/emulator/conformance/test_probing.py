"""A server that refuses every rightly signed call is asked what it takes, and so told what it computes."""

import base64
import hashlib
from collections.abc import Mapping
from urllib.parse import unquote

import pytest

from emulator.conformance import CallFactory, Keys
from emulator.conformance.causes import causes
from emulator.conformance.probing import probed
from shared.clock import SystemClock
from tests.emulator.conformance.seller import ACCESS_KEY, KEY, NOTIFY_KEY, SYNC_KEY, Seller, mac
from tests.emulator.conformance.test_faults import BasicKeyForNotices, Unkeyed, check, handed_to

pytestmark = pytest.mark.e2e


class KeyAlone(Seller):
    def token(self, fields: Mapping[str, str]) -> str:
        data = "&".join(f"{name}={fields[name]}" for name in sorted(fields))
        return base64.b64encode(mac(KEY, data.encode())).decode()


class StampFirst(Seller):
    def token(self, fields: Mapping[str, str]) -> str:
        data = "&".join(f"{name}={fields[name]}" for name in sorted(fields))
        return base64.b64encode(mac(fields["timeStamp"] + KEY, data.encode())).decode()


class HexTokens(Seller):
    def token(self, fields: Mapping[str, str]) -> str:
        return base64.b64decode(super().token(fields)).hex()


class Reversed(Seller):
    def signed_names(self, fields: Mapping[str, str]) -> list[str]:
        return sorted(fields, reverse=True)


class NotHashed(Seller):
    """The rule of organisation sync."""

    def digest(self, key: str, body: bytes) -> str:
        return body.decode("utf-8", "replace")


class UpperDigest(Seller):
    def digest(self, key: str, body: bytes) -> str:
        return super().digest(key, body).upper()


class OtherOrder(Seller):
    def same_signature(self, signature: str, key: str, nonce: str, stamp: str, body: bytes) -> bool:
        text = f"{key}{stamp}{nonce}{self.digest(key, body)}"
        return signature.lower() == mac(key, text.encode()).hex()


class Base64Signatures(Seller):
    def same_signature(self, signature: str, key: str, nonce: str, stamp: str, body: bytes) -> bool:
        text = f"{key}{nonce}{stamp}{self.digest(key, body)}"
        return unquote(signature) == base64.b64encode(mac(key, text.encode())).decode()


class SecondsSigned(Seller):
    def same_signature(self, signature: str, key: str, nonce: str, stamp: str, body: bytes) -> bool:
        return super().same_signature(signature, key, nonce, stamp[:10], body)


class SyncHashed(Seller):
    def payload(self, body: bytes) -> bytes:
        return mac(SYNC_KEY, super().payload(body)).hex().encode()


class UnusualDigest(Seller):
    def digest(self, key: str, body: bytes) -> str:
        return hashlib.sha3_256(body).hexdigest()


VERIFIERS: Mapping[type[Seller], Mapping[str, str]] = {
    KeyAlone: {"v1": "secret-no-stamp"},
    StampFirst: {"v1": "secret-order"},
    HexTokens: {"v1": "form-hex"},
    Reversed: {"v1": "unsorted"},
    Unkeyed: {"v2": "body-unkeyed", "v2-notice": "body-unkeyed"},
    NotHashed: {"v2": "body-not-hashed", "v2-notice": "body-not-hashed"},
    UpperDigest: {"v2": "body-digest-case", "v2-notice": "body-digest-case"},
    OtherOrder: {"v2": "parts-order", "v2-notice": "parts-order"},
    Base64Signatures: {"v2": "form-base64", "v2-notice": "form-base64"},
    SecondsSigned: {"v2": "timestamp-unit", "v2-notice": "timestamp-unit"},
    BasicKeyForNotices: {"v2-notice": "key-access-key"},
    SyncHashed: {"sync-v2": "body-hashed"},
    UnusualDigest: {},
    Seller: {},
}
"""What comes out about each, by class of calls."""


@pytest.mark.sweep
@pytest.mark.parametrize("verifier", VERIFIERS, ids=lambda verifier: verifier.__name__)
def test_it_is_found_how_a_server_verifies(verifier: type[Seller]) -> None:
    server = verifier()
    results = list(check(server, "v?.request.*", "v?.life.*", "v?.sync.*").values())
    factory = CallFactory(Keys(KEY, ACCESS_KEY, NOTIFY_KEY, SYNC_KEY), SystemClock(), "/isv")
    found = probed(results, factory, handed_to(server))
    assert {name: " ".join(each.names) for name, each in found.items()} == VERIFIERS[verifier]
    mended = causes(results, found)
    assert len(mended) == (0 if verifier is Seller else 2 if verifier is UnusualDigest else 1), [
        each.id for each in mended
    ]
    if found:
        assert "it makes it itself when it verifies" in str(mended[0].advice[0])
