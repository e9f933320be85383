"""Intake from a queue: SQS messages, answered with a partial batch response.

A message holds one event or ``{"events": [...]}``. One that cannot be stored now, cannot be read, or holds an event
that is rejected is reported as failed: the queue hands it out again (what was taken in is a duplicate then) and, after
as many attempts as its redrive policy allows, keeps it in its dead-letter queue. So nothing is lost, and with a
dead-letter queue nothing is retried for ever. What was rejected is alarmed each time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared import log
from shared.errors import InvalidParameter, Unavailable
from shared.json_object import read_object
from shared.metering.intake import MOST, take_in
from shared.runtimes.wire import mapping

if TYPE_CHECKING:
    from shared.app import App


@dataclass(frozen=True, slots=True)
class QueueMessage:
    """A queue's message with its events."""

    message_id: str
    events: Sequence[Any]


def from_queue(app: "App", records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Take in the events of SQS ``records``, all together in as few calls as may be; the ids of the failed messages."""
    failed: list[str] = []
    for messages in _grouped(_readable(records, failed)):
        failed += _take_in(app, messages)
    return failed


def events_of(members: Mapping[str, Any]) -> Sequence[Any]:
    """The events in the JSON ``members`` of a call.

    :raises InvalidParameter: it has none.
    """
    events = members.get("events")
    if not isinstance(events, list):
        raise InvalidParameter('send {"events": [{"id", "instanceId", "time", "value"}, ...]}')
    if len(events) > MOST:
        raise InvalidParameter(f"send at most {MOST} events in one call")
    return events


def _readable(records: Iterable[Mapping[str, Any]], failed: list[str]) -> Iterator[QueueMessage]:
    for record in map(mapping, records):
        message_id = str(record.get("messageId", ""))
        try:
            members = read_object(str(record.get("body")).encode("utf-8", "replace"))
            events = events_of(members) if "events" in members else [members]
        except InvalidParameter as error:
            log.alarm("a queue message cannot be read", request_id=message_id, reason=str(error))
            failed.append(message_id)
        else:
            yield QueueMessage(message_id, events)


def _grouped(messages: Iterable[QueueMessage]) -> Iterator[list[QueueMessage]]:
    group: list[QueueMessage] = []
    size = 0
    for message in messages:
        if size + len(message.events) > MOST:
            yield group
            group, size = [], 0
        group.append(message)
        size += len(message.events)
    if group:
        yield group


def _take_in(app: "App", messages: Sequence[QueueMessage]) -> list[str]:
    owners = [message.message_id for message in messages for _ in message.events]
    try:
        intake = take_in(app, [event for message in messages for event in message.events])
    except Unavailable as error:
        log.event("failed", error=type(error).__name__, reason=str(error), interface="usage")
        return [message.message_id for message in messages]
    except Exception as error:  # noqa: BLE001 - the other messages are taken in all the same
        log.failure("unforeseen error", error, interface="usage")
        return [message.message_id for message in messages]
    intake.tell()
    reasons: dict[str, list[str]] = {}
    for each in intake.rejected:
        reasons.setdefault(owners[each.index], []).append(each.reason.value)
    for message_id, found in reasons.items():
        log.alarm(
            "usage was rejected", request_id=message_id, rejected=len(found), reason=", ".join(sorted(set(found)))
        )
    return list(reasons)
