"""Writes what the seller's side asks of the marketplace into the timeline."""

import time

from emulator.marketplace.delivery.call import Direction, Family, ReceivedAnswer, RecordedCall, SentRequest
from emulator.marketplace.storage.timeline import Timeline
from emulator.texts import Text
from emulator.wire.calls import json_object
from emulator.wire.faults import MET
from emulator.wire.server import Handle
from shared.clock import Clock
from shared.http import HttpRequest, HttpResponse

_CODES = ("resultCode", "result_code", "error_code", "error")
"""Where the open APIs and the sign-in server say what became of a call."""


def recorded(handle: Handle, timeline: Timeline, clock: Clock, family: Family) -> Handle:
    """``handle``, each of whose calls stands in the timeline once it has been answered, or has not been."""

    def front(request: HttpRequest) -> HttpResponse:
        at, started = clock.now(), time.monotonic()
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
                order_id=(request.first("orderId") or "") if family is Family.ORDERS else "",
                instance_id=_instance(request.body) if family is Family.USAGE else "",
            )
            timeline.add(call)

    return front


def _instance(body: bytes) -> str:
    """A usage push names many instances; the first stands for them."""
    records = next((value for value in json_object(body).values() if isinstance(value, list)), [])
    first = records[0] if records and isinstance(records[0], dict) else {}
    named = first.get("instance_id") or first.get("instanceId")
    return named if isinstance(named, str) else ""


def _code(body: bytes) -> str:
    members = json_object(body)
    return str(next((members[name] for name in _CODES if name in members), ""))
