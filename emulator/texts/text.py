"""A text that is not yet in any language."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import reduce
from string import Formatter
from typing import Any, Self, TypeAlias, TypeVar

from emulator.texts.catalogue import texts

T = TypeVar("T")
Parameter: TypeAlias = "Text | str | int"

_VERBATIM = "base.verbatim"
_SPOKEN = ContextVar("spoken", default="en")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Texts that are made ``str`` here, in this thread, are in this language."""
    before = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


@dataclass(frozen=True, slots=True, init=False)
class Text:
    """The text called ``id``, with ``parameters`` in the place of the names in braces; a parameter may be a text."""

    id: str
    parameters: Mapping[str, Parameter] = field(hash=False)

    def __init__(self, id: str, /, **parameters: Parameter) -> None:  # noqa: A002 - the field's word
        object.__setattr__(self, "id", id)
        object.__setattr__(self, "parameters", parameters)

    def said(self, language: str) -> str:
        """In words.

        :param language: ``en`` or ``zh``.
        :raises KeyError: there is no such text, or a parameter is missing.
        """
        words = texts()[self.id][language]
        values = self._each(lambda text: text.said(language), str)
        return filled(words, values) if values else words

    def __str__(self) -> str:
        """In the language of the command, for a terminal; English elsewhere."""
        return self.said(_SPOKEN.get())

    def changed(self, change: Callable[[str], str]) -> Self:
        """The same with each word that came from elsewhere changed."""
        return type(self)(
            self.id,
            **self._each(
                lambda text: text.changed(change), lambda word: change(word) if isinstance(word, str) else word
            ),
        )

    def document(self) -> dict[str, Any]:
        return {"id": self.id, **self._each(Text.document, lambda word: word)}

    def _each(self, of_text: Callable[["Text"], T], of_word: Callable[[str | int], T]) -> dict[str, T]:
        """What becomes of the parameters."""
        given = self.parameters.items()
        return {name: of_text(value) if isinstance(value, Text) else of_word(value) for name, value in given}

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """From JSON.

        :raises KeyError: it is no text.
        """
        members = {name: cls.read(value) if isinstance(value, dict) else value for name, value in document.items()}
        return cls(document["id"], **{name: value for name, value in members.items() if name != "id"})


class _Counting(Formatter):
    """Knows one thing more than ``str.format``: ``{n:event|events}`` is the word for 1, or the one for all others."""

    def format_field(self, value: Any, format_spec: str) -> Any:
        one, bar, others = format_spec.partition("|")
        if not bar:
            return super().format_field(value, format_spec)
        return one if str(value) == "1" else others


def filled(words: str, values: Mapping[str, object]) -> str:
    """``words`` with values in the place of the names in braces.

    :raises KeyError: one is missing.
    """
    return _Counting().vformat(words, (), values)


def verbatim(words: str) -> Text:
    """Words that are the same in each language: what an operating system says, or somebody else."""
    return Text(_VERBATIM, words=words)


def named(beginning: str, name: str) -> Text:
    """The text of what is called so (``….new-trial`` for ``new, trial``), or the name if somebody else gave it."""
    key = f"{beginning}.{name.replace(',', '').replace(' ', '-')}"
    return Text(key) if key in texts() else verbatim(name)


def first(*ids: str) -> Text:
    """The first of these texts that there is.

    :raises KeyError: there is none.
    """
    found = next((each for each in ids if each in texts()), None)
    if found is None:
        raise KeyError(ids)
    return Text(found)


def joined(link: str, parts: Iterable[Parameter]) -> Parameter:
    """One or more parts, between each two of which stands the text ``link``, with ``before`` and ``after``."""
    return reduce(lambda before, after: Text(link, before=before, after=after), parts)
