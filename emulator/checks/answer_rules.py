"""The rules of the answer as a whole: HTTP, signature, result. Each says what is wrong, or ``None``."""

import re

from emulator.checks.reading import Reading
from emulator.wire.client import TIMEOUT, NoAnswer
from shared.protocol.signing import BODY_SIGN


def answered(reading: Reading) -> str | None:
    if isinstance(reading.reply, NoAnswer):
        return reading.reply.reason
    slow = reading.reply.milliseconds > TIMEOUT * 1000
    return f"only after {reading.reply.milliseconds / 1000:.1f} s" if slow else None


def status(reading: Reading) -> str | None:
    """HTTP 200, whatever the result."""
    return None if reading.answer.status == 200 else f"HTTP status {reading.answer.status}"


def content_type(reading: Reading) -> str | None:
    """``application/json``; a charset may follow."""
    values = [value for _, value in reading.answer.named("content-type")]
    if len(values) == 1 and values[0].partition(";")[0].strip().lower() == "application/json":
        return None
    return f"Content-Type is {', '.join(values) or 'missing'}"


def sign_present(reading: Reading) -> str | None:
    """One ``Body-Sign``."""
    count = len(reading.signatures)
    return None if count == 1 else f"{count} {BODY_SIGN} headers" if count else f"no {BODY_SIGN} header"


def sign_name(reading: Reading) -> str | None:
    name = reading.signatures[0][0]
    return None if name == BODY_SIGN else f"the header is called {name}"


def sign_type(reading: Reading) -> str | None:
    """``sign_type`` first, and the only one there is."""
    return "sign_type is not HMAC-SHA256" if reading.broken_rule in ("sign_type", "missing") else None


def sign_quotes(reading: Reading) -> str | None:
    """Both values in double quotes."""
    return "a value is not in double quotes" if reading.broken_rule == "quotes" else None


def sign_value(reading: Reading) -> str | None:
    """Over exactly the bytes received."""
    size = len(reading.answer.body)
    return f"does not fit the {size} bytes of the body" if reading.broken_rule == "signature" else None


def readable(reading: Reading) -> str | None:
    """A JSON object in UTF-8."""
    return "the body is not a JSON object in UTF-8" if reading.document is None else None


def result_code(reading: Reading) -> str | None:
    """Six digits in a string."""
    value = reading.members.get("resultCode")
    return None if isinstance(value, str) and re.fullmatch("[0-9]{6}", value) else "resultCode is missing or malformed"


def result_message(reading: Reading) -> str | None:
    value = reading.members.get("resultMsg")
    return None if isinstance(value, str) and value else "resultMsg is missing or empty"


def expected_code(reading: Reading) -> str | None:
    """The result the call must have."""
    expected = reading.expected.codes
    if reading.code in expected:
        return None
    return f"{reading.code} ({reading.members.get('resultMsg', '')}) instead of {' or '.join(expected)}"
