"""How long the certificates last that the marketplace and the bundle see (production interfaces, section 8)."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shared.outbound import is_loopback
from shared.watch.findings import Finding
from shared.watch.round import Look

if TYPE_CHECKING:
    from shared.app import App

SECONDS = 5.0
SOON = 21 * 86_400
"""Seconds before its end by which a certificate should have been renewed."""


def ending_certificates(app: "App", _look: Look) -> Iterator[Finding]:
    """Of the production address and the seller's backend; what cannot be reached is another check's."""
    settings = app.settings
    urls = settings.known_url, settings.webhook_url
    places = {(each.hostname, each.port or 443) for each in map(urlsplit, urls) if each.scheme == "https"}
    for host, port in sorted((host, port) for host, port in places if host and not is_loopback(host)):
        if ends_at(host, port) - app.clock.now().timestamp() < SOON:
            yield Finding("certificate.ending", host)


def ends_at(host: str, port: int) -> float:
    """When the certificate ends, in epoch seconds; far away if nobody answers, now if it is not valid."""
    try:
        plain = socket.create_connection((host, port), SECONDS)
        with closing(plain), ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secure:
            return ssl.cert_time_to_seconds(str((secure.getpeercert() or {})["notAfter"]))
    except ssl.SSLCertVerificationError:
        return 0.0
    except (OSError, KeyError):
        return float("inf")
