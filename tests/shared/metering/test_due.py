"""What is due for slots, and how much of it an account takes at once."""

from datetime import timedelta
from decimal import Decimal

from shared.metering.accounts import Account
from shared.metering.due import MOST_PENDING, Known, charged, unbilled
from shared.metering.meter import Meter
from shared.metering.records import Record, RecordState
from shared.metering.slots import slot_of
from shared.usage_limits import MOST
from tests.shared.metering.market import START

SLOT = slot_of(START, daily=False)
METER = Meter("meter", START - timedelta(days=30))
NOW = START + timedelta(hours=5)


def record(number: int, exact: int, package: str | None = None, repair: int = 0) -> Record:
    amount = Decimal(exact)
    place = ("meter", SLOT.key, number, repair, SLOT.begin, SLOT.end)
    return Record(*place, amount, amount, package, None, RecordState.REPLACED, NOW)


def test_a_record_that_took_over_from_another_takes_nothing_off_the_events() -> None:
    before = [record(0, 1), record(0, 1, repair=1), record(1, 2, "package"), record(1, 2, "package", repair=1)]
    used = {None: Decimal(5), "package": Decimal(2)}
    assert unbilled(used, before) == {None: 4, "package": 0}


def test_an_account_takes_so_many_records_and_the_slot_at_hand_waits_with_those_behind() -> None:
    slots = [
        Known(METER, slot_of(START + timedelta(hours=hours), daily=False), {None: Decimal(used)}, [])
        for hours, used in ((0, 1), (1, MOST * MOST_PENDING), (2, 1))
    ]
    account, waiting = charged(Account("meter", pending=(record(7, 1),)), slots, NOW)
    assert (len(account.pending), waiting) == (MOST_PENDING, slots[1:])
    assert account.total == {"-": sum(each.exact for each in account.pending)}
