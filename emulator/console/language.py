"""Which language a reader of the console gets."""

from flask import g, request

from emulator.console.choices import Choice
from emulator.texts import LANGUAGES, Text, filled, texts
from emulator.wire.visitor import LANGUAGE as COOKIE

LANGUAGE = Choice("lang", COOKIE, LANGUAGES)


def text(key: str, **values: object) -> str:
    """The text called ``key`` in the reader's language; ``values`` stand for the names in braces.

    :raises KeyError: there is no such text.
    """
    found = texts()[key][language()]
    return filled(found, values) if values else found


def say(found: Text | None) -> str:
    """A text in the reader's language; nothing if there is none."""
    return found.said(language()) if found else ""


def maybe(key: str, otherwise: str) -> str:
    """The text called ``key``, or ``otherwise`` if there is none: for what the console shows but does not know."""
    return text(key) if key in texts() else otherwise


def language() -> str:
    """``en`` or ``zh``: as asked for in the address, as chosen before, or as the browser prefers."""
    if "language" not in g:
        preferred = (name[:2].lower() for name, _ in request.accept_languages)
        g.language = LANGUAGE.made or next((each for each in preferred if each in LANGUAGES), "en")
    return str(g.language)
