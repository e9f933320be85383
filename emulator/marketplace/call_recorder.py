"""Writes what the seller's side asks of the marketplace into the timeline."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from emulator.marketplace.delivery.call import Direction, Family, ReceivedAnswer, RecordedCall, SentRequest
from emulator.marketplace.storage.timeline import Timeline
from emulator.texts import Text
from emulator.wire.faults import MET
from emulator.wire.server import Handle
from shared.clock import Clock
from shared.http import HttpRequest, HttpResponse

_CODES = ("resultCode", "result_code", "error_code", "error")
"""Where the open APIs and the sign-in server say what became of a call."""


class CallSubject(NamedTuple):
    """The order and the instance that a request is about."""

    order_id: str = ""
    instance_id: str = ""


def recorded(handle: Handle, timeline: Timeline, clock: Clock, family: Family) -> Handle:
    """``handle``, each of whose calls stands in the timeline once it has been answered, or has not been."""

    def front(request: HttpRequest) -> HttpResponse:
        at, started, subject = clock.now(), time.monotonic(), _SUBJECTS.get(family, _nobody)(request)
        received = ReceivedAnswer(problem=Text("reasons.dropped"))
        MET.set("")
        try:
            response = handle(request)
            headers = tuple(response.headers.items())
            received = ReceivedAnswer(status=response.status, headers=headers, body=response.body)
            return response
        finally:
            call = RecordedCall(
                at=at,
                direction=Direction.IN,
                family=family,
                fault=MET.get(),
                activity=request.path.rstrip("/").rpartition("/")[2],
                sent=SentRequest.of(request),
                received=received.model_copy(
                    update={"milliseconds": round((time.monotonic() - started) * 1000, 2), "injected": bool(MET.get())}
                ),
                code=_code(received.body),
                order_id=subject.order_id,
                instance_id=subject.instance_id,
            )
            timeline.add(call)

    return front


def _of_order(request: HttpRequest) -> CallSubject:
    return CallSubject(order_id=request.first("orderId") or "")


def _of_usage(request: HttpRequest) -> CallSubject:
    """A usage push names many instances; the first stands for them."""
    try:
        document: Any = json.loads(request.body)
    except ValueError:
        return CallSubject()
    records = next((value for value in document.values() if isinstance(value, list)), []) if _is(document) else []
    first = records[0] if records and _is(records[0]) else {}
    named = first.get("instance_id") or first.get("instanceId") or ""
    return CallSubject(instance_id=named) if isinstance(named, str) else CallSubject()


def _nobody(_request: HttpRequest) -> CallSubject:
    """Sign-in is about people, who stand in no list."""
    return CallSubject()


_SUBJECTS: Mapping[Family, Callable[[HttpRequest], CallSubject]] = {Family.ORDERS: _of_order, Family.USAGE: _of_usage}


def _is(value: object) -> bool:
    return isinstance(value, dict)


def _code(body: bytes) -> str:
    try:
        document = json.loads(body)
    except ValueError:
        return ""
    found = (document[name] for name in _CODES if name in document) if _is(document) else iter(())
    return str(next(found, ""))
