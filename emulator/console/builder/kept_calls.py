"""Composed calls that are kept in the marketplace's file: named ones, and the latest that were sent."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from emulator.composer import CallWish, ComposedInterface, interface
from emulator.marketplace.storage.database import Database, Document
from shared.commands import Version

LATEST = 10
"""Calls without a name that are kept."""


class KeptCall(Document):
    """A call somebody composed. ``name`` is empty for one that was only sent; ``number``: its latest call's."""

    name: str = ""
    version: Version
    call: str
    values: tuple[tuple[str, str], ...]
    real: bool = False
    code: str = ""
    at: datetime
    number: int = 0

    @property
    def wish(self) -> CallWish:
        """What is to be sent; a call that no page knows any more has no fields that are known."""
        call = interface(self.version, self.call) or ComposedInterface(self.version, self.call, ())
        return CallWish(call, dict(self.values), self.real, self.code)


def kept_calls(database: Database) -> Sequence[KeptCall]:
    """The named ones by name, then the others, the newest first."""
    found = database.all(KeptCall)
    named = sorted((each for each in found if each.name), key=lambda each: each.name)
    return [*named, *sorted((each for each in found if not each.name), key=lambda each: each.at, reverse=True)]


def keep(
    database: Database, wish: CallWish, at: datetime, *, name: str = "", number: int = 0, call_id: str = ""
) -> KeptCall:
    """Keep a call, over one of the same id or name; of those without a name only the latest stay."""
    same = next((each.id for each in kept_calls(database) if name and each.name == name), "")
    kept = KeptCall(
        id=call_id or same or secrets.token_hex(6),
        name=name,
        version=wish.call.version,
        call=wish.call.name,
        values=tuple(wish.values.items()),
        real=wish.real,
        code=wish.code,
        at=at,
        number=number,
    )
    with database.changing():
        database.put(kept)
        for old in [each for each in kept_calls(database) if not each.name][LATEST:]:
            database.drop(KeptCall, old.id)
    return kept
