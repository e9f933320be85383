"""HTTP clients that stay in the process."""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from shared.clock import Deadline
from shared.http import HttpRequest, HttpResponse
from shared.outbound import Headers, Reach, made

UNREADABLE = {
    "nested": b'{"a":' * 60_000 + b"1" + b"}" * 60_000,
    "lists": b"[" * 60_000,
    "no UTF-8": b'{"resultCode":"MKT.0000","a":"\xff"}',
    "UTF-16": '{"resultCode":"MKT.0000"}'.encode("utf-16"),
    "twice": b'{"resultCode":"MKT.0000","resultCode":"MKT.0999"}',
    "NaN": b'{"resultCode":"MKT.0000","a":NaN}',
    "long number": b'{"resultCode":"MKT.0000","a":' + b"9" * 1_000_000 + b"}",
    "exponent": b'{"resultCode":"MKT.0000","a":1E+99999999999999999999}',
    "list": b'["MKT.0000"]',
    "half": b'{"resultCode":"MKT.0000"',
    "nothing": b"",
}
"""Bodies of answers that cannot be read, some of which end a careless reader."""


@dataclass
class HandlerClient:
    """An ``HttpClient`` that hands each request to ``handle`` and keeps it in ``requests``.

    What ``handle`` raises reaches the caller. ``hosts`` tells where each request would have gone, ``reaches``
    where it might have, ``repeatable`` whether twice, ``left`` how many seconds it was given.
    """

    handle: Callable[[HttpRequest], HttpResponse]
    requests: list[HttpRequest] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    repeatable: list[bool] = field(default_factory=list)
    reaches: list[Reach] = field(default_factory=list)
    left: list[float] = field(default_factory=list)

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Headers,
        deadline: Deadline,
        body: bytes = b"",
        repeatable: bool = False,
        reach: Reach = Reach.ANYWHERE,
    ) -> HttpResponse:
        parts = urlsplit(url)
        request = HttpRequest(
            method=method,
            path=parts.path or "/",
            query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
            headers={"host": parts.netloc} | {name.lower(): value for name, value in made(headers).items()},
            body=body,
        )
        self.requests.append(request)
        self.hosts.append(parts.netloc)
        self.repeatable.append(repeatable)
        self.reaches.append(reach)
        self.left.append(deadline.left())
        return self.handle(request)
