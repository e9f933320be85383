"""Secrets and personal data come in, are used and sent where they belong, and are nowhere else: not in a log line, not
in an error's text, not in a repr, not readable in the store.
"""

import json
import sqlite3
from dataclasses import replace
from typing import Any

import pytest

from functions import sweep
from shared.clock import Deadline
from shared.errors import KooGalleryError, ProvisioningError, Unavailable
from shared.http import HttpRequest
from shared.log import FIELDS
from shared.openapi.order import Order
from shared.protocol.choose import Dialect
from shared.protocol.field_cipher import FieldCipher
from shared.protocol.production import v1, v2
from shared.protocol.production.extend_params import encode_extend_params
from shared.provisioning import Access, Pending
from tests.market import (
    V1,
    V2,
    VERSIONS,
    check,
    expiry,
    freezing,
    notice,
    purchase,
    query,
    release,
    renewal,
    unfreezing,
    upgrade,
)
from tests.platforms import ENTRIES, Deployed
from tests.world import ACCESS_KEY, KEY, NOTIFY_KEY, World, order

PHONE, MAIL, NAME, USER = "13912345678", "li.si@example.org", "李四有限公司", "iam-li-si"
PASSWORD, ACCOUNT, EXTRA, MEMO = "S3cret-Pa55", "root-of-li-si", "id-number-3522", "call Li Si"
PERSONAL = [PHONE, MAIL, NAME, USER, EXTRA]
SECRETS = [PASSWORD, ACCOUNT, MEMO, KEY, ACCESS_KEY, NOTIFY_KEY, "a-storage-key-for-tests"]

CIPHER = FieldCipher([KEY])


@pytest.fixture(params=[ENTRIES[0], ENTRIES[-1]], ids=lambda entry: entry.name)
def world(request, tmp_path) -> Deployed:
    """A bundle whose one buyer has much to hide."""
    deployed = Deployed(tmp_path, request.param)
    deployed.provisioner.created["business-1"] = Access(
        "https://app.example.org", user_name=ACCOUNT, password=PASSWORD, memo=MEMO
    )
    deployed.orders.orders["CS1"] = personal_order("CS1")
    return deployed


def personal_order(order_id: str) -> Order:
    made = order(order_id, parameters={"idNum": EXTRA})
    buyer = replace(made.buyer, customer_name=NAME, user_name=USER, mobile_phone=PHONE, email=MAIL)
    return replace(made, buyer=buyer)


def personal_purchase(world: World, version: str, **more: Any) -> HttpRequest:
    if version == V2:
        return purchase(world, version, **more)
    fields = {
        "customerName": NAME,
        "userName": USER,
        "mobilePhone": CIPHER.encrypt(PHONE),
        "email": CIPHER.encrypt(MAIL),
        "saasExtendParams": encode_extend_params([{"name": "idNum", "value": EXTRA}]),
    }
    return purchase(world, version, **fields | more)


def hidden(text: str, *more: str) -> None:
    """Nothing that must be hidden is in ``text``, as it is or as JSON escapes it."""
    found = [word for word in (*PERSONAL, *SECRETS, *more) if word in text or json.dumps(word)[1:-1] in text]
    assert found == []


