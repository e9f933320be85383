"""One signature, one reading.

What is signed has no separators that a value could not hold as well, so the same text could be taken apart in several
ways: digits move between nonce and time stamp, a parameter hides in the value before it. Here stands which way counts;
whatever could count as something else is refused.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from shared.errors import AuthenticationError

_NONCE = re.compile(r"[ -~]{1,128}")
_MILLISECONDS, _SECONDS = re.compile(r"[0-9]{13}"), re.compile(r"[0-9]{10}")
_BOUNDARY = re.compile("&([^&=]+)=")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_CALL = datetime(2020, 1, 1, tzinfo=UTC)
"""Version 2 did not sign anything before."""
_KEY_LIFE = timedelta(days=20 * 365)
"""No key is in use for longer."""


def moment_of(timestamp: str, nonce: str, now: datetime) -> datetime:
    """When a V2 call was sent, aware UTC (production interfaces, section 4.4; joint operation, section 2.2).

    13 digits are milliseconds of UNIX time, 10 are seconds. ``nonce`` and ``timestamp`` are signed as one text, so of a
    call in milliseconds the last ten digits alone, the others being moved into the nonce, would come to be the present
    time again after weeks or months. So ten digits count only if no call in milliseconds can be behind them, none sent
    before and none to come: the last three characters of the nonce are no digits, or give no time in the life of a key.

    :raises ValueError: no such text, or one with two readings.
    """
    if _MILLISECONDS.fullmatch(timestamp):
        return _EPOCH + int(timestamp) * timedelta(milliseconds=1)
    if not _SECONDS.fullmatch(timestamp):
        raise ValueError("not a time stamp")
    joined = nonce[-3:] + timestamp
    if _MILLISECONDS.fullmatch(joined) and _FIRST_CALL <= moment_of(joined, "", now) <= now + _KEY_LIFE:
        raise ValueError("two readings")
    return _EPOCH + int(timestamp) * timedelta(seconds=1)


def is_nonce(text: str, *, before_body: bool = False) -> bool:
    """1 to 128 printable ASCII characters; no ``{``, with which a body begins, where that is signed right behind."""
    return bool(_NONCE.fullmatch(text)) and not (before_body and "{" in text)


def in_order(names: Iterable[str]) -> list[str]:
    """Names in the order of Java's ``String``, which compares UTF-16 code units."""
    listed = list(names)
    return sorted(listed, key=None if "".join(listed).isascii() else _utf16)


def joined(texts: Mapping[str, str]) -> bytes:
    """What V1 signs of parameters or properties: ``name=value&…`` in order of their names, unescaped.

    :raises UnicodeEncodeError: a lone surrogate, which has no UTF-8 form.
    """
    return "&".join([f"{name}={texts[name]}" for name in in_order(texts)]).encode()


def single_reading(texts: Mapping[str, str], documented: frozenset[str]) -> dict[str, str]:
    """The only values that ``texts`` may be taken for, once V1 has joined them as ``name=value&…`` in order of their
    names and signed that, unescaped (production interfaces, section 4.1; joint operation, section 2.3).

    No documented parameter may be hidden in a value, and none come out of one. Others have no meaning, but they end a
    value: ``customerName=A&d=1`` may have been a name and a parameter ``d``, so the name is ``A`` in either spelling.
    What stands behind such an end is the value of a parameter without meaning: nothing documented may hide there.
    A value that only looks so stays as it is: ``A&B=1``, for ``B`` sorts before ``customerName``.

    :param documented: names that have a meaning, wherever they may stand; blanks around a name do not matter.
    :raises AuthenticationError: a value could be a documented parameter's too, or a name holds ``&`` or ``=``.
    """
    all_names = "".join(texts)
    if "=" in all_names or "&" in all_names:
        raise AuthenticationError
    if "&" not in "".join(texts.values()):  # as of nearly every call
        return dict(texts)
    names = in_order(texts)
    known = [name for name in names if name.strip() in documented]
    following = dict(pairwise([*known, ""]))
    return {name: _ended(name, texts[name], following.get(name), documented) for name in names}


def _ended(name: str, text: str, following: str | None, documented: frozenset[str]) -> str:
    """``text`` up to where another parameter may begin. ``following``: the documented one behind a documented one, if
    any; ``None`` for a name that is not documented, of which the value does not matter.
    """
    if "&" not in text:
        return text
    end = len(text)
    for found in _BOUNDARY.finditer(text):
        sorts_behind = _utf16(name) < _utf16(found[1])
        if found[1].strip() in documented and (following is None or sorts_behind or end < found.start()):
            raise AuthenticationError
        may_end = sorts_behind and following is not None and (not following or _utf16(found[1]) < _utf16(following))
        end = min(end, found.start()) if may_end else end
    return text[:end]


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-be", "surrogatepass")
