"""A bill from the seller console: any columns, any way of writing a time."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from shared.errors import InvalidParameter
from shared.metering.reconciliation.bill import BillLine, read_bill
from shared.metering.reconciliation.spreadsheet import sheets, text_sheets

BEIJING = timezone(timedelta(hours=8))
BEGIN, END = datetime(2026, 11, 20, 8, tzinfo=UTC), datetime(2026, 11, 20, 9, tzinfo=UTC)
LINE = BillLine("meter-1", BEGIN, END, Decimal("1234.5"))


def lines(text: str, **named: str) -> list[BillLine]:
    return read_bill(text_sheets(text), named, BEIJING)


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
        ("instance,begin,end,value\nmeter-1,yesterday,20261120T090000Z,1\n", {}, "line 2 of the bill"),
        ("instance,begin,end,value\nmeter-1,20261120T080000Z,20261120T090000Z,much\n", {}, "line 2 of the bill"),
        ("instance,begin,end,value\nmeter-1,20261120T080000Z,20261120T090000Z,NaN\n", {}, "line 2 of the bill"),
        ("instance,begin,end,value\nmeter-1\n", {}, "line 2 of the bill"),
    ],
)
def test_what_cannot_be_read_is_told(text, named, problem):
    with pytest.raises(InvalidParameter, match=problem):
        lines(text, **named)


HEADER = "实例ID,开始时间,结束时间,使用量\n"
ROW = "meter-1,2026/11/20 16:00,2026/11/20 17:00,1234.5\n"


@pytest.mark.parametrize(
    "text",
    [
        "实例ID\t,\t开始时间,结束时间\u3000,使用量\n" + ROW,
        HEADER + ROW + "合计,,,1234.5\n",
        HEADER + ROW + ",,,\n\n,,,1234.5\n",
        "序号,实例ID,开始时间,结束时间,使用量\n1," + ROW + "合计：,,,,1234.5\n",
        HEADER + ROW + "Total,,,1234.5\n",
        HEADER + ROW + HEADER,
        "账单明细,,,\n导出时间：2026/11/21,,,\n" + HEADER + ROW,
        HEADER + 'meter-1,2026/11/20 16:00 GMT+08:00,2026/11/20 17:00 GMT+08:00,"1,234.5"\n',
        "实例ID,开始时间(GMT+00:00),结束时间（UTC）,使用量（次）\nmeter-1,2026/11/20 8:00,2026/11/20 9:00,1234.5\n",
        HEADER + 'meter-1,2026年11月20日 16:00,2026年11月20日17时00分,"1,234.50"\n',
        HEADER + 'meter-1,2026/11/20 下午4:00,2026/11/20 5:00:00 PM,"1,234.50"\n',
        HEADER + '="meter-1","=""2026/11/20 16:00""",\'2026/11/20 17:00,\'1234.5\n',
        HEADER + "meter-1,46346.6666666667,46346.7083333333,1234.5\n",
        "实例ID,使用时间,使用量\nmeter-1,2026/11/20 16:00 ~ 2026/11/20 17:00,1234.5\n",
        "实例ID,使用时间,使用量\nmeter-1,2026-11-20 16:00:00-17:00:00,1234.5\n",
        "实例ID,计费时间,使用量\nmeter-1,2026/11/20 8:00 至 2026/11/20 9:00 (UTC),1234.5\n",
        "sep=;\n" + (HEADER + ROW).replace(",", ";"),
        (HEADER + ROW).replace(",", ";").replace("1234.5", "1.234,5"),
        (HEADER + ROW).replace(",", ";"),
        (HEADER + ROW).replace(",", "\t").replace("1234.5", '"1,234.5"'),
        (HEADER + ROW).replace(",", "|"),
        (HEADER + ROW).replace("\n", "\r\n"),
        "\ufeff" + HEADER + ROW,
    ],
)
def test_a_bill_saved_again_by_a_spreadsheet(text):
    assert lines(text) == [LINE]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_the_encoding_is_found(encoding):
    assert read_bill(sheets((HEADER + ROW).encode(encoding)), {}, BEIJING) == [LINE]


def test_the_end_of_a_day_may_be_24_hours():
    text = HEADER + "meter-1,2026/11/20 00:00,2026/11/20 24:00,1\n"
    assert lines(text) == [BillLine("meter-1", BEGIN - timedelta(hours=16), BEGIN + timedelta(hours=8), Decimal(1))]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (
            "meter-1,11/2/2026 8:00,2026/11/20 17:00,1",
            "line 2 of the bill: begin cannot be read, write it as text, like ",
        ),
        ("meter-1,26/11/20 8:00,2026/11/20 17:00,1", "begin cannot be read"),
        ("meter-1,2026/13/20 8:00,2026/11/20 17:00,1", "begin cannot be read"),
        ("meter-1,2026/11/20 8:00,2.02611E+13,1", "end cannot be read"),
        ("meter-1,2026/11/20 8:00,2026/11/20 24:30,1", "end cannot be read"),
        ("meter-1,2026/11/20 8:00,2026/11/20 17:00,1;5", "value cannot be read, write it like 1234.5"),
        ('meter-1,2026/11/20 8:00,2026/11/20 17:00,"1,5"', "value cannot be read"),
        ("meter-1,2026/11/20 8:00,2026/11/20 17:00,1E+99999999999999999999", "value cannot be read"),
        ("meter-1,2026/11/20 8:00,2026/11/20 17:00,1E+99", "value cannot be read"),
        ("meter-1,2026/11/20 8:00,2026/11/20 17:00,", "value is missing"),
        (",2026/11/20 8:00,2026/11/20 17:00,1", "instance is missing"),
        ("meter-1,,,1", "begin is missing"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(row, problem):
    with pytest.raises(InvalidParameter, match=problem):
        lines(f"{HEADER}{row}\n")


def test_a_number_that_could_be_a_thousand_times_as_much():
    with pytest.raises(
        InvalidParameter, match="line 2 of the bill: value cannot be read, it could be a thousand times"
    ):
        lines((HEADER + ROW).replace(",", ";").replace("1234.5", "1.234"))


def test_every_row_that_cannot_be_read_is_named_up_to_ten():
    with pytest.raises(InvalidParameter) as refused:
        lines(HEADER + ROW + "meter-1,,,much\n" * 12)
    told = str(refused.value).splitlines()
    assert [line.split(":")[0] for line in told[:2]] == ["line 3 of the bill", "line 4 of the bill"]
    assert (len(told), told[-1]) == (11, "and 2 more")


def test_a_quotation_mark_that_stands_alone_does_not_swallow_rows():
    with pytest.raises(InvalidParameter, match="after line 2 of the bill a quotation mark stands alone"):
        lines(HEADER + ROW + '"meter-1,2026/11/20 16:00,2026/11/20 17:00,1\n' + ROW)


@pytest.mark.parametrize("start", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x05\x06" + bytes(18)])
def test_a_workbook_is_to_be_saved_as_csv(start):
    with pytest.raises(InvalidParameter, match="workbook: save it as CSV"):
        list(sheets(start))
