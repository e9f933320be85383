"""What was used, as far as the console said so to the bundle's intake: by the hour, in the market's book."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from emulator.marketplace.ids import Ids
from emulator.marketplace.storage.database import Database, Document
from emulator.seller.application import SellerApplication, usage_event

MOST = 1000
HOUR = timedelta(hours=1)


class UsedHour(Document):
    """What an instance used in the hour that begins at ``hour``, UTC."""

    owned_by = "instance_id"
    instance_id: str
    hour: datetime
    value: Decimal = Decimal(0)
    events: int = 0


class RecordedUse(NamedTuple):
    """``times`` events of ``value`` each at one moment, out of a package if given."""

    instance_id: str
    at: datetime
    value: Decimal
    times: int = 1
    package: str = ""


def hour_of(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def post(application: SellerApplication, database: Database, ids: Ids, use: RecordedUse) -> Mapping[str, Any]:
    """Tell the bundle, and keep what it accepted; the answer's members.

    :raises ConnectionError: it took nothing; the text says why.
    """
    events = [
        usage_event(ids.hexadecimal("usage event"), use.instance_id, use.at, use.value, use.package)
        for _ in range(use.times)
    ]
    answer = application.post_usage(events)
    if accepted := int(answer["accepted"]):
        keep(database, use, accepted)
    return answer


def refusals(answer: Mapping[str, Any]) -> Counter[str]:
    """How many events the intake rejected, by its reasons."""
    return Counter(str(each["reason"]) for each in answer["rejected"])


def used(database: Database, instance_id: str) -> Mapping[datetime, UsedHour]:
    """An instance's hours, by their begin."""
    return {each.hour: each for each in database.all(UsedHour, instance_id)}


def keep(database: Database, use: RecordedUse, accepted: int) -> None:
    """Note that so many events of a use were taken in."""
    hour = hour_of(use.at)
    key = f"{use.instance_id} {hour:%Y%m%dT%H}"
    with database.changing():
        before = database.get(UsedHour, key) or UsedHour(id=key, instance_id=use.instance_id, hour=hour)
        more = {"value": before.value + use.value * accepted, "events": before.events + accepted}
        database.put(before.model_copy(update=more))
