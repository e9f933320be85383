"""HTTP clients that stay in the process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from shared.clock import Deadline
from shared.http import HttpRequest, HttpResponse


@dataclass
class HandlerClient:
    """An ``HttpClient`` that hands each request to ``handle`` and keeps it in ``requests``.

    What ``handle`` raises reaches the caller. ``hosts`` and ``addresses`` tell where each request would have gone,
    ``left`` how many seconds it was given.
    """

    handle: Callable[[HttpRequest], HttpResponse]
    requests: list[HttpRequest] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    addresses: list[str | None] = field(default_factory=list)
    left: list[float] = field(default_factory=list)

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        deadline: Deadline,
        body: bytes = b"",
        address: str | None = None,
    ) -> HttpResponse:
        parts = urlsplit(url)
        request = HttpRequest(
            method=method,
            path=parts.path or "/",
            query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
            headers={"host": parts.netloc} | {name.lower(): value for name, value in headers.items()},
            body=body,
        )
        self.requests.append(request)
        self.hosts.append(parts.netloc)
        self.addresses.append(address)
        self.left.append(deadline.left())
        return self.handle(request)
