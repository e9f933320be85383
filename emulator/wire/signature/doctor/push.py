"""What is wrong with the seller's push of usage (metering and open APIs, section 2.2)."""

from collections.abc import Iterator, Mapping
from itertools import permutations

from emulator.wire.calls import in_natural_order
from emulator.wire.signature.doctor.diagnosis import SignatureDiagnosis, diagnosed
from emulator.wire.signature.doctor.recipe import Recipe, Slip, base64_of
from emulator.wire.signature.doctor.requests import common, of_body, other_units
from emulator.wire.signature.doctor.slips import always, slip
from shared.http import HttpRequest


def of_push(request: HttpRequest, key: str, others: Mapping[str, str]) -> SignatureDiagnosis:
    """The body may have been signed as it was sent, or with its names sorted."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    ts, nonce, body = headers.get("ts", ""), headers.get("nonce", ""), request.body
    tried = [*common(key, others, base64_of), *_of_text(ts, nonce, body)]
    given = headers.get("signature", "")
    recipes = (Recipe(key, always(_text(ts, nonce, each))) for each in (body, in_natural_order(body)))
    found = [diagnosed("push", recipe, tried, given) for recipe in recipes]
    return next((each for each in found if each.right), found[0])


def _of_text(ts: str, nonce: str, body: bytes) -> Iterator[Slip]:
    for stamp in other_units(ts):
        yield slip("text", "timestamp-unit", always(_text(stamp, nonce, body)))
    yield from of_body(body, lambda each: always(_text(ts, nonce, each)))
    parts = {"ts": ts, "nonce": nonce, "body": body.decode("utf-8", "replace")}
    for names in permutations(parts):
        yield slip("text", "parts-order", always("&".join(f"{name}={parts[name]}" for name in names).encode()))
        yield slip("text", "separators", always("".join(parts[name] for name in names).encode()))
        yield slip("text", "separators", always("&".join(parts[name] for name in names).encode()))


def _text(ts: str, nonce: str, body: bytes) -> bytes:
    return f"ts={ts}&nonce={nonce}&body=".encode() + body
