"""Calls in a text, in whatever form people have them: each is found where it begins, and read as what it is."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from emulator.recorder.addresses import header_lines, request_to
from emulator.recorder.curl import CurlError, end_of_command, request_of
from emulator.recorder.json_calls import calls_in, is_call
from shared.http import HttpRequest
from shared.protocol.sync.lenient_json import Number, parse

FORMS = """understood are, one or several:
  - a URL of version 1, with its query
  - a URL of version 2 or of a sync interface, and behind it or on the next lines the JSON body
  - a curl command
  - a raw HTTP request
  - a line of an access log (nginx, load balancers), of version 1: such logs have no bodies
  - an event of API Gateway, of a function URL or of FunctionGraph's APIG trigger, as JSON, alone or in a log line
  - a line of JSON: a request as a structured log has it, or a body alone"""

_START = re.compile(
    r"""(?P<curl>^[ \t]*(?:[$>#][ \t]+)?curl(?:\.exe)?[ \t])
    |(?P<raw>^(?P<verb>GET|POST)[ ]+(?P<target>\S+)[ ]+HTTP/[\d.]+[ \t\r]*$)
    |(?P<log>["'](?P<logged>GET|POST)[ ]+(?P<asked>[^\s"]+)[ ]+HTTP/[\d.]+["'])
    |(?P<url>(?:\b(?P<said>GET|POST)[ \t]+)?
        (?P<address>https?://[^\s"'<>{}|^`，。；）]+|(?<![\w.])/[^\s"'<>{}|^`]*(?:[?&]activity=|/produceAPI/)[^\s"'<>{}|^`]*))
    |(?P<json>\{)""",
    re.MULTILINE | re.VERBOSE,
)
_TOKEN = re.compile(r""""(?>[^"\\]+|\\.)*+"|'(?>[^'\\]+|\\.)*+'|[{}\[\]]""", re.DOTALL)
_DECODER = json.JSONDecoder(strict=False, parse_int=Number, parse_float=Number)
_FARTHEST = 2000
"""Characters between an address and its body: headers, and what consoles write there."""


class NoCallFound(ValueError):
    """There is no call in the text; the message says what would be understood, and nothing of the text."""


@dataclass
class FoundCall:
    """The calls of a text, in order, and what kept others from being read."""

    requests: list[HttpRequest] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_calls(text: str) -> FoundCall:
    """Every call in ``text``.

    :raises NoCallFound: there is none.
    """
    reader = _CallFinder()
    found = list(reader.scan(text.lstrip("\ufeff")))
    problems = sorted(set(reader.problems))
    if not found:
        raise NoCallFound("\n".join(["there is no call of the marketplace in it", *problems, FORMS]))
    return FoundCall(found, problems)


class _CallFinder:
    def __init__(self) -> None:
        self.problems: list[str] = []

    def scan(self, text: str) -> Iterator[HttpRequest]:
        readers = {"curl": self._curl, "raw": self._address, "log": self._log, "url": self._address, "json": self._json}
        at = 0
        while start := _START.search(text, at):
            requests, at = readers[start.lastgroup or ""](text, start)
            yield from (request for request in requests if is_call(request))

    def _curl(self, text: str, start: re.Match[str]) -> tuple[list[HttpRequest], int]:
        end = end_of_command(text, start.start())
        try:
            request = request_of(re.sub(r"^[ \t]*(?:[$>#][ \t]+)?", "", text[start.start() : end]))
        except CurlError as error:
            self.problems.append(str(error))
            return [], end
        return [request] if request else [], end

    def _log(self, _text: str, start: re.Match[str]) -> tuple[list[HttpRequest], int]:
        request = request_to(start["asked"], method=start["logged"])
        self._bodiless(request)
        return [request] if request else [], start.end()

    def _json(self, text: str, start: re.Match[str]) -> tuple[list[HttpRequest], int]:
        value, end = _value(text, start.start())
        return list(calls_in(value, self.scan)), end

    def _address(self, text: str, start: re.Match[str]) -> tuple[list[HttpRequest], int]:
        """An address, and the headers and the body that may come behind it."""
        target = start["target"] or start["address"]
        alone = request_to(target, method=start["verb"] or start["said"] or "")
        if alone is None or (is_call(alone) and alone.method == "GET"):
            return [alone] if alone else [], start.end()
        following = _START.search(text, start.end())
        if following and following.lastgroup == "json" and following.start() - start.end() < _FARTHEST:
            headers = header_lines(text[start.end() : following.start()])
            _, end = _value(text, following.start())
            body, end = _sent(text, following.start(), end, headers)
            request = request_to(target, method="POST", headers=headers, body=body)
            if is_call(request):
                return [request] if request else [], end
        self._bodiless(alone)
        return [], start.end()

    def _bodiless(self, request: HttpRequest | None) -> None:
        signed = request and {"signature", "timestamp", "nonce"} <= {name for name, _ in request.query}
        if request and (signed or ("/produceAPI/" in request.path)):
            self.problems.append("a call of version 2 or of a sync interface has no body there, and cannot be recorded")


def _value(text: str, start: int) -> tuple[Any, int]:
    """The JSON value at ``start`` and where it ends; ``None`` and the next character if there is none.

    Sloppy JSON, Python's way of printing a dictionary and JSON that was escaped as a string are read too.
    """
    try:
        return _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        pass
    if text.startswith('{\\"', start):
        line = text[start : text.find("\n", start) if "\n" in text[start:] else len(text)]
        value, _ = _value(re.sub(r"\\(.)", r"\1", line), 0)
        return value, start + len(line)
    end = _end(text, start)
    for read in (parse, _printed):
        try:
            return read(text[start:end]), end
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
    opening = re.compile(r"\{+").match(text, start)
    return None, max(start + 1, opening.end() - 1 if opening else 0)


def _printed(text: str) -> Any:
    return parse(json.dumps(ast.literal_eval(text)))


def _end(text: str, start: int) -> int:
    depth = 0
    for token in _TOKEN.finditer(text, start):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token[0], 0)
        if depth == 0:
            return token.end()
    return start


def _sent(text: str, start: int, end: int, headers: dict[str, str]) -> tuple[bytes, int]:
    """The body's bytes: those of the value, and the white space behind it as far as Content-Length says so."""
    body, rest = text[start:end].encode("utf-8", "replace"), text[end:].encode("utf-8", "replace")
    length = next((value for name, value in headers.items() if name.lower() == "content-length"), "")
    missing = int(length) - len(body) if re.fullmatch(r"[0-9]{1,8}", length) else 0
    if 0 < missing <= len(rest) and not rest[:missing].strip():
        return body + rest[:missing], end + missing
    return body, end
