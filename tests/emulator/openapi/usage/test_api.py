"""The server side of the usage API: what it checks, what it bills, what goes wrong on demand."""

import base64
import hmac
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from emulator.marketplace.faults.fault_list import USAGE_FAULTS
from emulator.openapi.lockout import LOCK_AFTER, LOCK_FOR
from emulator.openapi.usage.api import MAX_BODY
from emulator.openapi.usage.behaviour import UsageBehaviour
from emulator.openapi.usage.bill import as_csv, collection_after
from emulator.openapi.usage.instances import Bought
from emulator.openapi.usage.refusals import CALLS, RECORDS, UsageDialect
from emulator.wire.faults import Fault
from shared.clock import epoch_ms
from shared.errors import Unavailable
from shared.http import HttpRequest
from shared.openapi.usage_push import NEW, OLD, PushAnswer, UsageRecord
from shared.provisioning import Charging
from tests.emulator.openapi.usage.seller import KEY, NOW, START, Seller, record


@pytest.fixture
def seller() -> Seller:
    return Seller()


def test_a_push_is_accepted_and_counted(seller: Seller) -> None:
    assert seller.push(record(), record("sn-2", "i-2", usage_value=Decimal("0.0001"))) == PushAnswer("0000", 200)
    assert seller.last == {"error_code": "MKT.0000", "error_msg": "success"}
    assert (seller.api.records.total("i-1"), seller.api.records.total("i-2")) == (Decimal("1.5"), Decimal("0.0001"))
    assert seller.api.records.total("i-3") == 0
    assert list(seller.api.statuses) == [200]


# Who is let in.


def header(name: str, value: str | None) -> Callable[[HttpRequest], HttpRequest]:
    def spoil(request: HttpRequest) -> HttpRequest:
        kept = {key: each for key, each in request.headers.items() if key != name}
        return replace(request, headers=kept | ({name: value} if value is not None else {}))

    return spoil


@pytest.mark.parametrize(
    "spoil",
    [
        header("signature", None),
        header("signature", "AAAA"),
        header("signature", "签"),
        header("ts", None),
        header("ts", "yesterday"),
        header("ts", "9" * 20),
        header("nonce", None),
        header("nonce", "other"),
        header("nonce", "n" * 65),
        lambda request: replace(request, body=request.body.replace(b"1.5", b"2.5")),
        lambda request: replace(request, body=b"not even JSON"),
    ],
)
def test_spoilt_signature(seller: Seller, spoil: Callable[[HttpRequest], HttpRequest]) -> None:
    seller.wire.spoil = spoil
    assert seller.push(ak="") == PushAnswer("0102", 400)
    assert seller.api.records.total("i-1") == 0


def test_the_signature_is_that_of_the_documented_construction(seller: Seller) -> None:
    """Made here from the standard library alone."""
    ts, nonce = str(epoch_ms(NOW)), "6c63c221-1f6b-4141-8ff4-22f5dfe82b65"
    body = json.dumps({"usage_records": [record().members(old=False)]}, sort_keys=True, separators=(",", ":"))
    digest = hmac.new(KEY.encode(), f"ts={ts}&nonce={nonce}&body={body}".encode(), "sha256").digest()
    headers = {"ts": ts, "nonce": nonce, "signature": base64.b64encode(digest).decode()}
    # Sorted and compact is what was signed; the same document may be sent in another order and with white space.
    loose = json.dumps({"usage_records": [dict(reversed(record().members(old=False).items()))]}, indent=1).encode()
    assert seller.api.answer(HttpRequest("POST", NEW, headers=headers, body=loose)).status == 200
    assert seller.api.records.total("i-1") == Decimal("1.5")


def test_the_key_decides(seller: Seller) -> None:
    assert seller.push(key="other", ak="").code == "0102"


def test_a_wrong_access_key_is_refused_by_the_gateway(seller: Seller) -> None:
    assert seller.push(sk="other") == PushAnswer("APIGW.0301", 401)


