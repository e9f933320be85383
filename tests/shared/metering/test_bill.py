"""A bill from the seller console: any columns, any way of writing a time."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from io import StringIO

import pytest

from shared.errors import InvalidParameter
from shared.metering.bill import BillLine, read_bill

BEIJING = timezone(timedelta(hours=8))
BEGIN, END = datetime(2026, 11, 20, 8, tzinfo=UTC), datetime(2026, 11, 20, 9, tzinfo=UTC)
LINE = BillLine("meter-1", BEGIN, END, Decimal("1234.5"))


def lines(text: str, **named: str) -> list[BillLine]:
    return list(read_bill(StringIO(text), named, BEIJING))


@pytest.mark.parametrize(
    "header",
    [
        "instance_id,begin_time,end_time,usage_value",
        "Instance ID,Start Time,End Time,Usage",
        "instanceId,beginTime,endTime,usageValue",
        "实例ID,开始时间,结束时间,使用量",
    ],
)
def test_likely_columns_are_found(header):
    assert lines(f'{header}\nmeter-1,20261120T080000Z,20261120T090000Z,"1,234.50"\n') == [LINE]


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("20261120T080000Z", "20261120T090000Z"),
        ("2026-11-20T08:00:00Z", "2026-11-20T17:00:00+08:00"),
        ("2026-11-20 16:00:00", "2026/11/20 17:00:00"),
        ("20261120160000", "2026-11-20 17:00"),
    ],
)
def test_times(begin, end):
    assert lines(f"instance,begin,end,value\nmeter-1,{begin},{end},1234.5\n") == [LINE]


def test_other_columns_are_named():
    text = "Who,From,Until,How much,value\nmeter-1,20261120T080000Z,20261120T090000Z,1234.5,not this\n"
    assert lines(text, instance="Who", begin="From", end="Until", value="How much") == [LINE]


@pytest.mark.parametrize(
    ("text", "named", "problem"),
    [
        ("instance,begin,end,amount\n", {}, "which column of the bill is value.* instance, begin, end, amount"),
        ("instance,begin,end,value\n", {"value": "amount"}, "which column of the bill is value"),
        ("", {}, "which column of the bill is instance"),
        ("instance,begin,end,value\nmeter-1,yesterday,20261120T090000Z,1\n", {}, "line 2 of the bill"),
        ("instance,begin,end,value\nmeter-1,20261120T080000Z,20261120T090000Z,much\n", {}, "line 2 of the bill"),
        ("instance,begin,end,value\nmeter-1,20261120T080000Z,20261120T090000Z,NaN\n", {}, "line 2 of the bill"),
        ("instance,begin,end,value\nmeter-1\n", {}, "line 2 of the bill"),
    ],
)
def test_what_cannot_be_read_is_told(text, named, problem):
    with pytest.raises(InvalidParameter, match=problem):
        lines(text, **named)
