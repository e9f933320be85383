"""What an explanation is made of."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import zip_longest

LONGEST = 4000
"""Characters of a piece that are shown."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key, and the name that stands for it."""

    name: str
    value: str = field(repr=False)

    @property
    def piece(self) -> "Piece":
        """What stands in the key's place."""
        return Piece(self.name, "key")


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of what is signed. ``what``: the end of the text ``signature.what.…`` that says what it is, empty for a
    separator; ``name``: what it is called there, e.g. of a parameter. ``size``: bytes, where not all is shown.
    """

    text: str
    what: str = ""
    name: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class SignatureStep:
    """One computation. ``name``: the end of the text ``signature.step.…``; ``form``: of ``signature.form.…``, how the
    result is written. Without ``key`` it is a plain digest.
    """

    name: str
    form: str
    data: tuple[Piece, ...]
    result: str
    key: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """``kind``: the end of ``signature.kind.…``; ``place``: the parameter or header that holds the signature.

    ``computed`` is empty where it cannot be computed. ``fold``: the case of its letters does not matter.
    """

    kind: str
    place: str
    steps: tuple[SignatureStep, ...]
    sent: str
    computed: str
    fold: bool = False

    @property
    def outcome(self) -> str:
        """``same``, ``different``, ``missing`` or ``unknown``."""
        if not self.sent:
            return "missing"
        if not self.computed:
            return "unknown"
        sent, computed = self._compared
        return "same" if sent == computed else "different"

    @property
    def agreed(self) -> int:
        """How many characters at the beginning are the same."""
        pairs = enumerate(zip_longest(*self._compared))
        return next((at for at, (one, other) in pairs if one != other), len(self.sent))

    @property
    def _compared(self) -> tuple[str, str]:
        return (self.sent.upper(), self.computed.upper()) if self.fold else (self.sent, self.computed)


def bytes_piece(body: bytes, what: str) -> Piece:
    """Bytes as text, shortened if they are many."""
    text = body.decode("utf-8", "replace")
    return Piece(text if len(text) <= LONGEST else f"{text[:LONGEST]}…", what, size=len(body))


def joined(pairs: Iterable[tuple[str, str]], what: str) -> tuple[Piece, ...]:
    """``name=value`` each, with ``&`` between."""
    pieces = [Piece(f"{name}={value}", what, name) for name, value in pairs]
    return tuple(each for piece in pieces for each in (Piece("&"), piece))[1:]
