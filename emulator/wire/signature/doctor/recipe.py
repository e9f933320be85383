"""How a signature is made, as values: whoever makes it wrongly has one of them wrong, or two."""

import base64
import hmac
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import combinations
from typing import Any

from emulator.texts import Text

AT_MOST = 64 * 1024
"""Bytes of a text of which two mistakes at once are tried; longer ones would keep the reader waiting."""

Digest = Callable[[bytes, bytes], bytes]
HMAC: Digest = partial(hmac.digest, digest="sha256")


def base64_of(digest: bytes) -> str:
    """Standard, padded, one line."""
    return base64.b64encode(digest).decode()


def itself(key: str) -> bytes:
    """The key's own bytes as the secret."""
    return key.encode()


@dataclass(frozen=True, slots=True)
class Recipe:
    """``text`` and ``secret`` are made with the key, as it may stand in either."""

    key: str = field(repr=False)
    text: Callable[[str], bytes]
    secret: Callable[[str], bytes] = itself
    digest: Digest = HMAC
    form: Callable[[bytes], str] = base64_of

    @property
    def signature(self) -> str:
        """What comes out."""
        return self.form(self.digest(self.secret(self.key), self.text(self.key)))


@dataclass(frozen=True, slots=True)
class Slip:
    """A mistake: ``value`` stands in the place of the recipe's member ``aspect``. ``header``: the signature may be
    right, what carries it is not.
    """

    aspect: str
    what: Text
    value: Any = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """The end of its text's id."""
        return self.what.id.partition(".")[2]


def slips_in(recipe: Recipe, slips: Iterable[Slip], given: str) -> Sequence[Slip] | None:
    """Which one, or else which two, give the signature ``given``; none if it is right, ``None`` if nothing does."""
    if recipe.signature == given:
        return ()
    tried = list(slips)
    most = 2 if len(recipe.text(recipe.key)) <= AT_MOST else 1
    chosen = (each for number in range(1, most + 1) for each in combinations(tried, number))
    return next((each for each in chosen if _gives(recipe, each, given)), None)


def _gives(recipe: Recipe, slips: Sequence[Slip], given: str) -> bool:
    values = {slip.aspect: slip.value for slip in slips}
    return len(values) == len(slips) and replace(recipe, **values).signature == given
