"""Many conditional writes at once: what engines have in common."""

from collections.abc import Callable, Iterable

from shared.clock import Deadline
from shared.errors import Unavailable
from shared.store.items import checked, checked_key
from shared.store.table import Exists, Item, Outcome, Stale, Write

NOT_BEGUN = Unavailable("no time was left for a write")


def apart(writes: Iterable[Write]) -> list[Write]:
    """The writes, if their keys are different.

    :raises ValueError: two are of one key, so that the outcome would depend on their order.
    """
    listed = list(writes)
    if len({(write.item["pk"], write.item["sk"]) for write in listed}) < len(listed):
        raise ValueError("a key must not be written twice at once")
    return listed


def all_checked(writes: Iterable[Write]) -> list[Write]:
    """The writes, if every engine can carry them out; for an engine that does not look at all before it begins.

    :raises ValueError, TypeError: not so.
    """
    listed = apart(writes)
    for write in listed:
        if write.kind == "delete":
            checked_key(write.item["pk"], write.item["sk"])
        else:
            for each in (write.item, *write.beside):
                checked(each)
    return listed


def written(write: Write) -> Item:
    """What its method returns, if it is carried out."""
    match write.kind:
        case "create":
            return {**write.item, "version": 1}
        case "replace":
            return {**write.item, "version": write.item["version"] + 1}
    return write.item


def returned(outcome: Outcome) -> Item:
    """What became of the only write, as its own method tells it."""
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def carried_out(do: Callable[[Write], Item], write: Write, deadline: Deadline | None) -> Outcome:
    """The outcome of one write, which ``do`` carries out alone: for an engine that knows no better."""
    if deadline is not None and not deadline.left():
        return NOT_BEGUN
    try:
        return do(write)
    except (Exists, Stale, Unavailable) as error:
        return error.with_traceback(None)
