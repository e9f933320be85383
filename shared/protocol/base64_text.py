"""Base64 as it arrives: what mail libraries, browsers and proxies make of it on the way."""

import base64
from collections.abc import Iterator
from urllib.parse import unquote

_LAYERS = 3  # of percent-encoding, at most
_LINE_ENDS = str.maketrans("", "", "\r\n\t")
_URL_SAFE = str.maketrans("-_", "+/")


def as_sent(text: str) -> Iterator[str]:
    """What ``text`` may have been before it came here: percent-encoding and line ends undone, a space read as the
    ``+`` it was, or as the line end it was.
    """
    for _ in range(_LAYERS):
        text = unquote(text) if "%" in text else text
    text = text.translate(_LINE_ENDS).strip(" ")
    yield text.replace(" ", "+")
    if " " in text:
        yield text.replace(" ", "")


def decoded(text: str) -> bytes:
    """The bytes of one such form, in either alphabet, with padding or without.

    :raises ValueError: it is not base64.
    """
    bare = text.translate(_URL_SAFE).rstrip("=")
    return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