def test_access_key_only_where_it_is_needed(seller: Seller) -> None:
    assert seller.push(ak="").code == "0000"
    seller.behave(needs_ak_sk=True)
    assert seller.push(ak="") == PushAnswer("APIGW.0301", 401)
    assert seller.push(record("sn-2", "i-2")).code == "0000"


def test_a_nonce_serves_once(seller: Seller) -> None:
    seen: list[HttpRequest] = []

    def watch(request: HttpRequest) -> HttpRequest:
        seen.append(request)
        return request

    seller.wire.spoil = watch
    seller.push()
    assert seller.api.answer(seen[0]).status == 400
    seller.clock.advance(timedelta(hours=1))
    assert seller.api.answer(seen[0]).status == 401  # too old for the gateway by now
    assert seller.push(record("sn-2", "i-2")).code == "0000"


@pytest.mark.parametrize(("minutes", "code"), [(-15, "0000"), (15, "0000"), (-16, "0102"), (16, "0102")])
def test_clock_may_be_a_little_wrong(seller: Seller, minutes: int, code: str) -> None:
    seller.behave(skew=timedelta(minutes=minutes))
    assert seller.push(ak="").code == code


def test_lock_out_after_too_many_refusals_in_a_row(seller: Seller) -> None:
    for _ in range(LOCK_AFTER):
        assert seller.push(key="wrong").code == "0102"
    assert seller.push().code == "0000"
    for _ in range(LOCK_AFTER + 1):
        seller.push(key="wrong")
    assert seller.push() == PushAnswer("APIGW.0301", 401)
    seller.clock.advance(LOCK_FOR)
    assert seller.push(record("sn-2", "i-2")).code == "0000"


def test_lock_out_without_an_access_key(seller: Seller) -> None:
    for _ in range(LOCK_AFTER + 1):
        seller.push(key="wrong")
    assert seller.push(ak="").status == 401
    seller.clock.advance(LOCK_FOR)
    assert seller.push(ak="").code == "0000"


@pytest.mark.parametrize(("method", "path"), [("GET", NEW), ("POST", "/other")])
def test_another_address(seller: Seller, method: str, path: str) -> None:
    assert seller.api.answer(HttpRequest(method, path)).status == 404


def test_too_many_bytes(seller: Seller) -> None:
    assert seller.api.answer(HttpRequest("POST", NEW, body=b"x" * (MAX_BODY + 1))).status == 413


# The call as a whole.


def signed_body(document: object) -> Callable[[HttpRequest], HttpRequest]:
    """Another body, signed with the right key."""

    def spoil(request: HttpRequest) -> HttpRequest:
        from shared.openapi.usage_push import push_signature

        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        signature = push_signature(KEY, request.headers["ts"], request.headers["nonce"], body)
        return replace(request, body=body, headers={**request.headers, "signature": signature})

    return spoil


MEMBERS = record().members(old=False)


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in MEMBERS.items() if key != name}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b"{", "0199"),
        (b"\xff", "0199"),
        ([], "0101"),
        ({}, "0101"),
        ({"usage_records": [MEMBERS], "more": 1}, "0101"),
        ({"usage_records": {}}, "0100"),
        ({"usage_records": []}, "0100"),
        ({"usage_records": ["x"]}, "0100"),
        ({"usage_records": [MEMBERS | {"unit": "GB"}]}, "0101"),
        ({"usage_records": [MEMBERS | {"product_id": "P"}]}, "0101"),
        *(({"usage_records": [MEMBERS, without(name)]}, "0101") for name in MEMBERS if name != "metering_sn"),
        ({"usage_records": [MEMBERS | {"instance_id": ""}]}, "0101"),
        ({"usage_records": [MEMBERS | {"instance_id": "i" * 65}]}, "0100"),
        ({"usage_records": [MEMBERS | {"begin_time": 20261120}]}, "0100"),
        ({"usage_records": [MEMBERS | {"usage_value": ["1"]}]}, "0100"),
        ({"usage_records": [MEMBERS | {"instance_id": "\ud800"}]}, "0100"),
        (b'{"usage_records":' + b"[" * 100_000, "0199"),
    ],
)
def test_a_malformed_call_is_refused_as_a_whole(seller: Seller, document: object, code: str) -> None:
    seller.wire.spoil = signed_body(document)
    assert seller.push(ak="") == PushAnswer(code, CALLS[code][0])
    assert seller.api.records.total("i-1") == 0


