"""Parameters that were joined otherwise than version 1 asks for (production interfaces, section 4.1)."""

import json
from collections.abc import Iterator, Sequence
from functools import partial
from urllib.parse import quote, quote_plus, urlencode

from emulator.texts import Text
from emulator.wire.signature.doctor.rewritten import Rewritten
from shared.protocol.single_reading import in_order

Pairs = Sequence[tuple[str, str]]


def misjoined(pairs: Pairs) -> Iterator[Rewritten]:
    """What may have been signed in the place of ``name=value&…``, sorted; ``pairs``: as received, without the
    signature.
    """
    order = {name: number for number, name in enumerate(in_order(name for name, _ in pairs))}
    right = sorted(pairs, key=lambda pair: order[pair[0]])
    for name, text in _all(pairs, right):
        yield Text(f"mistakes.{name}"), text
    for name, _ in right:
        yield Text("mistakes.left-out", name=name), _joined([pair for pair in right if pair[0] != name])


def _all(received: Pairs, right: Pairs) -> Iterator[tuple[str, bytes]]:
    yield "unsorted", _joined(received)
    yield "unsorted", _joined(right[::-1])
    yield "sorted-case", _joined(sorted(right, key=lambda pair: pair[0].lower()))
    yield from (
        ("encoded", _joined([(name, way(value)) for name, value in right]))
        for way in (quote_plus, partial(quote, safe=""))
    )
    yield "encoded", quote(_joined(right), safe="").encode()
    yield "plus-kept", _joined([(name, value.replace(" ", "+")) for name, value in right])
    yield "plus-lost", _joined([(name, value.replace("+", " ")) for name, value in right])
    yield "empties-dropped", _joined([pair for pair in right if pair[1].strip()])
    yield "separators", "".join(f"{name}={value}" for name, value in right).encode()
    yield "separators", "".join(f"{name}{value}" for name, value in right).encode()
    yield "separators", ",".join(f"{name}={value}" for name, value in right).encode()
    yield "values-alone", "".join(value for _, value in right).encode()
    yield "separator-end", _joined(right) + b"&"
    yield "raw-query", urlencode(received).encode()
    yield "raw-query", b"?" + urlencode(received).encode()
    yield from (("charset", _joined(right).decode().encode(name, "replace")) for name in ("gbk", "latin-1", "ascii"))
    yield "charset", _joined(right).decode("latin-1").encode()
    yield from (("as-json", json.dumps(dict(right), separators=way).encode()) for way in ((",", ":"), None))
    yield "nothing", b""


def _joined(pairs: Pairs) -> bytes:
    return "&".join(f"{name}={value}" for name, value in pairs).encode("utf-8", "replace")
