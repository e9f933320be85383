"""The rules of an answer's members (production interfaces, sections 2.1, 2.7 and 8): what is wrong, or ``None``."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

from emulator.checks.reading import Reading, at
from emulator.texts import Text
from shared.commands import Version
from shared.errors import InvalidParameter
from shared.protocol.field_cipher import FieldCipher
from shared.provisioning.access import is_web_address

_ADDRESSES = ("frontEndUrl", "adminUrl", "dashboardUrl")
LIMITS = {
    "resultMsg": 255,
    "encryptType": 3,
    "instanceId": 64,
    "relatedInstanceId": 64,
    **dict.fromkeys(_ADDRESSES, 512),
    "userName": 128,
    "password": 128,
    "memo": 1024,
    "statisticalTime": 20,
}
"""Longest values in characters, whatever object the member stands in (production interfaces, sections 2.1 and 2.7)."""

UNNAMED = 2048
"""Characters of a value that no page names."""

MANDATORY = {
    (Version.V1, "newInstance"): ("instanceId", "appInfo", "appInfo.frontEndUrl"),
    (Version.V2, "newInstance"): ("instanceId",),
    (Version.V1, "queryInstance"): ("info", "info[].instanceId", "info[].appInfo.frontEndUrl"),
    (Version.V2, "queryInstance"): ("info", "info[].instanceId", "info[].appInfo.frontEndUrl"),
}
"""Members a successful answer needs (sections 2.1, 2.7, 3.1, 3.2 and 8), where the object that holds them is there."""

USAGE = ("info[].usageInfo[].usageValue", "info[].usageInfo[].statisticalTime")
_CREDENTIALS = ("appInfo.userName", "appInfo.password", "info[].appInfo.userName", "info[].appInfo.password")
_BITS = {"1": 256, "2": 128}


def mandatory(reading: Reading) -> Text | None:
    expected = reading.expected
    paths = MANDATORY.get((expected.version, expected.activity), ()) + USAGE
    paths += ("info[].appInfo",) if expected.access else ()
    paths += ("info[].usageInfo",) if expected.metered else ()
    missing = (path for each in paths for path, value in at(reading.members, each) if value in (None, "", []))
    return _listed("reasons.missing", missing)


def lengths(reading: Reading) -> Text | None:
    return _members(reading, "reasons.too-long", lambda name, value: len(str(value)) > LIMITS.get(name, UNNAMED))


def forms(reading: Reading) -> Text | None:
    return _members(reading, "reasons.malformed", lambda name, value: not _well_formed(name, value))


def ascii_only(reading: Reading) -> Text | None:
    """Chinese stands in ``memo`` at most."""
    return _members(reading, "reasons.not-ascii", lambda name, value: name != "memo" and not str(value).isascii())


def escaped(reading: Reading) -> Text | None:
    """What is not ASCII leaves as an escape."""
    return None if reading.answer.body.isascii() else Text("reasons.bytes")


def decryptable(reading: Reading) -> Text | None:
    """User name and password open with the key, in the size that ``encryptType`` says."""
    bits = _BITS.get(str(reading.members.get("encryptType") or "1"), 256)
    cipher = FieldCipher([reading.expected.key], bits)
    return _listed("reasons.undecrypted", (path for path, value in credentials(reading) if not _opens(cipher, value)))


def credentials(reading: Reading) -> list[tuple[str, str]]:
    """Paths and values of user names and passwords."""
    return [(where, str(value)) for path in _CREDENTIALS for where, value in at(reading.members, path) if value]


def right_instances(reading: Reading) -> Text | None:
    """The instances asked for, and nobody else's."""
    expected, named = reading.expected, set(reading.named)
    if expected.instances and named != set(expected.instances):
        return Text("reasons.instances")
    return Text("reasons.other-instance") if named & set(expected.others) else None


def _opens(cipher: FieldCipher, value: str) -> bool:
    try:
        text = cipher.decrypt(value, field="")
    except InvalidParameter:
        return False
    # Decrypting tries both key sizes; only encrypting again shows that the announced one was used.
    return text is not None and cipher.encrypt(text, iv=value[:16]) == value


def _members(reading: Reading, problem: str, wrong: Callable[[str, Any], bool]) -> Text | None:
    """The members whose name and value are ``wrong``."""
    return _listed(problem, (path for path, value in reading.values if wrong(path.rpartition(".")[2], value)))


def _well_formed(name: str, value: Any) -> bool:
    if form := _FORMS.get(name):
        return form(value)
    return name not in LIMITS or isinstance(value, str)


def _is_url(value: Any) -> bool:
    return isinstance(value, str) and is_web_address(value)


def _is_time(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9]{17}", value) is not None


def _is_usage(value: Any) -> bool:
    """A number with at most 12 digits before and 4 after the point, not negative."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    exponent = Decimal(value).normalize().as_tuple().exponent
    return 0 <= value < 10**12 and isinstance(exponent, int) and exponent >= -4


_FORMS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(_ADDRESSES, _is_url),
    "encryptType": lambda value: value in _BITS,
    "statisticalTime": _is_time,
    "usageValue": _is_usage,
}


def _listed(problem: str, paths: Iterator[str]) -> Text | None:
    found = ", ".join(islice(paths, 3))
    return Text(problem, members=found) if found else None
