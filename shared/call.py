"""One authenticated call of the marketplace."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from shared.clock import Deadline
from shared.commands import Version


@dataclass(frozen=True, slots=True)
class Nonce:
    """The one-time mark of a V2 call and the digest of what was signed with it (hex SHA-256 each)."""

    value: str
    digest: str

    @classmethod
    def of(cls, text: str, signed: str) -> "Nonce":
        """The mark of the nonce ``text`` of a call that ``signed`` tells from all others."""
        return cls(*(sha256(each.encode()).hexdigest() for each in (text, signed)))

    @property
    def mark(self) -> str:
        """Tells the call from all others; short, for where many are kept."""
        return self.digest[:16]


@dataclass(frozen=True, slots=True)
class Call:
    """Who is known to have called, when, and how long the answer may take.

    ``fields`` is what was signed: V1 the query parameters, V2 the JSON object. ``key`` verified the call and signs the
    answer.
    """

    version: Version
    activity: str
    test: bool
    sent_at: datetime
    key: str = field(repr=False)
    fields: Mapping[str, Any] = field(repr=False)
    deadline: Deadline
    nonce: Nonce | None = None