def signs(request: HttpRequest) -> list[str]:
    return [value for name, value in request.query if name in ("authToken", "signature", "mobilePhone", "email")]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_whole_life_leaves_nothing_in_the_log(world, version, log_lines):
    requests = [
        personal_purchase(world, version),
        personal_purchase(world, version, testFlag="1"),
        query(world, version, "business-1"),
        renewal(world, version, "business-1"),
        upgrade(world, version, "business-1"),
        freezing(world, version, "business-1"),
        unfreezing(world, version, "business-1"),
        expiry(world, "business-1"),
        check(world, "business-1", {"productId": "p"}),
        notice(world),
        release(world, version, "business-1"),
        release(world, version, "nobody"),
        renewal(world, version, "business-1", "CS-late"),
    ]
    for request in requests:
        world.clock.advance(0.001)
        world.raw(request)
    assert world.provisioner.buyers[0].mobile_phone == PHONE
    answered = log_lines("answered")
    assert len(answered) == len(requests)
    hidden(log_lines.text, *(sign for request in requests for sign in signs(request)))
    standard = {"level", "location", "message", "timestamp", "service"}
    for line in answered:
        assert set(line) - standard <= FIELDS
        assert {"result", "milliseconds", "request_id", "version", "test", "activity", "interface"} <= set(line)
    assert [line["result"] for line in answered].count("000003") == 2


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "error",
    [
        RuntimeError(f"cannot reach {PHONE} at {MAIL} with {PASSWORD}"),
        KeyError(NAME),
        Unavailable("no answer in time"),
        ProvisioningError("sold out"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_leave_nothing_in_log_and_answer(world, version, error, log_lines):
    def fail(method):
        raise error

    world.provisioner.before = fail
    answers = [
        world.raw(personal_purchase(world, version)),
        world.raw(query(world, version, "business-1")),
    ]
    sweep.handler({}, world.entry.platform.make_context())
    for answer in answers:
        hidden(answer.body.decode())
    hidden(log_lines.text)


def test_refused_calls_leave_nothing_in_log_and_answer(world, log_lines):
    refused = [
        replace(personal_purchase(world, V1), query=(("customerName", NAME), ("authToken", "x"))),
        personal_purchase(world, V1, customerId=NAME * 100),
        personal_purchase(world, V1, orderId=f"{PHONE} {MAIL}"),
        personal_purchase(world, V1, testFlag=PHONE),
        world.v2.call("newInstance", orderId=NAME, businessId=[PASSWORD], **{MAIL: MAIL}),
        world.v2.send(f'{{"{MAIL}":1,"{MAIL}":2}}'.encode()),
        world.v2.call(PASSWORD, instanceId=PHONE),
    ]
    for request in refused:
        answer = world.raw(request)
        assert json.loads(answer.body)["resultCode"] in ("000001", "000002")
        hidden(answer.body.decode())
    assert [line["result"] for line in log_lines("answered")] == ["000001"] + ["000002"] * 6
    hidden(log_lines.text)


def test_reprs_hide_what_they_hold(world):
    one, two = personal_purchase(world, V1), purchase(world, V2)
    settings, clock = world.app.settings, world.clock
    dialects: list[tuple[Dialect, HttpRequest]] = [
        (v1.V1(settings, clock), one),
        (v2.V2(settings, clock, [ACCESS_KEY]), two),
    ]
    calls = [(dialect, dialect.authenticate(request, Deadline(clock, 4))) for dialect, request in dialects]
    commands = [dialect.decode(call) for dialect, call in calls]
    answer = world.raw(one)
    record = world.app.instances.get("business-1")
    assert record.access.password == PASSWORD
    things = [one, two, settings, world.app, *dialects, *calls, *commands, answer, record, record.access]
    things += [world.provisioner.buyers, personal_order("CS1"), record.instance(), CIPHER, world.v1, world.v2]
    hidden(repr(things), *signs(one))


def test_error_texts_hide_what_they_are_about(world):
    dialect = v1.V1(world.app.settings, world.clock)
    for bad in ({"customerId": NAME * 100}, {"orderId": PHONE * 9}, {"testFlag": MAIL}):
        call = dialect.authenticate(personal_purchase(world, V1, **bad), Deadline(world.clock, 4))
        with pytest.raises(KooGalleryError) as refused:
            dialect.decode(call)
        hidden(f"{refused.value!s} {refused.value!r} {refused.value.__context__!r} {refused.value.__cause__!r}")


def test_details_that_cannot_be_read_leave_nothing_in_log_and_answer(world, log_lines):
    of_another_key = FieldCipher(["another key"]).encrypt(PHONE, iv="A1b2C3d4E5f6G7h8")
    for bad in (
        {"customerName": NAME * 100},
        {"mobilePhone": of_another_key},
        {"email": MAIL * 99},
        {"expireTime": PHONE},
    ):
        answer = world.raw(personal_purchase(world, V1, **bad))
        assert json.loads(answer.body)["resultCode"] == "000000"
    told = [line["parameters"] for line in log_lines("what cannot be read counts as absent")]
    assert told == ["customerName", "mobilePhone", "email", "expireTime"]
    hidden(log_lines.text)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("pending", [True, False])
def test_the_store_holds_nothing_readable(world, version, pending, tmp_path):
    world.provisioner.pending = pending
    world.provisioner.present = Pending() if pending else None
    world.raw(personal_purchase(world, version))
    world.raw(renewal(world, version, "business-1"))
    with sqlite3.connect(tmp_path / "store.sqlite") as connection:
        text = "\n".join(connection.iterdump())
    connection.close()
    assert "business-1" in text
    readable = [word for word in (PHONE, MAIL, NAME, USER, *SECRETS) if word in text or json.dumps(word)[1:-1] in text]
    assert readable == []
