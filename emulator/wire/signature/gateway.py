"""Calls of the seller: AK/SK of the open APIs, and the push's own signature (metering and open APIs, 2.2 and 6)."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from emulator.keys import OpenApiKeys
from emulator.wire.signature.pieces import Explanation, Key, Piece, SignatureStep, bytes_piece
from shared.http import HttpRequest
from shared.openapi.signer import ALGORITHM, canonical_request
from shared.openapi.usage_push import push_signature

_AUTHORIZATION = re.compile(rf"{ALGORITHM} Access=([^,]*), SignedHeaders=([^,]*), Signature=([0-9a-f]*)")


def explained(request: HttpRequest, seller: OpenApiKeys) -> list[Explanation]:
    """Those there are: of the push, of the gateway, or both."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    found = [_push(request, headers, seller.usage_key)] if "signature" in headers else []
    return [*found, *([_ak_sk(request, headers, seller.sk)] if "authorization" in headers else [])]


def _push(request: HttpRequest, headers: Mapping[str, str], key: str) -> Explanation:
    ts, nonce = headers.get("ts", ""), headers.get("nonce", "")
    computed = push_signature(key, ts, nonce, request.body) if key else ""
    marks = (Piece("ts="), Piece(ts, "timestamp", "ts"), Piece("&nonce="), Piece(nonce, "nonce", "nonce"))
    data = (*marks, Piece("&body="), bytes_piece(request.body, "body"))
    step = SignatureStep("push", "base64", data, computed, (Key("<usage key>", key).piece,))
    return Explanation("push", "signature", (step,), headers["signature"], computed)


def _ak_sk(request: HttpRequest, headers: Mapping[str, str], sk: str) -> Explanation:
    match = _AUTHORIZATION.fullmatch(headers["authorization"])
    names = match[2].split(";") if match else []
    signed = {name: headers.get(name, "") for name in names}
    query = urlencode(request.query, quote_via=quote, safe="")
    url = f"https://{headers.get('host', '')}{request.path}?{query}"
    canonical = canonical_request(request.method, url, signed, request.body)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    date = headers.get("x-sdk-date", "")
    text = f"{ALGORITHM}\n{date}\n{digest}"
    computed = hmac.digest(sk.encode(), text.encode(), "sha256").hex() if sk and match else ""
    dated = (Piece(f"{ALGORITHM}\n", "algorithm"), Piece(f"{date}\n", "date", "X-Sdk-Date"))
    signed_text = (*dated, Piece(digest, "canonical-digest"))
    steps = (
        SignatureStep("canonical", "hex", _lines(canonical, names), digest),
        SignatureStep("gateway", "hex", signed_text, computed, (Key("<SK>", sk).piece,)),
    )
    return Explanation("gateway", "Authorization", steps, match[3] if match else "", computed)


def _lines(canonical: str, names: list[str]) -> tuple[Piece, ...]:
    """The canonical request by its lines."""
    method, path, query, *rest = canonical.split("\n")
    headers = (Piece(f"{line}\n", "header", name) for name, line in zip(names, rest, strict=False))
    return (
        Piece(f"{method}\n", "method"),
        Piece(f"{path}\n", "path"),
        Piece(f"{query}\n", "query"),
        *headers,
        Piece("\n"),
        Piece(f"{rest[-2]}\n", "signed-headers"),
        Piece(rest[-1], "payload"),
    )
