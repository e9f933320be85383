"""``koogallery reseal``: what is sealed in the store is sealed anew with the newest key.

Each item is replaced by itself, if it is still the one that was read. So it may be ended at any time and begun again:
what has the newest key is left alone. It goes on beside calls, and waits for whoever is at work on an instance.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from shared import log
from shared.clock import epoch_ms
from shared.errors import ConfigurationError
from shared.instance.terms import stored_sold, with_sold
from shared.repair.again import PAUSE, as_it_is_now
from shared.store.cipher import SEALED, StorageCipher
from shared.store.items import alive, epoch_seconds
from shared.store.paging import whole
from shared.store.table import NAMES, Item, Stale, Table

if TYPE_CHECKING:
    from shared.app import App


class Seal(StrEnum):
    """What became of an item with something sealed in it. ``LOST``: no key opens it."""

    NEWEST = "newest"
    RESEALED = "resealed"
    OLD = "old"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Looked:
    """An item of a table was looked at; ``seal`` if something is sealed in it."""

    table: str
    seal: Seal | None


def resealed(app: "App", *, check_only: bool = False) -> Iterator[Looked]:
    """Look at every item of the store. ``check_only``: what has an older key is told as ``OLD``, and left."""
    cipher, sealed = StorageCipher(app.settings.storage_key), 0
    for name in NAMES:
        table = app.tables.table(name)
        for item in whole(table):
            seal = _seal_of(cipher, item) if check_only else _reseal(app, table, cipher, item)
            sealed += seal is Seal.RESEALED
            yield Looked(name, seal)
    if not check_only:
        log.event("the store was resealed", sealed=sealed)


def _seal_of(cipher: StorageCipher, item: Item) -> Seal | None:
    try:
        after = anew(item, cipher.resealed)
    except ConfigurationError:
        return Seal.LOST
    if after != item:
        return Seal.OLD
    return Seal.NEWEST if any(sealed_texts(item)) else None


def _reseal(app: "App", table: Table, cipher: StorageCipher, found: Item) -> Seal | None:
    key = found["pk"], found["sk"]
    for item in as_it_is_now(found, lambda: table.get(*key)):
        seal = _seal_of(cipher, item)
        if seal is not Seal.OLD:
            return seal
        if not alive(item, epoch_seconds(app.clock)):
            table.delete_many([key])  # a session that is over, which never comes back
            return Seal.RESEALED
        if item.get("lease_until_ms", 0) > epoch_ms(app.clock.now()):
            app.clock.sleep(PAUSE)
            continue
        with suppress(Stale):
            sold = stored_sold(item)
            after = anew(item, cipher.resealed)
            table.replace(with_sold(after, sold) if sold else after)
            return Seal.RESEALED
    return None


def anew(value: Any, seal: Callable[[str], str | None]) -> Any:
    """``value`` with each sealed text in it as ``seal`` makes it, unless that is ``None``."""
    if isinstance(value, dict):
        return {name: anew(each, seal) for name, each in value.items()}
    if isinstance(value, list):
        return [anew(each, seal) for each in value]
    if isinstance(value, str) and SEALED.fullmatch(value):
        return seal(value) or value
    return value


def sealed_texts(value: Any) -> Iterator[str]:
    """What is sealed in it, however deep."""
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from sealed_texts(each)
    elif isinstance(value, str) and SEALED.fullmatch(value):
        yield value
