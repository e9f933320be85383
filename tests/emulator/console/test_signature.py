"""Signatures are explained by what shared.protocol.signing computes, and without their keys."""

import base64
import hashlib
import hmac
from collections.abc import Sequence

import pytest

from emulator.console.signatures import of_answer, of_request
from emulator.keys import OpenApiKeys
from emulator.marketplace.delivery.call import RecordedCall
from emulator.wire.signature import Explanation, Piece
from shared.commands import Version
from shared.protocol.signing import body_sign
from tests.emulator.console.calls import KEYS, SK, USAGE_KEY, every_kind, outgoing, v1, v2

SELLER = OpenApiKeys(USAGE_KEY, sk=SK)
SECRETS = {
    "<Key>": KEYS.key,
    "<access key>": KEYS.access_key,
    "<sync access key>": KEYS.sync_key,
    "<usage key>": USAGE_KEY,
    "<SK>": SK,
}


def explained(call: RecordedCall) -> Explanation:
    (found,) = of_request(call, KEYS, SELLER)
    return found


def whole(pieces: Sequence[Piece]) -> str:
    return "".join(SECRETS.get(piece.text, piece.text) for piece in pieces)


def by_hand(found: Explanation) -> str:
    """What comes out if one does what the explanation says, with the keys in the place of their names."""
    result = ""
    for step in found.steps:
        key, data = (
            "".join(SECRETS.get(piece.text, piece.text) for piece in pieces).encode()
            for pieces in (step.key, step.data)
        )
        digest = hmac.digest(key, data, "sha256") if step.key else hashlib.sha256(data).digest()
        forms = {"base64": base64.b64encode(digest).decode(), "hex": digest.hex(), "upper": digest.hex().upper()}
        result = forms[step.form]
        assert step.result == result
    return result


@pytest.mark.parametrize("kind", every_kind())
def test_who_follows_the_explanation_gets_the_signature(kind: str) -> None:
    found = explained(every_kind()[kind])
    assert (found.kind, found.outcome) == (kind, "same")
    assert by_hand(found) == found.sent == found.computed


@pytest.mark.parametrize("kind", every_kind())
def test_no_key_stands_in_it(kind: str) -> None:
    call = every_kind()[kind]
    texts = [piece.text for each in of_request(call, KEYS, SELLER) for step in each.steps for piece in step.data]
    assert not any(secret in text for secret in SECRETS.values() for text in texts)


@pytest.mark.parametrize("kind", ["v1", "v2", "sync-v1", "sync-v2"])
def test_the_answer_too(kind: str) -> None:
    found = of_answer(every_kind()[kind], KEYS)
    assert found is not None
    assert (found.outcome, found.place, by_hand(found)) == ("same", "Body-Sign", found.sent)


def test_another_key_does_not_fit() -> None:
    found = explained(outgoing(v2(), Version.V2, "notify_key"))
    assert found.outcome == "different"
    assert found.sent[: found.agreed] == found.computed[: found.agreed]
    assert found.sent[found.agreed] != found.computed[found.agreed]


def test_without_signature_or_key() -> None:
    call = outgoing(v1(), Version.V1, "key")
    bare = call.sent.model_copy(update={"query": tuple(pair for pair in call.sent.query if pair[0] != "authToken")})
    assert explained(call.model_copy(update={"sent": bare})).outcome == "missing"
    (found,) = of_request(every_kind()["push"], KEYS, OpenApiKeys())
    assert (found.outcome, found.computed) == ("unknown", "")


def test_a_wrong_answer_signature() -> None:
    call = outgoing(v1(), Version.V1, "key", signature=body_sign("another-key", b"{}"))
    found = of_answer(call, KEYS)
    assert found is not None
    assert found.outcome == "different"
