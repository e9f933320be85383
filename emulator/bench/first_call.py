"""The first purchase of a new process as Lambda runs it: start, then a call with as much processor as memory buys.

The keys are references to a secret, as in ``template.yaml``. What a start takes without a call is in :mod:`cold`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from emulator.bench.market import SETTINGS, Market1
from emulator.bench.requests import PREFIX
from emulator.bench.runtime_api import FirstCall, first_call
from emulator.bench.timing import BenchError, Size, Timing, Track
from emulator.platforms.engines import ENVIRONMENT
from emulator.platforms.event_shapes import api_gateway_rest
from shared.clock import SystemClock

HANDLER = "functions.gateway.handler"
FULL, OF_512_MB = 1.0, 0.29
"""Shares of a processor: a whole one is that of 1,769 MB."""
_SECRET = "bench"
_PLAIN = ("KOOGALLERY_PROVISIONER",)


@dataclass(frozen=True)
class FirstCallFigures:
    """At a share of a processor: from the start of the process to the wait for a call, for the call, and both."""

    share: float
    init: Timing
    call: Timing
    cold: Timing


def measure(endpoint: str, size: Size, track: Track) -> list[FirstCallFigures]:
    """Measure in turns; the tables at ``endpoint``, which keeps secrets too, are there already.

    :raises BenchError: the function does not start, or answers otherwise than it must.
    """
    _keep_secret(endpoint)
    shares, environment = (FULL, OF_512_MB), _environment(endpoint)
    calls: dict[float, list[FirstCall]] = {share: [] for share in shares}
    for share in track(shares * size.starts, "first calls"):
        calls[share].append(_call(environment, share))
    return [_row(share, calls[share]) for share in shares]


def _call(environment: Mapping[str, str], share: float) -> FirstCall:
    event = api_gateway_rest(Market1(SystemClock()).purchase(f"CS{uuid4().hex}"))
    called = first_call(HANDLER, event, environment, share=share)
    if '"000000"' not in called.answer["body"]:
        raise BenchError(f"first call: {called.answer['body']}")
    return called


def _row(share: float, calls: list[FirstCall]) -> FirstCallFigures:
    init, call = [each.init for each in calls], [each.call for each in calls]
    both = [each.init + each.call for each in calls]
    return FirstCallFigures(share, *(Timing([times]) for times in (init, call, both)))


def _keep_secret(endpoint: str) -> None:
    import boto3

    client: Any = boto3.client("secretsmanager", endpoint_url=endpoint)
    client.create_secret(Name=_SECRET, SecretString=json.dumps(SETTINGS))


def _environment(endpoint: str) -> dict[str, str]:
    references = {name: f"secretsmanager:{_SECRET}#{name}" for name in SETTINGS if name not in _PLAIN}
    return {
        **ENVIRONMENT,
        **{name: SETTINGS[name] for name in _PLAIN},
        **references,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_SAM_LOCAL": "true",  # on a platform the published keys would be refused
        "KOOGALLERY_STORE": "dynamodb",
        "KOOGALLERY_TABLE_PREFIX": PREFIX,
    }
