"""Servers that are right in all but the signature of their answers. Each makes one mistake that is seen in life, a few
make two; the name the doctor gives it stands beside.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from itertools import count
from typing import Any
from urllib.parse import quote

from tests.emulator.conformance.seller import ACCESS_KEY, KEY, NOTIFY_KEY, Seller, mac
from tests.emulator.conformance.server import Raw, Reply


class WrongSigner(Seller):
    """Signs by ``signature``, with what the call was at hand."""

    raw: Raw

    def __call__(self, raw: Raw) -> Reply:
        self.raw = raw
        return super().__call__(raw)

    def body_sign(self, body: bytes, key: str) -> str:
        return f'sign_type="HMAC-SHA256", signature= "{self.signature(body, key)}"'

    def signature(self, body: bytes, key: str) -> str:
        return base64.b64encode(self.digest_of(self.key_of(key), self.text_of(body))).decode()

    def digest_of(self, key: bytes, text: bytes) -> bytes:
        return hmac.digest(key, text, "sha256")

    def key_of(self, key: str) -> bytes:
        return key.encode()

    def text_of(self, body: bytes) -> bytes:
        return body

    @property
    def stamp(self) -> str:
        pairs = dict(pair.partition("=")[::2] for pair in self.raw.query.split("&"))
        return pairs.get("timeStamp", "")


class Hex(WrongSigner):
    def signature(self, body: bytes, key: str) -> str:
        return mac(key, body).hex()


class UpperHex(WrongSigner):
    def signature(self, body: bytes, key: str) -> str:
        return mac(key, body).hex().upper()


class Base64OfHex(WrongSigner):
    def digest_of(self, key: bytes, text: bytes) -> bytes:
        return super().digest_of(key, text).hex().encode()


class UrlSafe(WrongSigner):
    def encode(self, members: Mapping[str, Any]) -> bytes:
        """One whose signature differs in the two alphabets."""
        bodies = (super(UrlSafe, self).encode({**members, "number": number}) for number in count())
        return next(body for body in bodies if {*"+/"} & {*base64.b64encode(mac(KEY, body)).decode()})

    def signature(self, body: bytes, key: str) -> str:
        return base64.urlsafe_b64encode(mac(key, body)).decode()


class Unpadded(WrongSigner):
    def signature(self, body: bytes, key: str) -> str:
        return super().signature(body, key).rstrip("=")


class PercentEncoded(WrongSigner):
    def signature(self, body: bytes, key: str) -> str:
        return quote(super().signature(body, key), safe="")


class EncodedTwice(WrongSigner):
    def signature(self, body: bytes, key: str) -> str:
        return base64.b64encode(super().signature(body, key).encode()).decode()


class PythonBytes(WrongSigner):
    def signature(self, body: bytes, key: str) -> str:
        return repr(super().signature(body, key).encode())


class KeyOfNotices(WrongSigner):
    def key_of(self, key: str) -> bytes:
        return (NOTIFY_KEY if key == ACCESS_KEY else ACCESS_KEY).encode()


class KeyWithLineEnd(WrongSigner):
    def key_of(self, key: str) -> bytes:
        return f"{key}\n".encode()


class UnsetKey(WrongSigner):
    def key_of(self, key: str) -> bytes:
        return b""


class KeyWithTime(WrongSigner):
    def key_of(self, key: str) -> bytes:
        return f"{key}{self.stamp}".encode()


class TimeBeforeKey(WrongSigner):
    def key_of(self, key: str) -> bytes:
        return f"{self.stamp}{key}".encode()


class Sha1(WrongSigner):
    def digest_of(self, key: bytes, text: bytes) -> bytes:
        return hmac.digest(key, text, "sha1")


class Md5(WrongSigner):
    def digest_of(self, key: bytes, text: bytes) -> bytes:
        return hmac.digest(key, text, "md5")


class NoKeyAtAll(WrongSigner):
    def digest_of(self, key: bytes, text: bytes) -> bytes:
        return hashlib.sha256(text).digest()


class SwappedArguments(WrongSigner):
    def digest_of(self, key: bytes, text: bytes) -> bytes:
        return hmac.digest(text, key, "sha256")


class HashesFirst(WrongSigner):
    def digest_of(self, key: bytes, text: bytes) -> bytes:
        return super().digest_of(key, hashlib.sha256(text).digest())


class LineEndAdded(WrongSigner):
    def text_of(self, body: bytes) -> bytes:
        return body + b"\n"


class LineEndSent(WrongSigner):
    def sent(self, body: bytes) -> bytes:
        return body + b"\n"


class SignsCompact(WrongSigner):
    """Signs what its JSON library writes, sends what the framework writes."""

    def text_of(self, body: bytes) -> bytes:
        return json.dumps(json.loads(body), ensure_ascii=False, separators=(",", ":")).encode()


class SignsPretty(WrongSigner):
    def text_of(self, body: bytes) -> bytes:
        return json.dumps(json.loads(body), indent=2).encode()


class SignsSorted(WrongSigner):
    def text_of(self, body: bytes) -> bytes:
        return json.dumps(json.loads(body), sort_keys=True).encode()


class SignsUnescaped(WrongSigner):
    def text_of(self, body: bytes) -> bytes:
        return json.dumps(json.loads(body), ensure_ascii=False).encode()


class DropsEmpty(WrongSigner):
    """Signs before the framework adds the members that are ``null``."""

    def encode(self, members: Mapping[str, Any]) -> bytes:
        return super().encode({**members, "extra": None})

    def text_of(self, body: bytes) -> bytes:
        return json.dumps({name: value for name, value in json.loads(body).items() if value is not None}).encode()


class SignsTooEarly(WrongSigner):
    """A filter adds a member afterwards."""

    def text_of(self, body: bytes) -> bytes:
        members = json.loads(body)
        del members["resultMsg"]
        return json.dumps(members).encode()


class OtherCharset(WrongSigner):
    def encode(self, members: Mapping[str, Any]) -> bytes:
        return json.dumps({**members, "memo": "欢迎"}, ensure_ascii=False).encode()

    def text_of(self, body: bytes) -> bytes:
        return body.decode().encode("gbk")


class SignsTheCall(WrongSigner):
    def text_of(self, body: bytes) -> bytes:
        return self.raw.body or self.raw.query.encode()


class SignsParameters(WrongSigner):
    """The rule of the call, applied to the answer."""

    def text_of(self, body: bytes) -> bytes:
        members = json.loads(body)
        return "&".join(f"{name}={members[name]}" for name in sorted(members)).encode()


class SignsNothing(WrongSigner):
    def text_of(self, body: bytes) -> bytes:
        return b""


class BareSignature(WrongSigner):
    def body_sign(self, body: bytes, key: str) -> str:
        return self.signature(body, key)


class NoHeader(WrongSigner):
    def headers(self, body: bytes, key: str) -> dict[str, str]:
        return {"Content-Type": "application/json"}


class HexOfCompact(SignsCompact):
    def signature(self, body: bytes, key: str) -> str:
        return mac(key, self.text_of(body)).hex()


class WrongKeyAndLineEnd(LineEndAdded):
    def key_of(self, key: str) -> bytes:
        return (NOTIFY_KEY if key == ACCESS_KEY else ACCESS_KEY).encode()


class LowerCaseHex(Hex):
    def headers(self, body: bytes, key: str) -> dict[str, str]:
        return {name.lower(): value for name, value in super().headers(body, key).items()}


class Inscrutable(WrongSigner):
    """Nothing usual."""

    def signature(self, body: bytes, key: str) -> str:
        return base64.b64encode(mac(key, body[::-1])).decode()


WRONG_SIGNERS: Mapping[type[Seller], str] = {
    Hex: "form-hex",
    UpperHex: "form-hex",
    Base64OfHex: "form-base64-of-hex",
    UrlSafe: "form-url-safe",
    Unpadded: "form-unpadded",
    PercentEncoded: "form-percent",
    EncodedTwice: "form-twice",
    PythonBytes: "form-bytes",
    KeyOfNotices: "key-access-key",
    KeyWithLineEnd: "key-line-end",
    UnsetKey: "key-empty",
    KeyWithTime: "secret-stamp",
    TimeBeforeKey: "secret-stamp",
    Sha1: "digest-sha1",
    Md5: "digest-md5",
    NoKeyAtAll: "digest-unkeyed",
    SwappedArguments: "digest-swapped",
    HashesFirst: "digest-hashed",
    LineEndAdded: "line-end",
    LineEndSent: "trimmed",
    SignsCompact: "compact",
    SignsPretty: "pretty",
    SignsSorted: "sorted",
    SignsUnescaped: "escapes",
    DropsEmpty: "nulls-dropped",
    SignsTooEarly: "left-out",
    OtherCharset: "charset",
    SignsTheCall: "request",
    SignsParameters: "as-parameters",
    SignsNothing: "nothing",
    BareSignature: "header-bare",
    NoHeader: "header-missing",
    HexOfCompact: "form-hex compact",
    WrongKeyAndLineEnd: "key-access-key line-end",
    LowerCaseHex: "header-name form-hex",
    Inscrutable: "",
}
"""What the doctor says of each about the answer to a purchase of version 1, in no order."""

KEYS_HERE = {"key": KEY, "access_key": ACCESS_KEY, "notify_key": NOTIFY_KEY}
