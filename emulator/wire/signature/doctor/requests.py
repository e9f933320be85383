"""What is wrong with the signature of a call of the marketplace: one that was altered, or one that a server says it
expected (production interfaces, sections 4.1 and 4.4; joint operation, section 2).
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from emulator.wire.calls import fields_of, pairs_of
from emulator.wire.signature.doctor import slips
from emulator.wire.signature.doctor.diagnosis import SignatureDiagnosis, diagnosed
from emulator.wire.signature.doctor.parameters import misjoined
from emulator.wire.signature.doctor.recipe import Recipe, Slip, base64_of, itself
from emulator.wire.signature.doctor.rewritten import left_out, rewritten
from emulator.wire.signature.doctor.slips import always, slip
from emulator.wire.sync_calls import is_sync, members_or_none
from shared.commands import Version
from shared.http import HttpRequest
from shared.protocol.signing import mac
from shared.protocol.single_reading import joined
from shared.protocol.sync.signing import canonical, signed_texts


@dataclass(frozen=True, slots=True)
class CallRule:
    """How one kind of call is signed, and what goes wrong with it. ``kind``: of the explanation."""

    kind: str
    recipe: Recipe
    slips: Sequence[Slip]

    def diagnosed(self, given: str) -> SignatureDiagnosis:
        return diagnosed(self.kind, self.recipe, self.slips, given)


def rule_of(request: HttpRequest, version: Version, key: str, others: Mapping[str, str], given: str) -> CallRule | None:
    """The rule of a call of the marketplace; ``None`` if it lacks what is signed. ``others`` as in
    :mod:`emulator.wire.signature.doctor.slips`; ``given``: what is compared, whose letters may be of either case.
    """
    if version is Version.V2:
        return (_sync_2 if is_sync(request) else _version_2)(request, key, others, _hex_like(given))
    if is_sync(request):
        members = members_or_none(request.body) or {}
        texts = signed_texts(members)
        pairs = [(name, str(value)) for name, value in members.items()]
    else:
        texts = {name: value for name, value in fields_of(request).items() if name != "authToken"}
        pairs = [pair for pair in pairs_of(request) if pair[0] != "authToken"]
    return (
        _version_1("sync-v1" if is_sync(request) else "v1", texts, pairs, key, others) if "timeStamp" in texts else None
    )


def _version_1(
    kind: str, texts: Mapping[str, str], pairs: Sequence[tuple[str, str]], key: str, others: Mapping[str, str]
) -> CallRule:
    stamp, text = texts["timeStamp"], joined(texts)
    secrets = {
        "secret-no-stamp": itself,
        "secret-order": lambda used: f"{stamp}{used}".encode(),
        "secret-stamp-alone": lambda _used: stamp.encode(),
        "timestamp-unit": lambda used: f"{used}{stamp[:14]}".encode(),
    }
    tried = [*(slip("secret", name, secret) for name, secret in secrets.items()), *common(key, others, base64_of)]
    tried += [Slip("text", what, always(each)) for what, each in misjoined(pairs) if each != text]
    return CallRule(kind, Recipe(key, always(text), lambda used: f"{used}{stamp}".encode()), tried)


def _version_2(request: HttpRequest, key: str, others: Mapping[str, str], form: Callable[[bytes], str]) -> CallRule:
    fields, body = fields_of(request), request.body
    nonce, timestamp = fields.get("nonce", ""), fields.get("timestamp", "")

    def text(digest: Callable[[str], str], stamp: str = timestamp) -> Callable[[str], bytes]:
        return lambda used: f"{used}{nonce}{stamp}{digest(used)}".encode()

    def keyed(used: str) -> str:
        return mac(used, body).hex()

    digests: Mapping[str, Callable[[str], str]] = {
        "body-unkeyed": lambda _used: hashlib.sha256(body).hexdigest(),
        "body-digest-case": lambda used: keyed(used).upper(),
        "body-digest-base64": lambda used: base64_of(mac(used, body)),
        "body-not-hashed": lambda _used: body.decode("utf-8", "replace"),
    }
    tried = [slip("text", name, text(digest)) for name, digest in digests.items()]
    tried += common(key, others, form)
    tried += of_body(body, lambda each: text(lambda used: mac(used, each).hex()))
    tried += [slip("text", "timestamp-unit", text(keyed, stamp)) for stamp in other_units(timestamp)]
    tried += _misordered(lambda used: (used, nonce, timestamp, keyed(used)))
    return CallRule("v2", Recipe(key, text(keyed), form=form), tried)


def _sync_2(request: HttpRequest, key: str, others: Mapping[str, str], form: Callable[[bytes], str]) -> CallRule | None:
    headers = {name.lower(): value for name, value in request.headers.items()}
    nonce, timestamp = headers.get("x-nonce", ""), headers.get("x-timestamp", "")
    members = members_or_none(request.body)
    if members is None:
        return None
    payload = canonical(members)

    def text(each: bytes, stamp: str = timestamp) -> Callable[[str], bytes]:
        return lambda used: f"{used}{nonce}{stamp}".encode() + each

    tried = [slip("text", "unsorted", text(request.body))]
    tried += [slip("text", "body-hashed", lambda used: text(mac(used, payload).hex().encode())(used))]
    tried += common(key, others, form)
    tried += of_body(payload, text)
    tried += [slip("text", "timestamp-unit", text(payload, stamp)) for stamp in other_units(timestamp)]
    tried += _misordered(lambda used: (used, nonce, timestamp, payload.decode("utf-8", "replace")))
    return CallRule("sync-v2", Recipe(key, text(payload), form=form), tried)


def common(key: str, others: Mapping[str, str], form: Callable[[bytes], str]) -> Iterator[Slip]:
    """Of key, digest and form."""
    yield from slips.of_form(form)
    yield from slips.of_key(key, others)
    yield from slips.of_decoded_secret(key)
    yield from slips.of_digest()


def of_body(body: bytes, text: Callable[[bytes], Callable[[str], bytes]]) -> Iterator[Slip]:
    """Of the body, with which ``text`` makes what is signed."""
    return (Slip("text", what, text(each)) for what, each in (*rewritten(body), *left_out(body)))


def _misordered(parts: Callable[[str], Sequence[str]]) -> Iterator[Slip]:
    """The parts of version 2 in another order, or without the key, the first of them."""
    for order in permutations(range(4)):
        yield slip("text", "parts-order", lambda used, order=order: "".join(parts(used)[at] for at in order).encode())
    yield slip("text", "text-no-key", lambda used: "".join(parts(used)[1:]).encode())


def _hex_like(given: str) -> Callable[[bytes], str]:
    """Hex in the case of what is compared: either is right."""
    return bytes.hex if given == given.lower() else slips.upper


def other_units(stamp: str) -> list[str]:
    """Seconds for milliseconds, and back."""
    return [stamp[:-3], f"{stamp}000"] if stamp.isdigit() else []
