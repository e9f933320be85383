"""The rules of the answer as a whole: HTTP, signature, result. Each says what is wrong, or ``None``."""

import re

from emulator.checks.reading import Reading
from emulator.texts import Text, joined
from emulator.wire.client import TIMEOUT, NoAnswer
from shared.protocol.signing import BODY_SIGN


def answered(reading: Reading) -> Text | None:
    if isinstance(reading.reply, NoAnswer):
        return reading.reply.reason
    slow = reading.reply.milliseconds > TIMEOUT * 1000
    return Text("reasons.late", seconds=f"{reading.reply.milliseconds / 1000:.1f}") if slow else None


def status(reading: Reading) -> Text | None:
    """HTTP 200, whatever the result."""
    return None if reading.answer.status == 200 else Text("reasons.status", status=reading.answer.status)


def content_type(reading: Reading) -> Text | None:
    """``application/json``; a charset may follow."""
    values = [value for _, value in reading.answer.named("content-type")]
    if len(values) == 1 and values[0].partition(";")[0].strip().lower() == "application/json":
        return None
    return Text("reasons.content-type", type=", ".join(values)) if values else Text("reasons.no-content-type")


def sign_present(reading: Reading) -> Text | None:
    """One ``Body-Sign``."""
    count = len(reading.signatures)
    if count == 1:
        return None
    return Text("reasons.signatures", count=count) if count else Text("reasons.no-signature")


def sign_name(reading: Reading) -> Text | None:
    name = reading.signatures[0][0]
    return None if name == BODY_SIGN else Text("reasons.sign-name", name=name)


def sign_type(reading: Reading) -> Text | None:
    """``sign_type`` first, and the only one there is."""
    return Text("reasons.sign-type") if reading.broken_rule in ("sign_type", "missing") else None


def sign_quotes(reading: Reading) -> Text | None:
    """Both values in double quotes."""
    return Text("reasons.quotes") if reading.broken_rule == "quotes" else None


def sign_value(reading: Reading) -> Text | None:
    """Over exactly the bytes received."""
    size = len(reading.answer.body)
    return Text("reasons.sign-value", size=size) if reading.broken_rule == "signature" else None


def readable(reading: Reading) -> Text | None:
    """A JSON object in UTF-8."""
    return Text("reasons.no-json") if reading.document is None else None


def result_code(reading: Reading) -> Text | None:
    """Six digits in a string."""
    value = reading.members.get("resultCode")
    return None if isinstance(value, str) and re.fullmatch("[0-9]{6}", value) else Text("reasons.no-code")


def result_message(reading: Reading) -> Text | None:
    value = reading.members.get("resultMsg")
    return None if isinstance(value, str) and value else Text("reasons.no-message")


def expected_code(reading: Reading) -> Text | None:
    """The result the call must have."""
    expected = reading.expected.codes
    if reading.code in expected:
        return None
    message = str(reading.members.get("resultMsg", ""))
    return Text("reasons.code", code=reading.code, message=message, codes=joined("reasons.or", expected))
