"""English words that the emulator keeps or says, in the reader's language.

Such words are the English text of a key; names in braces stand in it for what varies: ``after {seconds} s``.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from string import Formatter
from typing import NamedTuple

from emulator.console.language import language, text, texts

Value = Callable[[str], str]


class Phrase(NamedTuple):
    """A text in which something varies; ``form`` recognises its English words."""

    key: str
    form: re.Pattern[str]
    fixed: int


def phrase(beginning: str, words: str, **values: Value) -> str:
    """``words`` in the reader's language; as they are if no text fits, or the reader's language is English.

    :param beginning: of the keys to look among.
    :param values: how to say what stands for a name; otherwise it stays as it is.
    """
    return (found(beginning, words, **values) or words) if language() != "en" else words


def found(beginning: str, words: str, **values: Value) -> str | None:
    """The same, whatever the language; ``None`` if no text fits."""
    if key := _fixed(beginning).get(words):
        return text(key)
    for each in _varying(beginning):
        if match := each.form.fullmatch(words):
            said = {name: values[name](value) if name in values else value for name, value in match.groupdict().items()}
            return text(each.key, **said)
    return None


@cache
def _fixed(beginning: str) -> Mapping[str, str]:
    return {each["en"]: key for key, each in texts().items() if key.startswith(beginning) and "{" not in each["en"]}


@cache
def _varying(beginning: str) -> list[Phrase]:
    """Those that say more themselves first: ``no answer: {reason}`` before ``{case}: {problem}``."""
    keys = (key for key, each in texts().items() if key.startswith(beginning) and "{" in each["en"])
    return sorted((_phrase(key, texts()[key]["en"]) for key in keys), key=lambda each: -each.fixed)


def _phrase(key: str, english: str) -> Phrase:
    parts = list(Formatter().parse(english))
    forms = (re.escape(before) + (f"(?P<{name}>.*?)" if name else "") for before, name, _, _ in parts)
    return Phrase(key, re.compile("".join(forms), re.DOTALL), sum(len(before) for before, *_ in parts))