@pytest.mark.parametrize("value", [2, 1.25, "99999999.9999"])
def test_a_value_may_be_a_number_too(seller: Seller, value: Any) -> None:
    seller.wire.spoil = signed_body({"usage_records": [MEMBERS | {"usage_value": value}]})
    assert seller.push(ak="").code == "0000"
    assert seller.api.records.total("i-1") == Decimal(str(value))


def test_limit_of_records(seller: Seller) -> None:
    begins = (datetime(2026, 11, 20, 8, tzinfo=UTC) + timedelta(seconds=number) for number in range(1001))
    records = [record(f"sn-{begin:%H%M%S}", begin_time=f"{begin:%Y%m%dT%H%M%SZ}") for begin in begins]
    assert seller.push(*records) == PushAnswer("9003", 500)
    seller.behave(limit=100)
    assert seller.push(*records[:101]) == PushAnswer("9003", 500)
    assert seller.api.records.total("i-1") == Decimal(0)
    assert seller.push(*records[:100]).code == "0000"
    seller.behave(limit=1000)
    assert seller.push(*records[1:]) == PushAnswer("94060999", 200, dict.fromkeys(_sns(records[1:100]), "005"))
    assert seller.api.records.total("i-1") == 1001 * Decimal("1.5")


def _sns(records: list[UsageRecord]) -> list[str]:
    return [each.metering_sn for each in records]


@pytest.mark.parametrize(
    ("dialect", "malformed", "throttled", "broken"),
    [
        (UsageDialect.MKT, "MKT.0101", "MKT.0250", "MKT.0999"),
        (UsageDialect.CBC, "CBC.0101", "CBC.0250", "CBC.0999"),
        (UsageDialect.NEWEST, "94060004", "MKT.0250", "94060001"),
    ],
)
def test_codes_of_each_generation(
    seller: Seller, dialect: UsageDialect, malformed: str, throttled: str, broken: str
) -> None:
    seller.behave(dialect=dialect)
    codes = []
    for fault in (Fault(code="0101"), USAGE_FAULTS["usage-throttled"], USAGE_FAULTS["usage-internal-error"]):
        seller.api.faults.inject(fault)
        seller.push()
        codes.append(seller.last["error_code"])
    assert codes == [malformed, throttled, broken]
    assert seller.push().code == "0000"


def test_semantic_refusals_come_with_500_and_say_what_they_are_about(seller: Seller) -> None:
    seller.behave(whole=frozenset({"001", "007"}))
    assert seller.push(record(), record("sn-2", "nobody")) == PushAnswer("9001", 500)
    assert seller.last["extra_info"] == "nobody"
    old = record("sn-2", begin_time="20261030T090459Z")
    assert seller.push(record(), old) == PushAnswer("9004", 500)
    assert seller.api.records.total("i-1") == 0  # of a refused call, nothing is taken
    assert seller.push(record(), replace(old, begin_time="20261030T090500Z")).code == "0000"


# Record by record.


