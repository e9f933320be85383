"""Was the recorded call signed rightly, and if not, why most likely? Says it without a key, a signature or a value."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import unquote, unquote_plus

from emulator.keys import SETTINGS, Keys, several
from emulator.recorder.kinds import CallKind
from emulator.recorder.policy import is_name
from shared.commands import Version
from shared.errors import AuthenticationError, InvalidParameter
from shared.http import HttpRequest
from shared.protocol.signing import sign_body, verify_query
from shared.protocol.sync.lenient_json import compact, read_members
from shared.protocol.sync.signing import canonical, verify_payload, verify_properties

_PARTS = {
    (Version.V1, False): ("authToken", "timeStamp"),
    (Version.V2, False): ("signature", "timestamp", "nonce"),
    (Version.V1, True): ("authtoken",),
    (Version.V2, True): ("x-sign", "x-timestamp", "x-nonce"),
}
_MASKS = ("***", "…", "...", "xxxx")


class SignatureState(StrEnum):
    """What can be said of a signature."""

    RIGHT = "right"
    WRONG = "wrong"
    UNCHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Signature:
    """The verdict, and for one that is not right the most likely reason."""

    state: SignatureState
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.state}: {self.reason}" if self.reason else str(self.state)


def judged(request: HttpRequest, kind: CallKind, keys: Keys) -> Signature:
    """The verdict on a call as it was received. How old it is does not matter.

    :param keys: each may be several, comma separated.
    """
    parts = _PARTS[kind.version, kind.sync]
    missing = [part for part in parts if not _part(request, kind, part)]
    if parts[0] in missing:
        return Signature(SignatureState.UNCHECKED, f"there is no {parts[0]} in it")
    if missing:
        return Signature(SignatureState.WRONG, f"{missing[0]} is missing")
    given = {setting: several(getattr(keys, name)) for name, setting in SETTINGS.items()}
    own = given[kind.setting]
    if kind.activity == "orderNotify" and not own:
        own = given["KOOGALLERY_ACCESS_KEY"]
    if not own:
        return Signature(SignatureState.UNCHECKED, f"there is no {kind.setting}")
    if _fits(request, kind, own):
        return Signature(SignatureState.RIGHT)
    return Signature(SignatureState.WRONG, _reason(request, kind, own, given))


def _reason(request: HttpRequest, kind: CallKind, own: tuple[str, ...], given: Mapping[str, tuple[str, ...]]) -> str:
    other = next((setting for setting, keys in given.items() if keys and _fits(request, kind, keys)), "")
    if other:
        return f"it is made with the key in {other}, not with the one in {kind.setting}"
    for reason, variant in _variants(request, kind):
        if _fits(variant, kind, own):
            return reason
    if any(mark in text for mark in _MASKS for text in _texts(request)):
        return "parts of the call are masked or cut off, so it cannot be checked"
    return f"no other form of it fits either: {kind.setting} is another one, or the call was changed on its way here"


def _variants(request: HttpRequest, kind: CallKind) -> Iterator[tuple[str, HttpRequest]]:
    """What the call may have been before something happened to it."""
    if kind.version is Version.V1 and not kind.sync:
        yield from _queries(request)
        return
    for name, body in _bodies(request.body):
        reason = f"it fits the body {name}: the body was written anew on its way here, and the bytes as sent are signed"
        yield reason, replace(request, body=body)


def _queries(request: HttpRequest) -> Iterator[tuple[str, HttpRequest]]:
    def changed(pairs: Iterator[tuple[str, str]]) -> HttpRequest:
        return replace(request, query=tuple(pairs))

    query = request.query
    twice = "its values were percent-encoded twice: they must be decoded once more before they are signed"
    yield twice, changed((name, unquote_plus(value)) for name, value in query)
    yield twice, changed((name, unquote(value)) for name, value in query)
    plus = "a + was decoded to a space: its values were decoded once too often"
    yield plus, changed((name, value.replace(" ", "+")) for name, value in query)
    yield (
        "it is made without the empty parameters, which must be signed too",
        changed((name, value) for name, value in query if value),
    )
    for extra in dict.fromkeys(name for name, _ in query if is_name(name)):
        yield (
            f"{extra} is not signed: it was added on its way here",
            changed(pair for pair in query if pair[0] != extra),
        )


def _bodies(body: bytes) -> Iterator[tuple[str, bytes]]:
    yield "without the white space around it", body.strip()
    yield "with a line's end behind it", body.strip() + b"\n"
    yield "with other ends of lines", body.replace(b"\r\n", b"\n")
    yield "with other ends of lines", body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    try:
        members = read_members(body)
    except InvalidParameter:
        return
    yield "without white space", compact(members).encode()
    yield "without white space, its names sorted", canonical(members)


def _fits(request: HttpRequest, kind: CallKind, keys: tuple[str, ...]) -> bool:
    try:
        return bool(_verified(request, kind, keys))
    except (AuthenticationError, InvalidParameter, KeyError, ValueError):
        return False


def _verified(request: HttpRequest, kind: CallKind, keys: tuple[str, ...]) -> object:
    if kind.sync and kind.version is Version.V1:
        return verify_properties(keys, request.headers.get("authtoken", ""), read_members(request.body))
    if kind.sync:
        signature, timestamp, nonce = (_part(request, kind, name) for name in _PARTS[kind.version, kind.sync])
        payloads = (canonical(read_members(request.body)), request.body)
        return verify_payload(keys, signature=signature, timestamp=timestamp, nonce=nonce, payloads=payloads)
    if kind.version is Version.V1:
        return verify_query(keys, request.query)
    signature, timestamp, nonce = (_part(request, kind, name) for name in _PARTS[kind.version, kind.sync])
    return signature.upper() in [sign_body(key, nonce, timestamp, request.body) for key in keys]


def _part(request: HttpRequest, kind: CallKind, name: str) -> str:
    return request.headers.get(name, "") if kind.sync else request.first(name) or ""


def _texts(request: HttpRequest) -> list[str]:
    return [*(value for _, value in request.query), request.body.decode("utf-8", "replace")]
