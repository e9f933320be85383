"""A call in words for the report: what was sent, and piece by piece what its signature is made of.

Keys are replaced by their names, signatures shown by their first characters: enough to compare with one's own.
"""

import hmac
import json
import re
from collections.abc import Mapping
from typing import Any

from emulator.conformance import explain_sync
from emulator.conformance.case import Exchange
from emulator.conformance.encoding import pairs_of
from emulator.wire.client import Answer, NoAnswer
from shared.commands import Version
from shared.http import HttpRequest
from shared.protocol.signing import sign_body, sign_query

SHOWN = 6
"""Characters of a signature that a report shows."""

LONGEST = 4000
"""Characters of a body that a report shows."""

_SIGNATURES = ("authToken", "signature", *explain_sync.SIGNATURES.values())
_SECRET = re.compile(r'("(?:password|userName)"\s*:\s*)"((?:[^"\\]|\\.)*)"')


def sent(exchange: Exchange) -> dict[str, Any]:
    """Method, parameters and body of the call, and how its signature comes about."""
    request = exchange.request
    pairs = explain_sync.parts(request).items() if explain_sync.is_sync(request) else pairs_of(request)
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
        return {"none": reply.reason, "milliseconds": round(reply.milliseconds, 1)}
    return {
        "status": reply.status,
        "headers": [f"{name}: {scrubbed(value, exchange)}" for name, value in reply.headers],
        "body": _SECRET.sub(_hidden, _text(reply.body, exchange)),
        "milliseconds": round(reply.milliseconds, 1),
    }


def scrubbed(text: str, exchange: Exchange) -> str:
    """``text``, which may come from the server, without keys and without the signature the call should have had."""
    for name, secret in (("<signature>", right_signature(exchange)), *(("<key>", key) for key in exchange.keys)):
        text = text.replace(secret, name) if secret else text
    return text


def canonical(exchange: Exchange) -> list[tuple[str, str]]:
    """What a right server computes for the call, step by step; nothing if the call has no part of it."""
    expected, pairs = exchange.reading.expected, pairs_of(exchange.request)
    if explain_sync.is_sync(exchange.request):
        return _sync(exchange)
    steps = _version_1 if expected.version is Version.V1 else _version_2
    fields = dict(reversed(pairs))
    return steps(expected.key, fields, exchange.request)


def right_signature(exchange: Exchange) -> str:
    """The signature the call should have had, empty if there is none."""
    fields = dict(reversed(pairs_of(exchange.request)))
    key = exchange.reading.expected.key
    if explain_sync.is_sync(exchange.request):
        return explain_sync.right_signature(key, exchange.reading.expected.version, exchange.request)
    if exchange.reading.expected.version is Version.V1:
        return sign_query(key, fields) if "timeStamp" in fields else ""
    return sign_body(key, fields.get("nonce", ""), fields.get("timestamp", ""), exchange.request.body)


def _sync(exchange: Exchange) -> list[tuple[str, str]]:
    version, right = exchange.reading.expected.version, right_signature(exchange)
    name = explain_sync.SIGNATURES[version]
    form = "base64(HMAC-SHA256(secret, data))" if version is Version.V1 else "hex of HMAC-SHA256(access key, data)"
    return [
        *explain_sync.pieces(version, exchange.request),
        (form, _short(right)),
        (f"{name} sent", _compared(exchange.request.headers.get(name, ""), right, fold=version is Version.V2)),
    ]


def _version_1(key: str, fields: Mapping[str, str], _request: HttpRequest) -> list[tuple[str, str]]:
    if "timeStamp" not in fields:
        return []
    names = sorted(fields.keys() - {"authToken"}, key=lambda name: name.encode("utf-16-be"))
    right, had = sign_query(key, fields), fields.get("authToken", "")
    return [
        (
            "data (decoded values, names sorted, without authToken)",
            "&".join(f"{name}={fields[name]}" for name in names),
        ),
        ("secret", f"<Key>{fields['timeStamp']}"),
        ("base64(HMAC-SHA256(secret, data))", _short(right)),
        ("authToken sent", _compared(had, right)),
    ]


def _version_2(key: str, fields: Mapping[str, str], request: HttpRequest) -> list[tuple[str, str]]:
    nonce, timestamp = fields.get("nonce", ""), fields.get("timestamp", "")
    right, had = sign_body(key, nonce, timestamp, request.body), fields.get("signature", "")
    return [
        ("h, lower-case hex of HMAC-SHA256(access key, body as sent)", _short(_digest(key, request.body))),
        ("data", f"<access key>{nonce}{timestamp}<h>"),
        ("hex of HMAC-SHA256(access key, data)", _short(right)),
        ("signature sent", _compared(had, right, fold=True)),
    ]


def _digest(key: str, body: bytes) -> str:
    return hmac.digest(key.encode(), body, "sha256").hex()


def _compared(had: str, right: str, *, fold: bool = False) -> str:
    same = had.upper() == right.upper() if fold else had == right
    return f"{_short(had) or '(none)'}: {'the same' if same else 'another, on purpose'}"


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
    return any(secret.upper() in text for secret in (*exchange.keys, right_signature(exchange)) if secret)
