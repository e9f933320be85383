"""One HTTP exchange as two frozen values; the same on every platform."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A call as it came in.

    ``query`` holds decoded pairs in the order received, names repeated as sent where the platform still knows it.
    ``headers`` has lower-case names. ``body`` is the exact bytes received (base64 of the platform already removed).
    ``path`` starts with ``/`` and has no stage prefix and no query.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    request_id: str = ""

    def first(self, name: str) -> str | None:
        """The first value of query parameter ``name``, or ``None``."""
        return next((value for key, value in self.query if key == name), None)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An answer, header names spelt as they must leave (the marketplace insists on ``Body-Sign``).

    ``cookies`` holds complete ``Set-Cookie`` values; platforms carry them apart from the other headers.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    cookies: tuple[str, ...] = ()
