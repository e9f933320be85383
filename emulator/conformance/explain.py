"""A call in words for the report: what was sent, and piece by piece what its signature is made of.

Keys are replaced by their names, signatures shown by their first characters: enough to compare with one's own.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from emulator.conformance.case import Exchange
from emulator.wire.calls import pairs_of
from emulator.wire.client import Answer, NoAnswer
from emulator.wire.signature import Explanation, Key, Piece, explained
from emulator.wire.sync_calls import is_sync
from shared.commands import Version

SHOWN = 6
"""Characters of a signature that a report shows."""

LONGEST = 4000
"""Characters of a body that a report shows."""

_SIGNATURES = ("authToken", "signature", "authtoken", "x-sign")
_SYNC_HEADERS = ("authtoken", "x-sign", "x-timestamp", "x-nonce")
_DATA = {
    "v1": "data (decoded values, names sorted, without authToken)",
    "v2": "data",
    "sync-v1": "data (members, names sorted, blank ones left out)",
    "sync-v2": "data (then the body, names sorted, without null)",
}
_FORMS = {"base64": "base64(HMAC-SHA256(secret, data))", "upper": "hex of HMAC-SHA256(access key, data)"}
_SECRET = re.compile(r'("(?:password|userName)"\s*:\s*)"((?:[^"\\]|\\.)*)"')


def sent(exchange: Exchange) -> dict[str, Any]:
    """Method, parameters and body of the call, and how its signature comes about."""
    request = exchange.request
    headers = [pair for pair in request.headers.items() if pair[0] in _SYNC_HEADERS]
    pairs = headers if is_sync(request) else pairs_of(request)
    names = {name: _short(value) if name in _SIGNATURES else value for name, value in pairs}
    return {
        "method": request.method,
        "path": request.path.partition("?")[0],
        "parameters": names,
        "body": _text(request.body, exchange),
        "signature": [f"{what} = {value}" for what, value in canonical(exchange)],
    }


def received(exchange: Exchange) -> dict[str, Any]:
    """Status, headers and body of the answer, or why there is none."""
    reply = exchange.reply
    if isinstance(reply, NoAnswer):
        return {"none": str(reply.reason), "milliseconds": round(reply.milliseconds, 1)}
    return {
        "status": reply.status,
        "headers": [f"{name}: {scrubbed(value, exchange)}" for name, value in reply.headers],
        "body": _SECRET.sub(_hidden, _text(reply.body, exchange)),
        "milliseconds": round(reply.milliseconds, 1),
    }


def scrubbed(text: str, exchange: Exchange) -> str:
    """``text``, which may come from the server, without keys and without the signature the call should have had."""
    for name, secret in (("<signature>", right_signature(exchange)), *(("<key>", key) for key in exchange.keys.all)):
        text = text.replace(secret, name) if secret else text
    return text


def canonical(exchange: Exchange) -> list[tuple[str, str]]:
    """What a right server computes for the call, step by step; nothing if the call has no part of it."""
    found = _explained(exchange)
    if not found.computed:
        return []
    *before, last = found.steps
    secret = [("secret", _joined(last.key))] if last.form == "base64" else []
    right = "the same" if found.outcome == "same" else "another, on purpose"
    return [
        *(("h, lower-case hex of HMAC-SHA256(access key, body as sent)", _short(step.result)) for step in before),
        (_DATA[found.kind], _joined(last.data)),
        *secret,
        (_FORMS[last.form], _short(found.computed)),
        (f"{found.place} sent", f"{_short(found.sent) or '(none)'}: {right}"),
    ]


def right_signature(exchange: Exchange) -> str:
    """The signature the call should have had, empty if there is none."""
    return _explained(exchange).computed


def _explained(exchange: Exchange) -> Explanation:
    expected = exchange.reading.expected
    name = "<Key>" if expected.version is Version.V1 else "<access key>"
    return explained(exchange.request, expected.version, Key(name, expected.key))


def _joined(pieces: Iterable[Piece]) -> str:
    """A digest that is made with the key stays hidden, too."""
    return "".join("<h>" if piece.what == "h" else piece.text for piece in pieces)


def _short(signature: str) -> str:
    return signature if len(signature) <= SHOWN else f"{signature[:SHOWN]}…"


def _text(body: bytes, exchange: Exchange) -> str:
    text = scrubbed(body.decode("utf-8", "replace"), exchange)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(body)} bytes)"


def _hidden(match: re.Match[str]) -> str:
    return f"{match[1]}{json.dumps(f'<{len(match[2])} characters>')}"


def leaks(exchange: Exchange) -> bool:
    """Does the answer show a key, or the signature the call should have had?"""
    if not isinstance(exchange.reply, Answer):
        return False
    values = [value for name, value in exchange.reply.headers if name.lower() != "body-sign"]
    text = "\n".join((exchange.reply.body.decode("utf-8", "replace"), *values)).upper()
    return any(secret.upper() in text for secret in (*exchange.keys.all, right_signature(exchange)) if secret)