def days_ago(days: int) -> str:
    return f"{NOW - timedelta(days=days):%Y%m%dT%H%M%SZ}"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"instance_id": "nobody"}, "001"),
        ({"relate_pkg_instance": "nobody"}, "001"),
        ({"begin_time": "2026-11-20T08:00"}, "002"),
        ({"begin_time": "2026112T080000Z"}, "002"),
        ({"end_time": "20261120T250000Z"}, "002"),
        ({"record_time": "20261120090200"}, "002"),
        ({"usage_value": Decimal(0)}, "003"),
        ({"usage_value": Decimal(-1)}, "003"),
        ({"usage_value": Decimal("0.00001")}, "003"),
        ({"usage_value": Decimal(100000000)}, "003"),
        ({"metering_sn": ""}, "004"),
        ({"instance_id": "delisted"}, "006"),
        ({"begin_time": days_ago(22)}, "007"),
        ({"instance_id": "foreign"}, "009"),
        ({"begin_time": "20261120T090001Z"}, "011"),
        ({"end_time": "20261120T090501Z"}, "011"),
        ({"instance_id": "new"}, "011"),
        ({"instance_id": "closed"}, "011"),
        ({"instance_id": "period"}, "012"),
        ({"relate_pkg_instance": "i-2"}, "012"),
        ({"instance_id": "package"}, "012"),
        ({"instance_id": "frozen"}, "013"),
    ],
)
def test_a_record_is_refused_and_the_others_are_accepted(seller: Seller, changes: dict[str, Any], code: str) -> None:
    seller.behave(whole=frozenset())
    for instance in (
        Bought("delisted", START, delisted=True),
        Bought("foreign", START, foreign=True),
        Bought("new", NOW - timedelta(minutes=30)),
        Bought("closed", START, closed_at=NOW - timedelta(minutes=30)),
        Bought("period", START, charging=Charging.PERIOD),
        Bought("package", START, charging=Charging.ON_DEMAND_PACKAGE),
        Bought("frozen", START, frozen=True),
    ):
        seller.api.instances.register(instance)
    bad = record("bad", **changes) if "metering_sn" not in changes else replace(record(), metering_sn="")
    answer = seller.push(record("sn-1", "i-2"), bad)
    assert (answer.code, list(answer.refused.values())) == ("94060999", [code])
    assert seller.api.records.total("i-2") == Decimal("1.5")
    assert seller.api.records.total(bad.instance_id) == 0
    listed = seller.last["abnormal_usage_data_info"]["abnormal_usage_data"]
    assert [(entry["error_code"], entry["error_msg"]) for entry in listed] == [(code, RECORDS[code])]
    assert [(each.code, each.sent.instance_id, each.at) for each in seller.api.records.abnormal()] == [
        (code, bad.instance_id, NOW)
    ]


def test_usage_until_the_close_is_accepted_after_it(seller: Seller) -> None:
    closed_at = NOW - timedelta(minutes=30, milliseconds=-500)
    seller.api.instances.change("i-1", closed_at=closed_at)
    assert seller.refusals(record(end_time="20261120T083500Z")) == {}
    assert seller.refusals(record("sn-2", end_time="20261120T083501Z")) == {"sn-2": "011"}


def test_what_was_refused_may_come_again(seller: Seller) -> None:
    seller.api.instances.change("i-1", frozen=True)
    assert seller.refusals(record()) == {"sn-1": "013"}
    seller.api.instances.change("i-1", frozen=False)
    assert seller.refusals(record()) == {}
    assert seller.api.records.total("i-1") == Decimal("1.5")


def test_the_first_record_wins(seller: Seller) -> None:
    other = record("sn-2", usage_value=Decimal(99))
    assert seller.refusals(record(), other) == {"sn-2": "010"}
    assert seller.refusals(record()) == {"sn-1": "005"}
    assert seller.refusals(record("sn-1", "i-2")) == {"sn-1": "005"}
    assert seller.refusals(record("sn-3", end_time="20261120T085959Z"), record("sn-4", "i-2")) == {}
    assert (seller.api.records.total("i-1"), seller.api.records.total("i-2")) == (Decimal(3), Decimal("1.5"))


