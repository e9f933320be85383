"""Every text of the console in English and Chinese, and which of them a reader gets."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from flask import Response, g, request

from emulator.console.cookies import keep

LANGUAGES = {"en": "English", "zh": "中文"}
"""Names as their readers write them."""

COOKIE = "console-language"
_FOLDER = Path(__file__).with_name("texts")


@cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """Language to text, by key: the file's name, a dot, and the name in it, which may have dots itself."""
    return {key: value for file in sorted(_FOLDER.glob("*.toml")) for key, value in _read(file).items()}


def text(key: str, **values: object) -> str:
    """The text called ``key`` in the reader's language; ``values`` stand for the names in braces.

    :raises KeyError: there is no such text.
    """
    found = texts()[key][language()]
    return found.format(**values) if values else found


def maybe(key: str, otherwise: str) -> str:
    """The text called ``key``, or ``otherwise`` if there is none: for what the console shows but does not know."""
    return text(key) if key in texts() else otherwise


def language() -> str:
    """``en`` or ``zh``: as asked for in the address, as chosen before, or as the browser prefers."""
    if "language" not in g:
        asked = (request.args.get("lang", ""), request.cookies.get(COOKIE, ""))
        preferred = (name[:2].lower() for name, _ in request.accept_languages)
        g.language = next((each for each in (*asked, *preferred) if each in LANGUAGES), "en")
    return str(g.language)


def remember(response: Response) -> Response:
    """Keep the language that the address asks for."""
    return keep(response, COOKIE, request.args.get("lang", ""), LANGUAGES)


def _read(file: Path) -> Mapping[str, Mapping[str, str]]:
    return dict(_flat(file.stem, tomllib.loads(file.read_text(encoding="utf-8"))))


def _flat(name: str, table: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, str]]]:
    if "en" in table:
        yield name, table
        return
    for member, value in table.items():
        yield from _flat(f"{name}.{member}", value)
