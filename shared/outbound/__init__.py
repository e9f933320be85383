"""The HTTP client for all outgoing calls.

What the open API asks of its callers holds for every call: HTTPS with full verification of the certificate (metering
and open APIs, section 2.1). The trusted authorities are the system's; ``SSL_CERT_FILE`` names others.

Only this package knows how a deadline is kept, in which order hosts and addresses are tried, which connections are
kept, when a call is made again, and where it may lead. Its callers say until when, whether the call may be made twice,
whom the address comes from, and how they recognise an answer.
"""

from functools import cache

from shared.outbound.http_client import (
    LIMIT,
    ConnectionLost,
    ForbiddenAddress,
    Headers,
    HttpClient,
    NotConnected,
    Reach,
    host_of,
    is_loopback,
    made,
    parse_url,
)

__all__ = [
    "LIMIT",
    "ConnectionLost",
    "ForbiddenAddress",
    "Headers",
    "HttpClient",
    "NotConnected",
    "Reach",
    "aws_client",
    "host_of",
    "is_loopback",
    "made",
    "parse_url",
    "shared_client",
]

AWS_LIMIT = 64 << 20
"""Bytes of a batch of items as JSON: 16 MB of data, and the names of their kinds."""
AWS_KEPT = 64
"""Connections that wait for another call, as many as metering uses side by side."""


@cache
def shared_client() -> HttpClient:
    """The process's own client."""
    from shared.outbound.client import PooledClient

    return PooledClient()


@cache
def aws_client() -> HttpClient:
    """The process's own client for services that answer with more, and are asked more at once."""
    from shared.outbound.client import PooledClient

    return PooledClient(limit=AWS_LIMIT, kept=AWS_KEPT)
