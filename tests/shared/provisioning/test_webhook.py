"""The webhook provisioner: what it sends, how it reads answers, where it does not go."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from shared.errors import ConfigurationError, InProcess, KooGalleryError, ProvisioningError, ResultCode, Unavailable
from shared.http import HttpRequest, HttpResponse
from shared.outbound import ForbiddenAddress, Reach
from shared.outbound.client import PooledClient
from shared.provisioning import Access, FreezeReason, InstancePage, MemberChange, Package, Pending, Refusal, Usage
from shared.provisioning.usage import told
from shared.provisioning.webhook import READ_TIMEOUT, ListeningWebhook, WebhookProvisioner
from tests.certificates import Authority
from tests.clients import UNREADABLE, HandlerClient
from tests.fakes import FakeClock
from tests.shared.provisioning.samples import BUYER, INSTANCE, MEMBER, ORDER, RENEWAL, SPECIFICATION
from tests.sockets import answer, scripted

NEW, OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_plJ3nmyCDGBKInavdOK15jsl9sP8HF9jT6mZ"
URL = "https://backend.example/hook"
KEY = "business-1:renew:CS2/CS2-000001"
ACCESS = {"access": {"frontEndUrl": "https://app.example.com"}}


class Hook:
    """A webhook provisioner whose backend gives ``answers`` in turn, the last one again and again."""

    def __init__(self, *answers: HttpResponse | Exception, **options: Any) -> None:
        self.clock = FakeClock(datetime.now(UTC))
        self.answers = list(answers)
        self.client = HandlerClient(self._next)
        defaults: dict[str, Any] = {
            "url": URL,
            "secrets": [NEW],
            "timeout": 10.0,
            "allow_private": False,
        }
        self.provisioner = ListeningWebhook(**defaults | options, clock=self.clock, client=self.client)

    def _next(self, request: HttpRequest) -> HttpResponse:
        step = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(step, Exception):
            raise step
        return step

    @property
    def sent(self) -> HttpRequest:
        """The last request."""
        return self.client.requests[-1]

    @property
    def message(self) -> dict[str, Any]:
        """The last message, verified by the reference library."""
        verified: dict[str, Any] = Webhook(NEW).verify(self.sent.body, dict(self.sent.headers))
        return verified


def says(status: int, document: Any = None) -> HttpResponse:
    return HttpResponse(status, {}, b"" if document is None else json.dumps(document).encode())


Call = Callable[[ListeningWebhook], Any]
CALLS: dict[str, Call] = {
    "instance.create": lambda hook: hook.create(INSTANCE, BUYER, KEY),
    "instance.describe": lambda hook: hook.describe(INSTANCE),
    "instance.renew": lambda hook: hook.renew(INSTANCE, RENEWAL, KEY),
    "instance.change": lambda hook: hook.change(INSTANCE, SPECIFICATION, KEY),
    "instance.can_change": lambda hook: hook.can_change(INSTANCE, SPECIFICATION),
    "instance.freeze": lambda hook: hook.freeze(INSTANCE, FreezeReason.EXPIRED, KEY),
    "instance.unfreeze": lambda hook: hook.unfreeze(INSTANCE, KEY),
    "instance.release": lambda hook: hook.release(INSTANCE, KEY),
    "instance.usage": lambda hook: hook.usage(INSTANCE),
    "order.changed": lambda hook: hook.order_told(ORDER, KEY),
    "instance.packages": lambda hook: hook.packages(INSTANCE),
    "instance.used_up": lambda hook: hook.used_up(INSTANCE, KEY),
    "member.changed": lambda hook: hook.member_changed("tenant-1", MEMBER, MemberChange.ADDED, KEY),
    "instance.list": lambda hook: hook.list_instances("business-1"),
}
QUESTIONS = {"instance.packages", "instance.describe", "instance.can_change", "instance.usage", "instance.list"}
CHANGES = {name: call for name, call in CALLS.items() if name not in QUESTIONS}
PLAIN = {name: call for name, call in CHANGES.items() if name != "instance.create"}

INSTANCE_JSON = {
    "instanceId": "business-1",
    "orderId": "CS1",
    "orderLineId": "CS1-000001",
    "customerId": "customer-1",
    "specification": {
        "productId": "P1",
        "skuCode": "S1",
        "charging": "PERIOD",
        "periodType": "year",
        "periodNumber": 1,
        "quantity": 10,
        "diskSize": 20,
        "bandwidth": None,
        "parameters": {"emailDomainName": "mail.example.com"},
    },
    "trial": False,
    "state": "ACTIVE",
    "expiresAt": "2027-11-20T15:59:59Z",
    "order": {
        "orderId": "CS1",
        "orderLineId": "CS1-000001",
        "type": "NEW",
        "amount": "1200.00",
        "listAmount": "1500.00",
        "currency": "CNY",
        "createdAt": "2026-11-20T08:00:00Z",
    },
    "releaseReason": None,
}
DATA: dict[str, dict[str, Any]] = {
    "instance.create": {
        "buyer": {
            "customerId": "customer-1",
            "customerName": "张三",
            "userId": None,
            "userName": None,
            "mobilePhone": "13800000000",
            "email": "user@example.com",
        }
    },
    "instance.renew": {
        "renewal": {
            "scene": "RENEWAL",
            "orderId": "CS2",
            "expiresAt": "2028-11-20T15:59:59Z",
            "specification": INSTANCE_JSON["specification"],
            "amount": "-10.50",
        }
    },
    "instance.change": {"specification": INSTANCE_JSON["specification"]},
    "instance.can_change": {"specification": INSTANCE_JSON["specification"]},
    "instance.freeze": {"reason": "EXPIRED"},
    "order.changed": {"orderId": "CS1", "orderLineId": "CS1-000001", "order": INSTANCE_JSON["order"]},
    "member.changed": {
        "tenantId": "tenant-1",
        "user": {
            "userName": "li.si",
            "name": "李四",
            "orgCode": "10",
            "role": "user",
            "enabled": True,
            "state": "GRANTED",
            "position": None,
            "employeeCode": None,
            "employeeType": None,
            "mobile": "13900000000",
            "email": None,
            "workPlace": None,
            "entryDate": None,
            "extension": None,
        },
        "change": "ADDED",
    },
    "instance.list": {"after": "business-1"},
}


@pytest.mark.parametrize("name", CALLS)
def test_message(name: str) -> None:
    said: dict[str, Any] = {**ACCESS, "refusal": None, "usage": [], "packages": []}
    hook = Hook(says(200, {"instances": []} if name == "instance.list" else said))
    CALLS[name](hook.provisioner)
    of_all = {"order.changed", "member.changed", "instance.list"}
    of_instance = {} if name in of_all else {"instance": INSTANCE_JSON}
    expected: dict[str, Any] = of_instance | DATA.get(name, {})
    timestamp = hook.clock.now().isoformat().replace("+00:00", "Z")
    assert hook.message == {"type": name, "timestamp": timestamp, "data": expected}
    assert hook.sent.method == "POST"
    assert hook.sent.headers["content-type"] == "application/json"
    assert hook.client.hosts == ["backend.example"]


@pytest.mark.parametrize("name", CHANGES)
def test_change_has_the_same_id_however_often_it_is_sent(name: str) -> None:
    hooks = [Hook(says(200, ACCESS)) for _ in range(2)]
    for hook in hooks:
        CALLS[name](hook.provisioner)
        hook.clock.advance(60)
        CALLS[name](hook.provisioner)
    sent = [request.headers for hook in hooks for request in hook.client.requests]
    assert len({headers["webhook-id"] for headers in sent}) == 1
    assert {headers["idempotency-key"] for headers in sent} == {KEY}
    assert len({headers["webhook-timestamp"] for headers in sent}) > 1


def test_other_changes_have_other_ids() -> None:
    hook = Hook(says(200, ACCESS))
    for call in CHANGES.values():
        call(hook.provisioner)
    hook.provisioner.release(INSTANCE, "another key")
    ids = [request.headers["webhook-id"] for request in hook.client.requests]
    assert len(set(ids)) == len(ids)
    assert all("." not in name for name in ids)


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_question_has_an_id_of_its_own_each_time(name: str) -> None:
    hook = Hook(says(204))
    CALLS[name](hook.provisioner)
    CALLS[name](hook.provisioner)
    first, second = (request.headers for request in hook.client.requests)
    assert first["webhook-id"] != second["webhook-id"]
    assert "idempotency-key" not in first


@pytest.mark.parametrize(
    ("key", "sent"),
    [("a:b/c-1", "a:b/c-1"), ("a b", "a%20b"), ("一", "%E4%B8%80"), ("a\r\nX: 1", "a%0D%0AX:%201"), ("100%", "100%25")],
)
def test_key_fits_a_header(key: str, sent: str) -> None:
    hook = Hook(says(204))
    hook.provisioner.unfreeze(INSTANCE, key)
    assert hook.sent.headers["idempotency-key"] == sent


def test_all_secrets_sign() -> None:
    hook = Hook(says(204), secrets=[NEW, OLD])
    hook.provisioner.unfreeze(INSTANCE, KEY)
    for secret in (NEW, OLD):
        Webhook(secret).verify(hook.sent.body, dict(hook.sent.headers))


def test_time_for_a_call() -> None:
    hook = Hook(says(204), timeout=20.0)
    hook.provisioner.unfreeze(INSTANCE, KEY)
    hook.provisioner.usage(INSTANCE)
    assert hook.client.left == [20.0, READ_TIMEOUT]


FULL = {
    "access": {
        "frontEndUrl": "https://app.example.com",
        "adminUrl": "https://app.example.com/admin",
        "userName": "admin",
        "password": "Passw0rd!",
        "memo": "说明",
    }
}


@pytest.mark.parametrize("name", ["instance.create", "instance.describe"])
def test_way_in(name: str) -> None:
    read = CALLS[name](Hook(says(200, FULL | {"more": 1})).provisioner)
    assert read == Access("https://app.example.com", "https://app.example.com/admin", "admin", "Passw0rd!", "说明")
    assert CALLS[name](Hook(says(200, ACCESS)).provisioner) == Access("https://app.example.com")
    assert CALLS[name](Hook(says(202)).provisioner) == Pending()


def test_nothing_new_to_describe() -> None:
    assert Hook(says(204)).provisioner.describe(INSTANCE) is None


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("response", [says(204), says(200), says(200, {"anything": 1}), HttpResponse(200, {}, b"OK")])
def test_change_is_done(name: str, response: HttpResponse) -> None:
    assert CALLS[name](Hook(response).provisioner) is None


@pytest.mark.parametrize("name", PLAIN)
def test_change_is_not_done_yet(name: str) -> None:
    with pytest.raises(InProcess):
        CALLS[name](Hook(says(202)).provisioner)


def test_refusal() -> None:
    hook = Hook(says(200, {"refusal": {"reason": "5 seats are in use"}}))
    assert hook.provisioner.can_change(INSTANCE, SPECIFICATION) == Refusal("5 seats are in use")


@pytest.mark.parametrize("response", [says(204), says(200, {"refusal": None})])
def test_no_refusal(response: HttpResponse) -> None:
    assert Hook(response).provisioner.can_change(INSTANCE, SPECIFICATION) is None


@pytest.mark.parametrize(
    ("value", "read"),
    [("12.5", "12.5"), (12, "12"), (12.3456, "12.3456"), ("0", "0"), ("99999999.9999", "99999999.9999")],
)
def test_usage(value: Any, read: str) -> None:
    item = {"value": value, "measuredAt": "2026-11-20T16:30:00+08:00"}
    hook = Hook(says(200, {"usage": [item, item | {"relatedInstanceId": "b", "dashboardUrl": "https://a.example"}]}))
    measured_at = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    (first, second), wrong = told(hook.provisioner.usage(INSTANCE))
    assert not wrong
    assert first == Usage(Decimal(read), measured_at)
    assert first.measured_at.tzinfo is UTC
    assert second == Usage(Decimal(read), measured_at, "b", "https://a.example")


@pytest.mark.parametrize("response", [says(204), says(200, {"usage": []})])
def test_no_usage(response: HttpResponse) -> None:
    assert Hook(response).provisioner.usage(INSTANCE) == ()


ITEM = {"value": "1", "measuredAt": "2026-11-20T08:00:00Z"}
MALFORMED: list[tuple[str, Any, str]] = [
    ("instance.create", None, "body must be a JSON object"),
    ("instance.create", [], "body must be a JSON object"),
    ("instance.create", {}, "access is missing"),
    ("instance.create", {"access": None}, "access must be an object"),
    ("instance.create", {"access": {}}, "access.frontEndUrl is missing"),
    ("instance.create", {"access": {"frontEndUrl": 12345}}, "access.frontEndUrl must be text"),
    ("instance.create", {"access": {"frontEndUrl": "https://a", "password": 12345}}, "access.password must be text"),
    (
        "instance.create",
        {"access": {"frontEndUrl": "https://a", "adminURL": "x"}},
        "access has a member that is none of",
    ),
    ("instance.describe", {"access": {"adminUrl": "https://a"}}, "access.frontEndUrl is missing"),
    ("instance.can_change", {}, "refusal is missing"),
    ("instance.can_change", {"refusal": False}, "refusal must be an object"),
    ("instance.can_change", {"refusal": {}}, "refusal.reason is missing"),
    ("instance.can_change", {"refusal": {"reason": ""}}, "refusal.reason must be ASCII"),
    ("instance.can_change", {"refusal": {"reason": "使用中"}}, "refusal.reason must be ASCII"),
    ("instance.can_change", {"refusal": {"reason": "x" * 256}}, "refusal.reason must be ASCII"),
    ("instance.can_change", {"refusal": {"reason": "a\nb"}}, "refusal.reason must be ASCII"),
    ("instance.usage", {}, "usage is missing"),
    ("instance.usage", {"usage": {}}, "usage must be a list"),
    ("instance.usage", {"usage": [ITEM, 12345]}, r"usage\[1\] must be an object"),
    ("instance.usage", {"usage": [{**ITEM, "unit": "x"}]}, r"usage\[0\] has a member that is none of"),
    ("instance.list", {}, "instances is missing"),
    ("instance.list", {"instances": {}}, "instances must be a list"),
    ("instance.list", {"instances": ["a"], "Next": "a"}, "body has a member that is none of: instances, next"),
]


@pytest.mark.parametrize(("name", "document", "text"), MALFORMED)
def test_malformed_answer_names_the_member(name: str, document: Any, text: str) -> None:
    with pytest.raises(ProvisioningError, match=text) as caught:
        CALLS[name](Hook(says(200, document)).provisioner)
    assert str(caught.value).isascii()
    assert "12345" not in str(caught.value)


@pytest.mark.parametrize("number", [b"1E+99999999999999999999", b"-1e-99999999999999999999"])
def test_a_number_that_no_decimal_can_hold(number: bytes) -> None:
    body = b'{"usage":[{"value":%s,"measuredAt":"2026-11-20T08:00:00Z"}]}' % number
    with pytest.raises(ProvisioningError, match="body must be a JSON object"):
        Hook(HttpResponse(200, {}, body)).provisioner.usage(INSTANCE)


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_answer_that_cannot_be_read(body: bytes) -> None:
    with pytest.raises(ProvisioningError, match="body must be a JSON object"):
        Hook(HttpResponse(200, {}, body)).provisioner.usage(INSTANCE)
    with pytest.raises(Unavailable, match="HTTP 409"):
        Hook(HttpResponse(409, {}, body)).provisioner.usage(INSTANCE)


@pytest.mark.parametrize("name", ["instance.can_change", "instance.usage", "instance.list"])
def test_question_cannot_be_put_off(name: str) -> None:
    with pytest.raises(ProvisioningError, match="body must be a JSON object"):
        CALLS[name](Hook(says(202)).provisioner)


def test_creation_must_say_something() -> None:
    with pytest.raises(ProvisioningError, match="body must be a JSON object"):
        Hook(says(204)).provisioner.create(INSTANCE, BUYER, KEY)


@pytest.mark.parametrize("status", [409, 422, 404, 410])
@pytest.mark.parametrize("name", [name for name in CALLS if name not in ("instance.release", "instance.list")])
def test_backend_says_no(name: str, status: int) -> None:
    with pytest.raises(ProvisioningError, match=r"^no such instance$") as caught:
        CALLS[name](Hook(says(status, {"code": "000003", "message": "no such instance"})).provisioner)
    assert caught.value.code is ResultCode.UNKNOWN_INSTANCE


@pytest.mark.parametrize(
    "code", ["000002", "000003", "000005", *(code for code in ResultCode if code.startswith("0001"))]
)
def test_codes_a_backend_may_use(code: str) -> None:
    with pytest.raises(ProvisioningError) as caught:
        Hook(says(422, {"code": code})).provisioner.create(INSTANCE, BUYER, KEY)
    assert caught.value.code == code
    assert str(caught.value).isascii()


@pytest.mark.parametrize("code", ["000000", "000001", "000004", "0", "", "SOLD_OUT", "999999"])
def test_codes_a_backend_may_not_use(code: str) -> None:
    with pytest.raises(ProvisioningError, match="code is none of") as caught:
        Hook(says(422, {"code": code, "message": "x"})).provisioner.create(INSTANCE, BUYER, KEY)
    assert caught.value.code is ResultCode.INTERNAL_ERROR


@pytest.mark.parametrize("message", [None, 5, "", "售罄", "x" * 256, "a\nb"])
def test_code_counts_even_if_the_message_cannot_be_shown(message: Any) -> None:
    with pytest.raises(ProvisioningError, match="refused by the seller's backend") as caught:
        Hook(says(409, {"code": "000106", "message": message})).provisioner.create(INSTANCE, BUYER, KEY)
    assert caught.value.code is ResultCode.SOLD_OUT


def test_a_page_of_the_list() -> None:
    read = CALLS["instance.list"]
    assert read(Hook(says(200, {"instances": ["a", "b"], "next": "b"})).provisioner) == InstancePage(("a", "b"), "b")
    assert read(Hook(says(200, {"instances": []})).provisioner) == InstancePage(())


@pytest.mark.parametrize("status", [204, 400, 404, 405, 422, 501])
@pytest.mark.parametrize("document", [None, {"code": "000002", "message": "unknown type"}])
def test_a_backend_that_does_not_list(status: int, document: Any) -> None:
    assert Hook(says(status, document)).provisioner.list_instances(None) is None


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_backend_in_trouble_lists_later(status: int) -> None:
    with pytest.raises(Unavailable):
        Hook(says(status, {"code": "000002"})).provisioner.list_instances(None)


def test_instance_that_is_gone_is_released() -> None:
    Hook(says(404, {"code": "000003"})).provisioner.release(INSTANCE, KEY)


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (says(409, {"code": "000005", "message": "has children"}), ProvisioningError),
        (says(404), Unavailable),
        (HttpResponse(404, {}, b"<html>no such page</html>"), Unavailable),
    ],
)
def test_instance_that_may_not_be_gone_is_not_released(response: HttpResponse, error: type[KooGalleryError]) -> None:
    with pytest.raises(error):
        Hook(response).provisioner.release(INSTANCE, KEY)


@pytest.mark.parametrize(
    "status", [100, 201, 206, 301, 302, 307, 400, 404, 405, 409, 413, 422, 429, 500, 502, 503, 504]
)
@pytest.mark.parametrize("body", [b"", b"personal", b"[1]", b'{"message": "personal"}', b'{"code": 5}'])
def test_backend_is_in_trouble(status: int, body: bytes) -> None:
    with pytest.raises(Unavailable, match=f"HTTP {status}$") as caught:
        Hook(HttpResponse(status, {}, body)).provisioner.create(INSTANCE, BUYER, KEY)
    assert "personal" not in str(caught.value)


@pytest.mark.parametrize("status", [401, 403])
def test_backend_refuses_the_signature(status: int) -> None:
    with pytest.raises(ConfigurationError, match="KOOGALLERY_WEBHOOK_SECRET"):
        Hook(says(status, {"code": "000106"})).provisioner.create(INSTANCE, BUYER, KEY)


def test_message_may_be_sent_twice() -> None:
    hook = Hook(says(204))
    hook.provisioner.unfreeze(INSTANCE, KEY)
    assert hook.client.repeatable == [True]


def test_late_answer_is_not_waited_for_again() -> None:
    hook = Hook(Unavailable("no answer in time"))
    with pytest.raises(Unavailable):
        hook.provisioner.create(INSTANCE, BUYER, KEY)
    assert len(hook.client.requests) == 1


@pytest.mark.parametrize(("allow_private", "reach"), [(False, Reach.PUBLIC), (True, Reach.PRIVATE)])
def test_where_the_backend_may_be(allow_private: bool, reach: Reach) -> None:
    hook = Hook(says(204), allow_private=allow_private)
    hook.provisioner.unfreeze(INSTANCE, KEY)
    assert hook.client.reaches == [reach]


def test_backend_that_must_not_be_called() -> None:
    hook = Hook(ForbiddenAddress("no"))
    with pytest.raises(ForbiddenAddress):
        hook.provisioner.unfreeze(INSTANCE, KEY)


def test_name_that_changes_after_the_check(tmp_path: Path) -> None:
    """The first look-up gives this machine; a second one, were there any, somewhere else."""
    authority = Authority(tmp_path)
    looked_up: list[tuple[str, int]] = []

    def changing(host: str, port: int) -> Sequence[str]:
        looked_up.append((host, port))
        return ["127.0.0.1"] if len(looked_up) == 1 else ["10.255.255.1"]

    with scripted(lambda connection: connection.sendall(answer(b"")), authority.server("backend.invalid")) as server:
        url = f"https://backend.invalid:{server.port}/hook"
        client = PooledClient(authority.client(), changing)
        provisioner = WebhookProvisioner(url, [NEW], 10, True, FakeClock(), client=client)
        provisioner.unfreeze(INSTANCE, KEY)
    assert looked_up == [("backend.invalid", server.port)]
    assert server.names == ["backend.invalid"]
    assert b"\r\nHost: backend.invalid:%d\r\n" % server.port in server.requests[0]
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    headers = dict(line.decode().split(": ", 1) for line in head.split(b"\r\n")[1:])
    assert headers["webhook-id"].startswith("msg_")
    assert json.loads(body)["type"] == "instance.unfreeze"


def test_secrets_and_personal_data_stay_out_of_repr() -> None:
    shown = repr(Hook(says(204)).provisioner) + repr(INSTANCE) + repr(BUYER)
    assert "MfKQ9r8" not in shown
    assert "13800000000" not in shown


def test_packages_are_read() -> None:
    document = {
        "packages": [
            {"instanceId": "package-1", "quota": "100.5", "expiresAt": "2027-11-20T15:59:59Z"},
            {"instanceId": "package-2", "quota": 3},
        ]
    }
    assert Hook(says(200, document)).provisioner.packages(INSTANCE) == (
        Package("package-1", Decimal("100.5"), datetime(2027, 11, 20, 15, 59, 59, tzinfo=UTC)),
        Package("package-2", Decimal(3)),
    )
    assert Hook(says(204)).provisioner.packages(INSTANCE) == ()


@pytest.mark.parametrize(
    "packages",
    [
        None,
        [{"quota": "1"}],
        [{"instanceId": "p", "quota": "many"}],
        [{"instanceId": "p", "quota": 1, "expiresAt": "soon"}],
        [{"instanceId": "p", "quota": 1, "expires": "2027-11-20T15:59:59Z"}],
    ],
)
def test_packages_that_cannot_be_read_are_refused(packages: Any) -> None:
    with pytest.raises(ProvisioningError):
        Hook(says(200, {"packages": packages})).provisioner.packages(INSTANCE)
