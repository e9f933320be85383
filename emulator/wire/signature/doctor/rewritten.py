"""A body that is not the one that went over the wire: laid out, encoded or cut otherwise."""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from emulator.texts import Text
from emulator.wire.calls import json_or_none

Rewritten = tuple[Text, bytes]

_LAYOUTS: Mapping[str, Mapping[str, Any]] = {
    "compact": {"separators": (",", ":")},
    "spaced": {},
    "pretty-2": {"indent": 2},
    "pretty-4": {"indent": 4},
    "pretty-tab": {"indent": "\t"},
}
_CHARSETS = ("gbk", "latin-1", "ascii", "utf-16", "utf-16-le", "utf-16-be")
_HTML = {"&": "\\u0026", "<": "\\u003c", ">": "\\u003e", "=": "\\u003d", "'": "\\u0027"}


def rewritten(body: bytes) -> list[Rewritten]:
    """What a body may have been when it was signed, the likeliest first; never as it is."""
    found: dict[bytes, str] = {}
    for name, text in _all(body):
        found.setdefault(text, name)
    return [(Text(f"mistakes.{name}"), text) for text, name in found.items() if text != body]


def left_out(body: bytes) -> Iterator[Rewritten]:
    """The body before one of its members was added, compact or as Python writes it."""
    members = json_or_none(body)
    if isinstance(members, dict):
        for name in members:
            rest = {each: value for each, value in members.items() if each != name}
            texts = (_written(rest, layout, escaped=escaped) for layout in ("compact", "spaced") for escaped in (0, 1))
            yield from ((Text("mistakes.left-out", name=name), text) for text in texts)


def _all(body: bytes) -> Iterator[tuple[str, bytes]]:
    yield from _trimmed(body)
    document = json_or_none(body)
    if document is not None:
        yield from _laid_out(body, document)
        yield from _emptied(document)
    yield from _encoded(body)
    if isinstance(document, dict):
        yield from _printed(document)


def _trimmed(body: bytes) -> Iterator[tuple[str, bytes]]:
    yield "line-end", body + b"\n"
    yield "line-end", body + b"\r\n"
    yield "trimmed", body.strip()
    yield "line-feeds", body.replace(b"\r\n", b"\n")
    yield "byte-order-mark", b"\xef\xbb\xbf" + body
    yield "byte-order-mark", body.removeprefix(b"\xef\xbb\xbf")


def _laid_out(body: bytes, document: Any) -> Iterator[tuple[str, bytes]]:
    ways = [(layout, escaped) for layout in _LAYOUTS for escaped in (False, True)]
    for layout, escaped in ways:
        if _written(document, layout, escaped=escaped) == body:
            yield "escapes", _written(document, layout, escaped=not escaped)
    for layout, escaped in ways:
        yield layout.partition("-")[0], _written(document, layout, escaped=escaped)
    for layout, escaped in ways:
        yield "sorted", _written(document, layout, escaped=escaped, sort_keys=True)
    for escaped in (False, True):
        text = _written(document, "compact", escaped=escaped)
        yield "slashes", text.replace(b"/", b"\\/")
        yield "html-escapes", _html(text.decode(), _HTML).encode()
        yield "html-escapes", _html(text.decode(), dict(list(_HTML.items())[:3])).encode()
    yield "string", json.dumps(body.decode()).encode()


def _emptied(document: Any) -> Iterator[tuple[str, bytes]]:
    for name, empty in (("nulls-dropped", (None,)), ("empties-dropped", (None, ""))):
        rest = _without(document, empty)
        for sort in (False, True):
            for layout in ("compact", "spaced"):
                yield name, _written(rest, layout, escaped=False, sort_keys=sort)
                yield name, _written(rest, layout, escaped=True, sort_keys=sort)


def _encoded(body: bytes) -> Iterator[tuple[str, bytes]]:
    text = body.decode("utf-8", "replace")
    for charset in _CHARSETS:
        yield "charset", text.encode(charset, "replace")
    yield "charset", body.decode("latin-1").encode()
    yield "body-base64", base64.b64encode(body)
    yield "body-hex", body.hex().encode()
    yield "body-percent", quote(body, safe="").encode()
    yield "body-percent", quote_plus(body).encode()
    yield "nothing", b""


def _printed(document: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """As languages print what they have read."""
    yield "printed", str(document).encode()
    yield "printed", ("{" + ", ".join(f"{name}={value}" for name, value in document.items()) + "}").encode()
    yield "printed", b"[object Object]"
    for names in (sorted(document), list(document)):
        yield "as-parameters", "&".join(f"{name}={document[name]}" for name in names).encode()
        yield "values-alone", "".join(str(document[name]) for name in names).encode()


def _written(document: Any, layout: str, *, escaped: bool | int, **more: Any) -> bytes:
    text = json.dumps(document, ensure_ascii=bool(escaped), **_LAYOUTS[layout], **more)
    return text.encode("utf-8", "surrogatepass")


def _html(text: str, marks: Mapping[str, str]) -> str:
    for mark, escape in marks.items():
        text = text.replace(mark, escape)
    return text


def _without(value: Any, empty: tuple[object, ...]) -> Any:
    if isinstance(value, dict):
        return {name: _without(each, empty) for name, each in value.items() if each not in empty}
    return [_without(each, empty) for each in value] if isinstance(value, list) else value
