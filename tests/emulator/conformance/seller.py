"""A right seller's server in one piece, written from the marketplace's pages and sharing no code with the bundle but
the ciphers. Each method is a place where public implementations go wrong: tests replace one at a time.
"""

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from emulator.development import rsa_key
from shared.protocol.client_secret import decrypt_secret
from shared.protocol.field_cipher import FieldCipher
from tests.emulator.conformance.server import Raw, Reply

KEY, ACCESS_KEY, NOTIFY_KEY, SYNC_KEY = "key-of-version-1", "access-key", "notify-access-key", "sync-access-key"
URL = "https://app.example.com"

MANDATORY: Mapping[str, tuple[str, ...]] = {
    "newInstance": ("orderId", "businessId"),
    "refreshInstance": ("instanceId", "expireTime"),
    "expireInstance": ("instanceId",),
    "releaseInstance": ("instanceId",),
    "upgrade": ("instanceId", "orderId"),
    "upgradeInstance": ("instanceId", "orderId"),
    "instanceStatus": ("instanceId", "instanceStatus"),
    "updateInstanceStatus": ("instanceId", "status"),
    "queryInstance": ("instanceId",),
    "changeInstanceCheck": ("instanceId", "productInfo"),
    "orderNotify": ("orderId",),
}
WORDS: Mapping[str, tuple[str, ...]] = {
    "instanceStatus": ("FREEZE", "NORMAL"),
    "status": ("FREEZE", "UNFREEZE"),
    "scene": ("RENEWAL", "TRIAL_TO_FORMAL", "UNSUBSCRIBE_RENEWAL_PERIOD", "RENEWAL_CHANGE"),
}
OWN: Mapping[str, tuple[str, ...]] = {
    "tenantSync": ("tenantCode", "domainName"),
    "applicationSync": ("clientId", "clientSecret"),
    "authSync": ("userList",),
    "singleOrgSync": ("orgCode",),
    "allOrgSync": ("orgInfo", "orgInfoList"),
}


class Refused(Exception):
    """An answer other than success."""

    def __init__(self, code: str, message: str = "refused") -> None:
        super().__init__(message)
        self.code = code


def mac(key: str, data: bytes) -> bytes:
    return hmac.new(key.encode(), data, hashlib.sha256).digest()


