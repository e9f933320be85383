"""Where instances are found without reading all of them.

A hint is a small item that names an instance under what it is looked up by. It stands beside the instance, and it is
*only* a hint: whoever follows it reads the instance and sees whether it is so (still). So a hint that was left
behind, by a crash or by the instance's next change, never shows anything wrong, and writing one again is harmless.

| looked up by      | pk               | sk                      |
|-------------------|------------------|-------------------------|
| state and expiry  | ``listing``      | state, expiry, instance |
| customer          | ``customer#ID``  | instance                |
| user              | ``user#DIGEST``  | instance                |

By order it is found in the order book (:mod:`shared.orders.book`).
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime

from shared.clock import epoch_ms
from shared.instance.record import InstanceRecord
from shared.store.keys import joined
from shared.store.table import Item

LISTING = "listing"
ENDLESS = "endless"
"""In place of an expiry; behind all of them."""


def hints(record: InstanceRecord, now: datetime) -> Iterator[Item]:
    """What an instance is found by."""
    yield {"pk": LISTING, "sk": listed_as(record), "at_ms": epoch_ms(now)}
    if record.customer_id:
        yield _hint("customer", record.customer_id, record)
    if record.user_digest:
        yield _hint("user", record.user_digest, record)


def listed_as(record: InstanceRecord) -> str:
    """The sort key of an instance in the listing."""
    return joined(record.state.value, expiry_text(record.expires_at), record.instance_id)


def expiry_text(expires_at: datetime | None) -> str:
    """To whole seconds, so that the order of the texts is that of the times."""
    return expires_at.replace(tzinfo=None).isoformat(timespec="seconds") if expires_at else ENDLESS


def digest(user_id: str) -> str:
    """A user is looked up by a digest: who the buyer is stays nowhere in plain."""
    return hashlib.sha256(user_id.encode()).hexdigest()


def _hint(kind: str, name: str, record: InstanceRecord) -> Item:
    return {"pk": joined(kind, name), "sk": joined(record.instance_id)}
