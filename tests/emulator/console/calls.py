"""Calls of every kind, signed as they are in life."""

from datetime import UTC, datetime

from emulator.checks import CHECKS, Expected, Reading, examine
from emulator.clock import MovableClock
from emulator.keys import Keys
from emulator.marketplace.delivery.call import Direction, Family, Judged, ReceivedAnswer, RecordedCall, SentRequest
from emulator.texts import Text
from emulator.wire.calls import V1Calls, V2Calls
from emulator.wire.client import Answer
from emulator.wire.sync_calls import SyncV1Calls, SyncV2Calls
from shared.commands import Version
from shared.http import HttpRequest
from shared.openapi.signer import sign
from shared.openapi.usage_push import push_signature
from shared.protocol.field_cipher import FieldCipher
from shared.protocol.signing import body_sign

KEYS = Keys(key="v1-key-0123456789", access_key="v2-access-key", notify_key="notify-key", sync_key="sync-key")
USAGE_KEY, AK, SK = "usage-key", "AK", "secret-of-the-access-key"
AT = datetime(2026, 11, 22, 20, 42, 37, 125000, UTC)
ORDER, INSTANCE = "CS2611222042ABCDE", "0123456789abcdef0123456789abcdef"
CLOCK = MovableClock()


def v1(**more: str) -> HttpRequest:
    mail = FieldCipher((KEYS.key,)).encrypt("buyer@acme.example", iv="0123456789012345")
    fields = {"orderId": ORDER, "email": mail, "customerName": "艾克米 & Co", **more}
    return V1Calls(KEYS.key, CLOCK).call("newInstance", **fields)


def v2() -> HttpRequest:
    return V2Calls(KEYS.access_key, CLOCK).call("newInstance", orderId=ORDER, orderLineId=f"{ORDER}-000001")


def sync_v1() -> HttpRequest:
    return SyncV1Calls(KEYS.key, CLOCK).call(
        "tenantSync", {"tenantId": "T1", "name": "艾克米", "flag": 1, "blank": " "}
    )


def sync_v2() -> HttpRequest:
    return SyncV2Calls(KEYS.sync_key, CLOCK).call("tenantSync", {"tenantId": "T1", "domainName": None, "flag": 1})


def order_query() -> HttpRequest:
    path, query = "/api/mkp-openapi-public/v1/order/query", (("orderId", ORDER), ("a b", "c+d"))
    url = f"https://127.0.0.1:8100{path}?orderId={ORDER}&a%20b=c%2Bd"
    headers = sign(ak=AK, sk=SK, method="GET", url=url, headers={"Content-Type": "application/json"}, body=b"", at=AT)
    return HttpRequest("GET", path, query, {name.lower(): value for name, value in headers.items()})


def usage() -> HttpRequest:
    body = b'{"usage_records":[{"instance_id":"i-1","usage_value":"3"}]}'
    signature = push_signature(USAGE_KEY, "1795380157125", "nonce-1", body)
    headers = {"ts": "1795380157125", "nonce": "nonce-1", "signature": signature}
    return HttpRequest("POST", "/api/mkp-openapi-public/global/v1/isv/usage-data", (), headers, body)


def outgoing(
    request: HttpRequest,
    version: Version,
    key_name: str,
    *,
    activity: str = "newInstance",
    family: Family = Family.PRODUCTION,
    body: bytes | None = None,
    signature: str | None = None,
    order_id: str = ORDER,
) -> RecordedCall:
    """A call to the seller with its judged answer."""
    key = getattr(KEYS, key_name)
    password = FieldCipher((KEYS.key,)).encrypt("pa55word", iv="5432109876543210")
    body = (
        body
        or (
            f'{{"resultCode":"000000","resultMsg":"success.","instanceId":"{INSTANCE}","encryptType":"1",'
            f'"appInfo":{{"frontEndUrl":"https://app.example","userName":"{password}","password":"{password}"}}}}'
        ).encode()
    )
    headers = (("Content-Type", "application/json"), ("Body-Sign", signature or body_sign(key, body)))
    reply, expected = Answer(200, headers, body, 12.4), Expected(version, activity, key)
    return RecordedCall(
        at=AT,
        direction=Direction.OUT,
        family=family,
        activity=activity,
        version=version,
        order_id=order_id,
        instance_id=INSTANCE,
        occasion=Text("occasions.attempt", n=1),
        key_name=key_name,
        expected=expected.codes,
        sent=SentRequest.of(request),
        received=ReceivedAnswer.of(reply),
        code=Reading(reply, expected).code,
        findings=tuple(Judged.of(each) for each in examine(reply, expected, CHECKS)),
    )


def incoming(request: HttpRequest, family: Family) -> RecordedCall:
    """A call of the seller."""
    answer = ReceivedAnswer(
        status=200, headers=(("Content-Type", "application/json"),), body=b'{"resultCode":"MKT.0000"}'
    )
    sent = SentRequest.of(request)
    return RecordedCall(
        at=AT, direction=Direction.IN, family=family, activity="query", order_id=ORDER, sent=sent, received=answer
    )


def every_kind() -> dict[str, RecordedCall]:
    """One of each, by the kind of its signature."""
    return {
        "v1": outgoing(v1(), Version.V1, "key"),
        "v2": outgoing(v2(), Version.V2, "access_key"),
        "sync-v1": outgoing(sync_v1(), Version.V1, "key", activity="tenantSync", family=Family.SYNC),
        "sync-v2": outgoing(sync_v2(), Version.V2, "sync_key", activity="tenantSync", family=Family.SYNC),
        "gateway": incoming(order_query(), Family.ORDERS),
        "push": incoming(usage(), Family.USAGE),
    }
