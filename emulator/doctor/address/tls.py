"""The certificate and the version of TLS (production interfaces, section 8: 1.2 or newer, of a public authority)."""

import socket
import ssl
import warnings
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

from emulator.doctor.diagnosis import Diagnosis, error, ok, warning
from emulator.doctor.patient import Patient
from emulator.texts import Text, verbatim
from emulator.wire.failures import why

SECONDS = 5.0
SOON = 21
"""Days before its end by which a certificate should have been renewed."""
_DAY = 86400
_NAMES = (62, 64)
_REASONS = {9: "early", 10: "expired", 18: "own"}
"""What OpenSSL calls the faults of a certificate by number; any other is one of the chain."""


def tls(patient: Patient) -> Iterator[Diagnosis]:
    """One connection as the marketplace makes it, and one as nobody should any more."""
    target = urlsplit(patient.url)
    if target.scheme != "https" or not target.hostname:
        return
    place = (target.hostname, target.port or 443)
    try:
        version, ends = _connected(place, ssl.create_default_context())
    except ssl.SSLCertVerificationError as problem:
        yield _certificate(problem, target.hostname)
    except ssl.SSLError as problem:
        old = _old(place)
        yield (
            error("address.tls-old-only", version=old)
            if old
            else error("address.tls", reason=verbatim(problem.reason or type(problem).__name__))
        )
    except TimeoutError:
        yield error("address.reach", reason=Text("reasons.timeout", seconds=f"{SECONDS:g}"))
    except OSError as problem:
        yield error("address.reach", reason=why(problem))
    else:
        days = int((ends - patient.clock.now().timestamp()) // _DAY)
        yield (
            ok("address.secure", version=version, days=days) if days >= SOON else warning("address.expiring", days=days)
        )
        if old := _old(place):
            yield warning("address.tls-old", version=old)


def _certificate(problem: ssl.SSLCertVerificationError, host: str) -> Diagnosis:
    if problem.verify_code in _NAMES:
        return error("address.certificate-name", host=host)
    reason = _REASONS.get(problem.verify_code, "chain")
    return error("address.certificate", reason=Text(f"doctor.certificate.{reason}"))


def _connected(place: tuple[str, int], context: ssl.SSLContext) -> tuple[str, float]:
    """The version agreed upon, and when the certificate ends (epoch seconds)."""
    plain = socket.create_connection(place, SECONDS)
    with closing(plain), context.wrap_socket(plain, server_hostname=place[0]) as secure:
        ends = (secure.getpeercert() or {}).get("notAfter")
        return secure.version() or "", ssl.cert_time_to_seconds(str(ends)) if ends else 0.0


def _old(place: tuple[str, int]) -> str:
    """The version below 1.2 that the server agrees to; empty if it refuses, or this machine cannot ask."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # nothing is sent
    try:
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
        return _connected(place, context)[0]
    except (OSError, ValueError):
        return ""
