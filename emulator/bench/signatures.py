"""Signing and encryption alone, against the bare primitive over the same bytes."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emulator.bench.market import KEYS, Market1, Market2
from emulator.bench.timing import Size, Timing, Track, seconds, whole_rounds
from shared.clock import SystemClock
from shared.protocol.field_cipher import FieldCipher, derive_key
from shared.protocol.signing import body_sign, verify_body, verify_query

AT_ONCE = 50
"""Calls per reading of the clock: one alone is too short for it."""

LIMIT = 10.0
"""Seconds after which no further round begins."""

HMAC, AES = "HMAC-SHA256", "AES-256-CBC"
ANSWER = b'{"resultCode":"000000","resultMsg":"success","instanceId":"03pf80c2bae96vc49b80b917bea776d7"}'
PHONE = "13800000000"


@dataclass(frozen=True)
class SignatureFigures:
    """An operation as measured; ``speed`` is relative to ``against``."""

    name: str
    against: str
    timing: Timing
    speed: float


@dataclass(frozen=True)
class _Pair:
    name: str
    against: str
    work: Callable[[], object]
    floor: Callable[[], object]


def measure(size: Size, track: Track) -> list[SignatureFigures]:
    """Measure each operation and its floor in turns."""
    pairs = _pairs()
    timings: dict[str, tuple[list[list[float]], list[list[float]]]] = {pair.name: ([], []) for pair in pairs}
    for pair in whole_rounds(track(pairs * size.rounds, "signatures"), len(pairs), LIMIT):
        for work, rounds in zip((pair.work, pair.floor), timings[pair.name], strict=True):
            rounds.append([seconds(work, AT_ONCE) for _ in range(size.calls)])
    return [
        SignatureFigures(pair.name, pair.against, Timing(work), Timing(floor).over(Timing(work)))
        for pair in pairs
        for work, floor in [timings[pair.name]]
    ]


def _pairs() -> list[_Pair]:
    key, access_key = KEYS["KOOGALLERY_KEY"], KEYS["KOOGALLERY_ACCESS_KEY"]
    clock = SystemClock()
    query = Market1(clock).purchase("CS1").query
    sent = Market2(clock).purchase("CS1")
    signed = dict(sent.query)
    now = clock.now()
    text = "&".join(f"{name}={value}" for name, value in query).encode()
    cipher = FieldCipher((key,))
    secret = cipher.encrypt(PHONE)

    def mac(data: bytes) -> Callable[[], object]:
        return lambda: hmac.digest(key.encode(), data, "sha256")

    def v2() -> object:
        return verify_body(
            [access_key],
            signature=signed["signature"],
            timestamp=signed["timestamp"],
            nonce=signed["nonce"],
            body=sent.body,
            now=now,
        )

    return [
        _Pair(f"V1 call verified ({len(query)} parameters)", HMAC, lambda: verify_query([key], query), mac(text)),
        _Pair("V2 call verified", HMAC, v2, mac(sent.body)),
        _Pair("answer signed", HMAC, lambda: body_sign(key, ANSWER), mac(ANSWER)),
        _Pair("field encrypted", AES, lambda: cipher.encrypt(PHONE), _aes(derive_key(key, 256))),
        _Pair("field decrypted", AES, lambda: cipher.decrypt(secret, field="mobilePhone"), _aes(derive_key(key, 256))),
    ]


def _aes(key: bytes) -> Callable[[], Any]:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    def work() -> bytes:
        encryptor = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).encryptor()
        return encryptor.update(bytes(16)) + encryptor.finalize()

    return work
