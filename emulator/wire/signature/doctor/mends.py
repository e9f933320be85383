"""How it is done rightly, in the languages sellers write: the code of each rule, from the files in ``mends``."""

import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

MEND_LANGUAGES = {"java": "Java", "python": "Python", "node": "Node.js", "go": "Go", "php": "PHP"}
"""Names as their users write them, those that most sellers use first."""

_FOLDER = Path(__file__).with_name("mends")


@dataclass(frozen=True, slots=True)
class MendLine:
    """A line of code, and the parts of the recipe (:class:`emulator.wire.signature.doctor.recipe.Recipe`) it is."""

    code: str
    aspects: frozenset[str] = frozenset()

    def meant(self, aspects: Collection[str]) -> bool:
        """Is this where such a mistake is made?"""
        return not self.aspects.isdisjoint(aspects)


@cache
def mend(rule: str, language: str) -> Sequence[MendLine]:
    """The code for a rule (a :class:`emulator.wire.signature.doctor.SignatureDiagnosis` has it), in one of
    :data:`MEND_LANGUAGES`.
    """
    text = tomllib.loads((_FOLDER / f"{rule}.toml").read_text(encoding="utf-8"))[language]
    parts = (line.partition("@@") for line in text.strip("\n").splitlines())
    return [MendLine(code.rstrip(), frozenset(aspects.split())) for code, _, aspects in parts]


def code(rule: str, language: str) -> str:
    """All lines, to be copied."""
    return "\n".join(line.code for line in mend(rule, language)) + "\n"
