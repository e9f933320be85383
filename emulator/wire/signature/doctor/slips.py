"""Mistakes that any signature may have: the key, the digest, the way it is written."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from urllib.parse import quote

from emulator.texts import Text
from emulator.wire.signature.doctor.recipe import HMAC, Digest, Slip, base64_of

CLASSES = ("key", "access_key", "notify_key", "sync_key", "usage_key")
"""Whose keys are taken for one another."""


def slip(aspect: str, name: str, value: object, /, **details: str) -> Slip:
    """The mistake that the text ``mistakes.…`` tells."""
    return Slip(aspect, Text(f"mistakes.{name}", **details), value)


def always(text: bytes) -> Callable[[str], bytes]:
    """A text in which no key stands."""
    return lambda _key: text


def of_secret(key: str, stamps: Iterable[str]) -> Iterator[Slip]:
    """The secret of a rule whose secret is another one: with the time stamp, or taken for encoded bytes."""
    for stamp in filter(None, stamps):
        yield slip("secret", "secret-stamp", lambda key, stamp=stamp: f"{key}{stamp}".encode())
        yield slip("secret", "secret-stamp", lambda key, stamp=stamp: f"{stamp}{key}".encode())
    yield from of_decoded_secret(key)


def of_key(key: str, others: Mapping[str, str]) -> Iterator[Slip]:
    """``others``: by :data:`CLASSES`."""
    found = [*_other_keys(others), *_spelt(key)]
    return (slip("key", name, value) for name, value in found if value != key)


def _other_keys(others: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    return ((f"key-{name.replace('_', '-')}", others[name]) for name in CLASSES if others.get(name))


def _spelt(key: str) -> Iterator[tuple[str, str]]:
    yield "key-empty", ""
    yield "key-trimmed", key.strip()
    yield from (("key-line-end", f"{key}{end}") for end in ("\n", "\r\n"))
    yield from (("key-space", text) for text in (f" {key}", f"{key} "))
    yield from (("key-quoted", f"{mark}{key}{mark}") for mark in "\"'")
    yield from (("key-case", text) for text in (key.upper(), key.lower()))
    yield "key-hyphens", key.replace("-", "")
    yield "key-percent", quote(key, safe="")
    yield "key-base64", base64_of(key.encode())
    yield "key-hex", key.encode().hex()
    yield "key-md5", hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()


def of_decoded_secret(key: str) -> Iterator[Slip]:
    """A key that was taken for encoded bytes."""
    decoders: Mapping[str, Callable[[str], bytes]] = {
        "secret-base64": partial(base64.b64decode, validate=True),
        "secret-hex": _unhex,
    }
    for name, decode in decoders.items():
        with suppress(ValueError):
            yield slip("secret", name, always(decode(key)))


def _unhex(key: str) -> bytes:
    return binascii.unhexlify(key.replace("-", ""))


def of_digest() -> Iterator[Slip]:
    """The wrong algorithm, or the right one on the wrong inputs."""
    named = {f"digest-{name}": _hmac(name) for name in ("sha1", "md5", "sha512", "sha384")}
    known: Mapping[str, Digest] = {
        **named,
        "digest-unkeyed": lambda _secret, text: hashlib.sha256(text).digest(),
        "digest-swapped": lambda secret, text: HMAC(text, secret),
        "digest-key-before": lambda secret, text: hashlib.sha256(secret + text).digest(),
        "digest-key-behind": lambda secret, text: hashlib.sha256(text + secret).digest(),
        "digest-hashed": lambda secret, text: HMAC(secret, hashlib.sha256(text).digest()),
        "digest-hashed-hex": lambda secret, text: HMAC(secret, hashlib.sha256(text).hexdigest().encode()),
        "digest-md5-unkeyed": lambda _secret, text: hashlib.md5(text, usedforsecurity=False).digest(),
    }
    return (slip("digest", name, digest) for name, digest in known.items())


def _hmac(name: str) -> Digest:
    return lambda secret, text: hmac.digest(secret, text, name)


def of_form(right: Callable[[bytes], str]) -> Iterator[Slip]:
    """Other ways to write a digest than ``right``."""
    sample = bytes(range(223, 255))  # not a digit too few to tell one way from another
    return (slip("form", name, form) for name, form in _FORMS if form(sample) != right(sample))


def upper(digest: bytes) -> str:
    """Hex, in capital letters."""
    return digest.hex().upper()


_FORMS: tuple[tuple[str, Callable[[bytes], str]], ...] = (
    ("form-hex", bytes.hex),
    ("form-hex", upper),
    ("form-base64", base64_of),
    ("form-base64-of-hex", lambda digest: base64_of(digest.hex().encode())),
    ("form-base64-of-hex", lambda digest: base64_of(upper(digest).encode())),
    ("form-unpadded", lambda digest: base64_of(digest).rstrip("=")),
    ("form-url-safe", lambda digest: base64.urlsafe_b64encode(digest).decode()),
    ("form-url-safe", lambda digest: base64.urlsafe_b64encode(digest).decode().rstrip("=")),
    ("form-percent", lambda digest: quote(base64_of(digest), safe="")),
    ("form-twice", lambda digest: base64_of(base64_of(digest).encode())),
    ("form-plus-lost", lambda digest: base64_of(digest).replace("+", " ")),
    ("form-case", lambda digest: base64_of(digest).lower()),
    ("form-case", lambda digest: base64_of(digest).upper()),
    ("form-bytes", lambda digest: f"b'{base64_of(digest)}'"),
    ("form-hyphens", lambda digest: digest.hex("-")),
    ("form-hyphens", lambda digest: digest.hex("-").upper()),
)