@dataclass
class Seller:
    """Right in everything."""

    nonces: dict[str, str] = field(default_factory=dict)
    orders: dict[str, str] = field(default_factory=dict)
    instances: dict[str, str] = field(default_factory=dict)

    def __call__(self, raw: Raw) -> Reply:
        keys = [KEY] if raw.method == "GET" else [ACCESS_KEY]
        try:
            if "/produceAPI/" in raw.path:
                keys[0] = SYNC_KEY if "/v2/" in raw.path else KEY
                members = self.sync(raw)
            else:
                members = self.version_1(raw) if raw.method == "GET" else self.version_2(raw, keys)
            members = {"resultCode": "000000", "resultMsg": "success.", **members}
        except Refused as refused:
            return self.refusal(refused, keys[0])
        return self.reply(members, keys[0])

    def refusal(self, refused: Refused, key: str) -> Reply:
        return self.reply({"resultCode": refused.code, "resultMsg": str(refused)}, key)

    def reply(self, members: Mapping[str, Any], key: str) -> Reply:
        body = self.encode(members)
        return Reply(200, self.headers(body, key), self.sent(body))

    def headers(self, body: bytes, key: str) -> dict[str, str]:
        return {"Content-Type": "application/json", "Body-Sign": self.body_sign(body, key)}

    def body_sign(self, body: bytes, key: str) -> str:
        return f'sign_type="HMAC-SHA256", signature= "{base64.b64encode(mac(key, body)).decode()}"'

    def encode(self, members: Mapping[str, Any]) -> bytes:
        return json.dumps(members).encode()

    def sent(self, body: bytes) -> bytes:
        return body

    # --- version 1 ---

    def version_1(self, raw: Raw) -> dict[str, Any]:
        fields: dict[str, str] = {}
        for pair in raw.query.split("&"):
            name, _, value = pair.partition("=")
            fields.setdefault(unquote_plus(name), self.decode(value))
        token = self.repaired(fields.pop("authToken", ""))
        if self.hides(fields):
            raise Refused("000001")
        if not (token and "timeStamp" in fields and self.same_token(token, self.token(fields))):
            raise Refused("000001", self.why(self.token(fields)) if "timeStamp" in fields else "no time")
        return self.operate(fields, KEY)

    def decode(self, value: str) -> str:
        return unquote_plus(value)

    def repaired(self, token: str) -> str:
        return token.replace(" ", "+")

    def token(self, fields: Mapping[str, str]) -> str:
        data = "&".join(f"{name}={fields[name]}" for name in self.signed_names(fields))
        return base64.b64encode(mac(KEY + fields["timeStamp"], data.encode())).decode()

    def signed_names(self, fields: Mapping[str, str]) -> list[str]:
        return sorted(fields)

    def same_token(self, token: str, right: str) -> bool:
        return token == right

    def why(self, right: str) -> str:
        return "authentication failed"

    # --- version 2 ---

    def version_2(self, raw: Raw, keys: list[str]) -> dict[str, Any]:
        query = dict(pair.split("=", 1) for pair in raw.query.split("&"))
        if b'"orderNotify"' in raw.body:
            keys[0] = NOTIFY_KEY
        signature, nonce, stamp = (query.get(name, "") for name in ("signature", "nonce", "timestamp"))
        if not (nonce and stamp.isdigit() and self.same_signature(signature, keys[0], nonce, stamp, raw.body)):
            raise Refused("000001", "authentication failed")
        if not (self.single(nonce, stamp) and self.in_time(self.age(stamp))):
            raise Refused("000001", "authentication failed")
        self.remember(nonce, signature)
        try:
            body = json.loads(raw.body)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Refused("000002", "no object")
        return self.operate({name: value for name, value in body.items() if value not in (None, "")}, keys[0])

    def same_signature(self, signature: str, key: str, nonce: str, stamp: str, body: bytes) -> bool:
        right = mac(key, f"{key}{nonce}{stamp}{self.digest(key, body)}".encode()).hex()
        return signature.lower() == right

    def digest(self, key: str, body: bytes) -> str:
        return mac(key, body).hex()

    def hides(self, fields: Mapping[str, Any]) -> bool:
        texts = [value for value in fields.values() if isinstance(value, str)]
        return any(re.search("&(orderId|instanceId|testFlag|flag|tenantId|userName)=", text) for text in texts)

    def age(self, stamp: str) -> float:
        return time.time() * 1000 - int(stamp) * (1000 if len(stamp) == 10 else 1)

    def single(self, nonce: str, stamp: str) -> bool:
        return len(stamp) == 13 or not nonce[-3:].isdigit()

    def in_time(self, age: float) -> bool:
        return abs(age) <= 60_000

    def remember(self, nonce: str, signature: str) -> None:
        if self.nonces.setdefault(nonce, signature) != signature:
            raise Refused("000001", "authentication failed")

    # --- sync ---

    def sync(self, raw: Raw) -> dict[str, Any]:
        fields = json.loads(raw.body)
        if "/v2/" in raw.path:
            stamp, nonce = raw.headers["x-timestamp"], raw.headers["x-nonce"]
            right = mac(SYNC_KEY, f"{SYNC_KEY}{nonce}{stamp}".encode() + self.payload(raw.body)).hex()
            once = self.single(nonce, stamp) and self.in_time(self.age(stamp))
            if raw.headers.get("x-sign", "").lower() != right or not once:
                raise Refused("000001")
            self.remember(nonce, right)
        elif raw.headers.get("authtoken") != self.sync_token(self.verified(raw.body)) or self.hides(fields):
            raise Refused("000001")
        if not self.belongs(raw.path.rpartition("/")[2], fields):
            raise Refused("000002", "another interface's")
        if not fields.get("tenantId") or not self.sync_id(fields):
            raise Refused("000002", "tenantId")
        if fields["flag"] not in self.flags() if "flag" in fields else False:
            raise Refused("000002", "flag")
        if "clientSecret" in fields:
            self.decrypt(fields["clientSecret"])
        return {}

    def payload(self, body: bytes) -> bytes:
        members = {name: value for name, value in self.verified(body).items() if value is not None}
        return json.dumps(members, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()

    def verified(self, body: bytes) -> dict[str, Any]:
        members: dict[str, Any] = json.loads(body)
        return members

    def belongs(self, name: str, fields: Mapping[str, Any]) -> bool:
        return any(fields.get(own) for own in OWN[name])

    def sync_token(self, fields: Mapping[str, Any]) -> str:
        data = "&".join(f"{name}={fields[name]}" for name in sorted(fields) if str(fields[name]).strip())
        return base64.b64encode(mac(KEY + fields["timeStamp"], data.encode())).decode()

    def sync_id(self, fields: Mapping[str, Any]) -> bool:
        return "instanceId" in fields

    def flags(self) -> tuple[int, ...]:
        return (0, 1, 2, 3)

    def decrypt(self, ciphertext: str) -> None:
        if decrypt_secret(rsa_key(), ciphertext) != "conformance-secret":
            raise Refused("000002", "clientSecret")

    # --- both ---

    def operate(self, fields: dict[str, Any], key: str) -> dict[str, Any]:
        activity = str(fields.get("activity", ""))
        if activity not in MANDATORY:
            raise Refused("000002", "activity")
        self.read(activity, fields)
        test = str(fields.get("testFlag")) == "1"
        if activity == "newInstance":
            instance = str(fields["businessId"]) if test else self.instance(fields)
            return self.created(instance, key)
        if activity == "orderNotify":
            return {}
        ids = str(fields["instanceId"]).split(",")
        if not test:
            self.change(activity, ids)
        elif activity == "releaseInstance":
            self.rehearse_release(ids[0])
        return {"info": [self.info(each, key) for each in self.asked(ids)]} if activity == "queryInstance" else {}

    def read(self, activity: str, fields: Mapping[str, Any]) -> None:
        missing = [name for name in MANDATORY[activity] if not fields.get(name)]
        wrong = [name for name, words in WORDS.items() if name in fields and fields[name] not in words]
        if missing or wrong:
            raise Refused("000002", ", ".join(missing + wrong))

    def instance(self, fields: Mapping[str, Any]) -> str:
        part = fields.get("orderLineId") or (
            fields.get("productId") if fields.get("chargingMode") in ("0", "5") else ""
        )
        instance = self.orders.setdefault(f"{fields['orderId']}/{part}", str(fields["businessId"]))
        self.instances.setdefault(instance, "active")
        return instance

    def change(self, activity: str, ids: list[str]) -> None:
        state = self.instances.get(ids[0])
        if state is None or (state == "released" and activity != "releaseInstance"):
            raise Refused("000003", "unknown instance")
        if activity == "releaseInstance":
            self.release(ids[0])

    def release(self, instance: str) -> None:
        self.instances[instance] = "released"

    def rehearse_release(self, instance: str) -> None:
        """Nothing happens."""

    def asked(self, ids: list[str]) -> list[str]:
        return ids

    def created(self, instance: str, key: str) -> dict[str, Any]:
        return {"instanceId": instance, "encryptType": "1", "appInfo": self.access(key)}

    def info(self, instance: str, key: str) -> dict[str, Any]:
        return {"instanceId": instance, "appInfo": self.access(key)}

    def access(self, key: str) -> dict[str, str]:
        cipher = FieldCipher([KEY])
        user, password = (
            (cipher.encrypt("admin"), cipher.encrypt("Passw0rd!")) if key == KEY else ("admin", "Passw0rd!")
        )
        return {"frontEndUrl": URL, "userName": user, "password": password, "memo": "欢迎"}
