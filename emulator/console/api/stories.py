"""The story of an instance, two calls side by side, and the filters that readers keep."""

from typing import Any

from emulator.console.api import documents
from emulator.console.api.blueprint import api, market, missing
from emulator.console.calls.compare import compared
from emulator.console.calls.saved_views import SavedView
from emulator.console.console_context import context, number
from emulator.console.instances.events import LoggedCall, StoryEvent
from emulator.console.instances.stages import Stage
from emulator.console.instances.story import story
from shared.instance.history import TOLD, Happening


@api.get("/instances/<instance_id>/story")
def instance_story(instance_id: str) -> dict[str, Any]:
    """What happened to an instance up to ``step``, a place in ``times`` from 0; without one, to its latest moment."""
    whole_story = story(market(), context().seller, instance_id) or missing()
    found = whole_story.at(number("step", len(whole_story.times) - 1))
    return {
        **documents.members(found, "instance_id", "step", "paid", "cut"),
        "times": [documents.moment(each) for each in found.times],
        "stage": _stage(found.stage) if found.stage else None,
        "stages": [_stage(each) for each in found.stages],
        "orders": [documents.order(each) for each in found.orders],
        "events": [_event(each) for each in found.events],
    }


@api.get("/calls/compare")
def compare() -> dict[str, Any]:
    """The calls ``left`` and ``right`` beside one another."""
    left, right = (market().timeline.get(number(name)) or missing() for name in ("left", "right"))
    parts = compared(left, right).items()
    return {name: [documents.members(each, "name", "left", "right", "same") for each in pairs] for name, pairs in parts}


@api.get("/views")
def views() -> dict[str, Any]:
    """The filters that are kept by name."""
    return {"views": [{"name": each.id, "filters": each.filters} for each in market().database.all(SavedView)]}


def _stage(found: Stage) -> dict[str, Any]:
    led = {"state": found.status, "orderId": found.order.number if found.order else ""}
    return documents.members(found, "at", "name", "plan", "quantity", "expires_at") | led


def _event(found: StoryEvent) -> dict[str, Any]:
    """The member that ``kind`` names is there; a call has its ``attempts`` alone."""
    told = {
        "order": found.order and documents.order(found.order),
        "message": found.message and documents.message(found.message),
        "mail": found.mail and documents.mail(found.mail),
        "change": found.change and _change(found.change),
    }
    known = {name: value for name, value in told.items() if value}
    return {"at": documents.moment(found.at), "kind": found.kind, **known, "attempts": [*map(_attempt, found.attempts)]}


def _attempt(found: LoggedCall) -> dict[str, Any]:
    changed, logged = [*map(_change, found.changed)], [*map(documents.log_line, found.logged)]
    return {"call": documents.call_line(found.call), "changed": changed, "log": logged}


def _change(found: Happening) -> dict[str, Any]:
    """As the seller's side wrote it into the instance's history."""
    return documents.members(found, "at", *TOLD)
