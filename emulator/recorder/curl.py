"""A ``curl`` command, as consoles and browsers copy it, to a request."""

import re
import shlex
from collections.abc import Iterator
from urllib.parse import quote

from emulator.recorder.addresses import header_lines, request_to
from shared.http import HttpRequest

_DATA = ("-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode", "--json")
_VALUED = {
    *_DATA, "-X", "--request", "-H", "--header", "--url", "-u", "--user", "-A", "--user-agent", "-b", "--cookie", "-e",
    "--referer", "-o", "--output", "-m", "--max-time", "--connect-timeout", "-x", "--proxy", "-w", "--write-out",
    "--cacert", "--cert", "--key", "--resolve", "--retry", "-F", "--form", "-T", "--upload-file",
}  # fmt: skip
_ANSI = re.compile(r"\$'((?:[^'\\]|\\.)*)'", re.DOTALL)


class CurlError(ValueError):
    """The command cannot be read; the text says why."""


def end_of_command(text: str, start: int) -> int:
    """Where the command that begins at ``start`` ends: at a line's end that is neither escaped nor inside quotes."""
    end = start
    while end < len(text):
        end = text.find("\n", end) + 1 or len(text)
        line = text[start:end].rstrip("\r\n")
        if not line.endswith(("\\", "^", "`")) and _words(line) is not None:
            return end
    return len(text)


def request_of(command: str) -> HttpRequest | None:
    """What the command would send; ``None`` if it names no address.

    :raises CurlError: its quotes are not closed, or its body is in a file.
    """
    words = _words(command)
    if words is None:
        raise CurlError("the quotes of the curl command are not closed")
    options = list(_options(words[1:]))

    def given(*names: str) -> list[str]:
        return [value for option, value in options if option in names]

    target, method = (next(iter(values), "") for values in (given("", "--url"), given("-X", "--request")))
    body = "&".join(_data(option, value) for option, value in options if option in _DATA)
    headers = given("-H", "--header") + ["content-type: application/json"] * bool(given("--json"))
    if given("-G", "--get"):
        target, body = f"{target}{'&' if '?' in target else '?'}{body}", ""
    fields = header_lines("\n".join(headers))
    return request_to(target, method=method, headers=fields, body=body.encode()) if target else None


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    """Pairs of option and value; of what is no option, the option is empty."""
    rest = iter(words)
    for word in rest:
        name, joined, value = word.partition("=")
        if word in _VALUED:
            yield word, next(rest, "")
        elif name.startswith("--") and joined and name in _VALUED:
            yield name, value
        elif re.match(r"-[XHdubAeomx].", word):
            yield word[:2], word[2:]
        else:
            yield (word, "") if word.startswith("-") else ("", word)


def _data(option: str, value: str) -> str:
    if value.startswith("@") and option != "--data-raw":
        raise CurlError("the curl command has its body in a file: put the body itself into the command")
    if option == "--data-urlencode":
        name, joined, text = value.partition("=")
        return f"{name}{joined}{quote(text, safe='')}" if joined else quote(name, safe="")
    return value


def _words(command: str) -> list[str] | None:
    joined = re.sub(r"[\\^`][ \t]*\r?\n", " ", command)
    try:
        return shlex.split(_ANSI.sub(lambda match: shlex.quote(_unescaped(match[1])), joined))
    except ValueError:
        return None


def _unescaped(text: str) -> str:
    short = {"n": "\n", "r": "\r", "t": "\t"}

    def character(match: re.Match[str]) -> str:
        code = match[1][1:]
        return chr(int(code, 16)) if len(code) > 1 else short.get(match[1], match[1])

    return re.sub(r"\\(u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|.)", character, text, flags=re.DOTALL)
