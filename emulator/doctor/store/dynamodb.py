"""What only a DynamoDB-compatible service has: expiry that must be switched on, and a clock of its own."""

from collections.abc import Iterator
from functools import partial

from emulator.doctor.diagnosis import Diagnosis, graded, ok, warning
from emulator.doctor.patient import Patient
from emulator.doctor.skew import skew
from shared.aws.credentials import Credentials, current_credentials
from shared.aws.service import Service, ServiceError
from shared.errors import KooGalleryError, Unavailable
from shared.outbound import Reach
from shared.store.dynamodb.client import DYNAMODB
from shared.store.dynamodb.schema import KNOWS_NO_TTL, definitions

MOST = 300.0
"""Seconds of difference above which AWS refuses a signature."""
_NEITHER = ("ResourceNotFoundException", "AccessDeniedException")


def service(patient: Patient) -> Iterator[Diagnosis]:
    """Is what has expired removed, and do the clocks agree?"""
    settings = patient.settings
    if settings.store[0] != "dynamodb":
        return
    given = settings.dynamodb_credentials
    credentials = partial(Credentials, *given) if given else current_credentials
    asked = Service(DYNAMODB, settings.dynamodb_endpoint, None, credentials)
    names = [each["TableName"] for each in definitions(settings.table_prefix, settings.single_table)]
    yield from _removal(asked, names)
    apart = skew(patient, asked.url, Reach.OWN_NETWORK)
    if apart is not None and abs(apart) > MOST / 10:
        yield graded("store.clock", severe=abs(apart) > MOST, seconds=f"{abs(apart):.0f}")


def _removal(asked: Service, names: list[str]) -> Iterator[Diagnosis]:
    kept = []
    for name in names:
        try:
            told = asked.call("DescribeTimeToLive", {"TableName": name}).get("TimeToLiveDescription") or {}
        except ServiceError as problem:
            if problem.code in KNOWS_NO_TTL:
                yield warning("store.no-ttl")
                return
            if problem.code not in _NEITHER:
                raise Unavailable(f"the store answered {problem.code}") from None
            continue
        except KooGalleryError:
            return  # store.reach
        if told.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING") or told.get("AttributeName") != "expires":
            kept.append(name)
    if kept:
        yield warning("store.ttl", tables=", ".join(kept))
    else:
        yield ok("store.expires")