def test_a_duplicate_is_a_duplicate_even_of_a_frozen_instance(seller: Seller) -> None:
    seller.push()
    seller.api.instances.change("i-1", frozen=True)
    assert seller.refusals(record(), record("sn-2")) == {"sn-1": "005", "sn-2": "010"}


def test_records_are_refused_to_order_by_their_id_or_instance(seller: Seller) -> None:
    seller.behave(refused={"sn-1": "013", "i-2": "008"})
    assert seller.refusals(record(), record("sn-2", "i-2")) == {"sn-1": "013", "sn-2": "008"}
    seller.behave(refused={})
    assert seller.refusals(record(), record("sn-2", "i-2")) == {}


def test_a_package_may_be_named(seller: Seller) -> None:
    seller.api.instances.register(Bought("p-1", START, charging=Charging.ON_DEMAND_PACKAGE))
    assert seller.refusals(record(relate_pkg_instance="p-1")) == {}
    seller.clock.advance(timedelta(minutes=10))
    assert [line.relate_pkg_instance for line in seller.api.bill()] == ["p-1"]


def test_the_old_api_has_no_ids_and_needs_product_and_access_key(seller: Seller) -> None:
    assert seller.push(record(product_id=None), old=True) == PushAnswer("0101", 400)
    assert seller.push(old=True, sk="wrong") == PushAnswer("APIGW.0301", 401)
    assert seller.push(old=True).code == "0000"
    again = seller.push(old=True)
    assert dict(again.refused) == {"i-1/20261120T080000Z/20261120T090000Z": "010"}
    assert seller.api.records.total("i-1") == Decimal("1.5")
    unsigned = HttpRequest("POST", OLD, body=b"{}")
    assert seller.api.answer(unsigned).status == 401


def test_the_first_wins_among_many_at_once(seller: Seller) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: seller.push(record(f"sn-{number}")), range(40)))
    assert sorted(answer.code for answer in answers) == ["0000", *["94060999"] * 39]
    assert {code for answer in answers for code in answer.refused.values()} == {"010"}
    assert seller.api.records.total("i-1") == Decimal("1.5")


# Asynchronous validation and collection.


def test_asynchronous_validation_takes_everything_and_looks_later(seller: Seller) -> None:
    seller.behave(asynchronous=True)
    assert seller.push(record(), record("sn-2"), record("sn-3", "nobody")) == PushAnswer("0000", 200)
    assert seller.push().code == "0000"
    assert seller.api.records.total("i-1") == 0
    assert not seller.api.records.abnormal()
    seller.clock.advance(timedelta(minutes=5))
    seller.api.settle()
    found = [(each.sent.metering_sn, each.code) for each in seller.api.records.abnormal()]
    assert found == [("sn-2", "010"), ("sn-3", "001"), ("sn-1", "005")]
    assert seller.api.records.total("i-1") == Decimal("1.5")
    seller.api.settle()
    assert len(seller.api.records.abnormal()) == 3


def test_times_are_judged_as_of_the_moment_a_record_came(seller: Seller) -> None:
    seller.behave(asynchronous=True)
    seller.push(record(end_time="20261120T090600Z"))
    seller.clock.advance(timedelta(minutes=5))
    seller.api.settle()
    assert [each.code for each in seller.api.records.abnormal()] == ["011"]


@pytest.mark.parametrize(
    ("accepted", "hourly", "daily"),
    [
        ("0905", "20T0915", "20T1700"),
        ("0915", "20T0915", "20T1700"),
        ("0916", "20T1015", "20T1700"),
        ("1701", "20T1715", "21T1700"),
        ("2359", "21T0015", "21T1700"),
    ],
)
def test_collection_times(accepted: str, hourly: str, daily: str) -> None:
    moment = datetime.strptime(f"20261120T{accepted}+0000", "%Y%m%dT%H%M%z")
    assert f"{collection_after(moment, daily=False):%dT%H%M}" == hourly
    assert f"{collection_after(moment, daily=True):%dT%H%M}" == daily


