"""``koogallery redrive events``: sends dead letters again, those of an instance in order, and removes what is taken.

They come late: the receiver tells by ``number`` that it has heard newer ones.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from shared import log
from shared.errors import ConfigurationError, Unavailable
from shared.instance.dead_letters import DeadLetter, dead_letters
from shared.instance.history import Happening
from shared.relay.receiver import NotTaken, Receiver
from shared.repair.step import RepairStep, StepResult

if TYPE_CHECKING:
    from shared.app import App


def redriven(app: "App", instance_id: str = "", *, dry_run: bool = False) -> Iterator[RepairStep]:
    """Send all, or those of one instance. What is not taken keeps back the later ones of its instance; a receiver that
    cannot be reached ends it.

    :raises ConfigurationError: nobody receives events.
    """
    receiver, table = Receiver(app.settings, app.clock), app.tables.table("instances")
    for _, letters in groupby(dead_letters(table, instance_id), key=lambda letter: letter.instance_id):
        for letter in letters:
            if dry_run:
                yield _step(letter, StepResult.WOULD)
                continue
            try:
                receiver.tell(letter.instance_id, letter.announcement)
            except NotTaken as problem:
                yield _step(letter, StepResult.FAILED, str(problem))
                break
            except (Unavailable, ConfigurationError) as problem:
                yield _step(letter, StepResult.FAILED, str(problem))
                return
            app.instances.note(letter.instance_id, _told(app, letter))
            table.delete_many([letter.key])
            yield _step(letter, StepResult.DONE)


def _told(app: "App", letter: DeadLetter) -> Happening:
    event = letter.announcement
    now, wish, by = app.clock.now(), f"event {event.number}", log.occasion()
    return Happening(now, "redrive", event.at_ms, wish, by, order_id=event.order_id, reason=event.kind)


def _step(letter: DeadLetter, result: StepResult, reason: str = "") -> RepairStep:
    told = letter.announcement
    return RepairStep(told.kind, result, letter.instance_id, told.order_id, reason)
