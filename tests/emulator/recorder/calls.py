"""Calls as a seller has them: signed with the seller's own keys, about a buyer who has much to hide."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from emulator.development import rsa_key
from emulator.keys import Keys
from emulator.wire.calls import V1Calls, V2Calls, url_of
from emulator.wire.client_secret import encrypt_secret, public_half
from emulator.wire.sync_calls import SyncV1Calls, SyncV2Calls
from shared.clock import SystemClock
from shared.http import HttpRequest
from shared.protocol.field_cipher import FieldCipher
from shared.protocol.production.extend_params import encode_extend_params

KEYS = Keys(
    key="5ab6f9c1-sellers-key",
    access_key="sellers-own-access-key",
    notify_key="sellers-own-notify-key",
    sync_key="sellers-own-sync-key",
)
PATH = "/secret-path/isv"
BASE = "https://produce.li-si.cn"
ORDER, LINE = "CS2211181819B4LVS", "CS2211181819B4LVS-000001"
BUSINESS, INSTANCE = "61e834ba-7b97-4418-b8f7-e5345137278c", "03pf80c2bae96vc49b80b917bea776d7"
PERSON = {
    "phone": "13912345678",
    "mail": "li.si@li-si.cn",
    "name": "李四科技有限公司",
    "customer": "68cbc86abc2018ab880d92f36422fa0e",
    "user": "iam-li-si",
    "userId": "0a9b8c7d6e5f40312233445566778899",
    "order": ORDER,
    "business": BUSINESS,
    "instance": INSTANCE,
    "tenant": "7f0c2d4e6b8a49aa9c1b3d5e7f90a1b2",
    "domain": "li-si.tenantaccount.cn",
    "idNumber": "11010119900307123X",
    "ip": "121.36.12.34",
    "secret": "Cl1entS3cret-of-li-si",
    "free": "whatever 李四 wrote & more=1+1",
}
CLOCK = SystemClock()
V1 = V1Calls(KEYS.key, CLOCK, PATH)
V2 = V2Calls(KEYS.access_key, CLOCK, PATH)
NOTIFY = V2Calls(KEYS.notify_key, CLOCK, PATH)
SYNC_V1 = SyncV1Calls(KEYS.key, CLOCK, PATH)
SYNC_V2 = SyncV2Calls(KEYS.sync_key, CLOCK, PATH)
PUBLIC = public_half(rsa_key())
EXPIRES = "20271120235959"


def purchase(person: Mapping[str, str] = PERSON, **more: Any) -> HttpRequest:
    """A purchase of version 1 with everything that may come with one."""
    cipher = FieldCipher([KEYS.key])
    extended = [{"name": "idNum", "value": person["idNumber"]}, {"name": "ip", "value": person["ip"]}]
    fields: dict[str, Any] = {
        "orderId": person["order"],
        "businessId": person["business"],
        "customerId": person["customer"],
        "customerName": person["name"],
        "userId": person["userId"],
        "userName": person["user"],
        "mobilePhone": cipher.encrypt(person["phone"]),
        "email": cipher.encrypt(person["mail"]),
        "saasExtendParams": encode_extend_params(extended),
        "productId": "00301-666688-0--0",
        "skuCode": "d0abcd12-1234-5678-ab0a-11ab111a1aa1",
        "chargingMode": 1,
        "periodType": "year",
        "periodNumber": 1,
        "expireTime": EXPIRES,
        "orderAmount": "99.50",
        "freeText": person["free"],
    }
    return V1.call("newInstance", **fields | more)


def users(person: Mapping[str, str]) -> list[dict[str, Any]]:
    """Two members."""
    first = {
        "userName": person["user"],
        "name": person["name"],
        "orgCode": person["free"][:60],
        "position": person["free"],
        "employeeCode": person["idNumber"],
        "employeeType": "4",
        "role": "admin",
        "enable": "true",
        "mobile": person["phone"],
        "email": person["mail"],
        "workPlace": person["name"],
        "entryDate": "2022-11-9",
        "extension": {"account": person["free"], "nested": [{"ip": person["ip"]}]},
    }
    return [first, {**first, "userName": f"{person['user']}-2", "role": "user"}]


def calls(person: Mapping[str, str] = PERSON) -> dict[str, HttpRequest]:
    """One call or more of every interface in every version that it has."""
    order: dict[str, Any] = {"orderId": person["order"], "orderLineId": f"{person['order']}-000001"}
    instance: dict[str, Any] = {"instanceId": person["instance"]}
    tenant: dict[str, Any] = {**instance, "tenantId": person["tenant"]}
    names = {"tenantCode": person["domain"], "name": person["name"], "domainName": f"https://{person['domain']}"}
    client = {"appId": person["userId"], "clientId": person["customer"]}
    secret = {"clientSecret": encrypt_secret(PUBLIC, person["secret"])}
    several = {"instanceId": f"{person['instance']},{person['business']}"}
    target = {"productId": "OFFI1", "skuCode": "sku-1", "linearValue": "20", "productName": person["name"]}
    department = {"orgCode": person["user"], "orgName": person["name"], "parentCode": ""}
    listed = [{"orgCode": person["user"], "orgName": person["name"], "parentCode": person["userId"]}]
    flat = [{"orgCode": person["user"], "name": person["name"], "parentCode": ""}]
    members = {"appId": person["userId"], "currentSyncTime": "20220413093539534"}
    text = json.dumps(users(person), ensure_ascii=False)
    renewal = {"expireTime": EXPIRES, "freeText": person["free"]}
    return {
        "purchase-v1": purchase(person),
        "renew-v1": V1.call("refreshInstance", orderId=person["order"], **instance, expireTime=EXPIRES),
        "expire-v1": V1.call("expireInstance", orderId=person["order"], **instance),
        "release-v1": V1.call("releaseInstance", orderId=person["order"], **instance),
        "upgrade-v1": V1.call(
            "upgrade", orderId=person["order"], productId="P-2", skuCode="S-2", amount=20, **instance
        ),
        "status-v1": V1.call("instanceStatus", instanceStatus="FREEZE", **instance),
        "query-v1": V1.call("queryInstance", **several),
        "purchase-v2": V2.call("newInstance", **order, businessId=person["business"]),
        "renew-v2": V2.call("refreshInstance", scene="RENEWAL", **order, **instance, **renewal),
        "release-v2": V2.call("releaseInstance", **order, **instance),
        "upgrade-v2": V2.call("upgradeInstance", **order, **instance),
        "status-v2": V2.call("updateInstanceStatus", status="FREEZE", **instance),
        "query-v2": V2.call("queryInstance", testFlag="1", **several),
        "change_check-v2": V2.call("changeInstanceCheck", productInfo=target, **instance),
        "order_notify-v2": NOTIFY.call("orderNotify", **order),
        "tenant-sync-v1": SYNC_V1.call("tenantSync", {**tenant, **names, "orderId": person["order"], "flag": 1}),
        "tenant-sync-v2": SYNC_V2.call("tenantSync", {**tenant, **names, "orderId": person["order"], "flag": 1}),
        "application-sync-v1": SYNC_V1.call("applicationSync", {**tenant, **client, **secret, "flag": 1}),
        "application-sync-v2": SYNC_V2.call("applicationSync", {**tenant, **client, **secret, "flag": 2}),
        "auth-sync-v1": SYNC_V1.call("authSync", {**tenant, **members, "userList": text, "flag": 1}),
        "auth-sync-v2": SYNC_V2.call("authSync", {**tenant, **members, "userList": users(person), "flag": 2}),
        "single-org-sync-v1": SYNC_V1.call("singleOrgSync", {**tenant, **department, "flag": 1}),
        "single-org-sync-v2": SYNC_V2.call("singleOrgSync", {**tenant, **department, "flag": 2}),
        "all-org-sync-v1": SYNC_V1.call("allOrgSync", {**tenant, "orgInfo": json.dumps(flat, ensure_ascii=False)}),
        "all-org-sync-v2": SYNC_V2.call("allOrgSync", {**tenant, "orgInfoList": listed}),
    }


CALLS = calls()


def pasted(request: HttpRequest) -> str:
    """A call as the console shows it: the address, the headers that sign it, the body."""
    headers = "".join(f"{name}: {value}\n" for name, value in request.headers.items())
    return f"{url_of(BASE, request)}\n{headers}{request.body.decode()}\n"


def members(request: HttpRequest) -> dict[str, Any]:
    """The members of a body."""
    found: dict[str, Any] = json.loads(request.body)
    return found


def based(text: str) -> str:
    """In base64."""
    return base64.b64encode(text.encode()).decode()