def test_the_bill_has_what_was_collected_and_never_changes(seller: Seller) -> None:
    seller.api.instances.register(Bought("day", START, daily=True))
    seller.push(record(), record("sn-2", "day"))
    assert seller.api.bill() == []
    seller.clock.set(NOW.replace(minute=15))
    first = seller.api.bill()
    assert [(line.instance_id, line.usage_value, line.collected_at) for line in first] == [
        ("i-1", Decimal("1.5"), "20261120T091500Z")
    ]
    seller.push(record("sn-3", usage_value=Decimal(9)), record("sn-4", begin_time="20261120T080001Z"))
    seller.clock.set(datetime(2026, 11, 20, 17, tzinfo=UTC))
    bill = seller.api.bill()
    assert [line for line in bill if line in first] == first
    assert sum(line.usage_value for line in bill if line.instance_id == "i-1") == 3 == seller.api.records.total("i-1")
    assert as_csv(bill).splitlines()[:2] == [
        "instance_id,begin_time,end_time,usage_value,relate_pkg_instance,collected_at",
        "i-1,20261120T080000Z,20261120T090000Z,1.5,,20261120T091500Z",
    ]
    assert len(bill) == 3


# Faults.


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        (USAGE_FAULTS["usage-throttled"], PushAnswer("0250", 406)),
        (USAGE_FAULTS["usage-gateway-throttled"], PushAnswer("APIGW.0308", 429)),
        (USAGE_FAULTS["usage-internal-error"], PushAnswer("0999", 500)),
        (USAGE_FAULTS["usage-not-let-in"], PushAnswer("0154", 401)),
        (Fault(429, "0250"), PushAnswer("0250", 429)),
        (Fault(code="94060010"), PushAnswer("94060010", 401)),
        (Fault(418, "94069999"), PushAnswer("94069999", 418)),
    ],
)
def test_faults_refuse_as_many_calls_as_they_are_told(seller: Seller, fault: Fault, answer: PushAnswer) -> None:
    seller.api.faults.inject(fault, times=2)
    assert [seller.push(), seller.push()] == [answer, answer]
    assert seller.api.records.total("i-1") == 0
    assert seller.push() == PushAnswer("0000", 200)


@pytest.mark.parametrize("fault", [USAGE_FAULTS["usage-bad-gateway"], USAGE_FAULTS["usage-gateway-timeout"]])
def test_what_a_gateway_says_is_no_answer_of_the_api(seller: Seller, fault: Fault) -> None:
    seller.api.faults.inject(fault, times=2)
    for _ in range(2):
        with pytest.raises(Unavailable):
            seller.push()
    assert seller.api.records.total("i-1") == 0
    assert seller.push() == PushAnswer("0000", 200)


def test_a_connection_breaks_before_or_after_the_effect(seller: Seller) -> None:
    seller.api.faults.inject(USAGE_FAULTS["usage-dropped"])
    seller.api.faults.inject(USAGE_FAULTS["usage-answer-lost"])
    totals = []
    for _ in range(2):
        with pytest.raises(Unavailable):
            seller.push()
        totals.append(seller.api.records.total("i-1"))
    assert totals == [0, Decimal("1.5")]
    assert seller.refusals(record()) == {"sn-1": "005"}
    assert list(seller.api.statuses) == [0, 0, 200]


def test_a_slow_answer(seller: Seller) -> None:
    seller.api.faults.inject(Fault(delay=3))
    assert seller.push().code == "0000"
    assert seller.clock.slept == [3]


def test_what_is_not_on_file_cannot_change(seller: Seller) -> None:
    with pytest.raises(KeyError):
        seller.api.instances.change("nobody", frozen=True)


def test_behaviour_has_the_documented_limits_by_default() -> None:
    assert (UsageBehaviour().limit, UsageBehaviour().dialect, UsageBehaviour().asynchronous) == (
        1000,
        UsageDialect.MKT,
        False,
    )
