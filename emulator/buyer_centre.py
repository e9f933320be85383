"""The buyer centre on this machine: buys, creates an enterprise, binds the application to it, authorises its people.

What the bundle is told, it is told through the interfaces of organisation sync (joint operation, section 7.1).
"""

import base64
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from emulator.buyer_pages import ACTIONS, PATH, members_page
from emulator.calls import V1Calls
from emulator.client import Answer, send
from emulator.identity.api import form
from emulator.identity.enterprise import Enterprise, Member
from emulator.identity.server import Identity
from emulator.sync_calls import SyncV2Calls, stamp
from shared.clock import Clock
from shared.config import Settings
from shared.http import HttpRequest, HttpResponse

ADD, MODIFY, REVOKE = 1, 2, 3
SUCCESS = "000000"

PEOPLE = (
    Member("zhang@acme", "张三 Zhang San", "zhang-password", "admin"),
    Member("li@acme", "李四 Li Si", "li-password"),
)


class NotTaken(Exception):
    """The bundle did not take what it was told; the text says what it answered."""


class BuyerCentre:
    """Tells the bundle at ``base`` (``http://host:port``) what a buyer does.

    :param settings: those of the bundle: its keys, path and addresses.
    :param domain: where the bundle reaches ``identity``.
    """

    def __init__(self, base: str, settings: Settings, clock: Clock, identity: Identity, domain: str) -> None:
        self._base, self._settings, self._clock = base, settings, clock
        self._identity, self._domain = identity, domain
        self._sync = SyncV2Calls(settings.required_keys("KOOGALLERY_SYNC_ACCESS_KEY")[0], clock, settings.base_path)

    def open(self, code: str = "acme", name: str = "甲公司 Acme") -> Enterprise:
        """An enterprise with a new instance, the application bound to it, and two people who may use it.

        :raises NotTaken: the bundle refused something.
        """
        public_url = self._settings.required("KOOGALLERY_PUBLIC_URL").rstrip("/")
        callback = f"{public_url}{self._settings.base_path.rstrip('/')}/login/callback"
        enterprise = Enterprise(uuid4().hex, code, name, callback)
        order_id = f"CS{self._clock.now():%y%m%d%H%M%S}{uuid4().hex[:3].upper()}"
        enterprise.instance_id = self._bought(order_id)
        self._bind(enterprise, order_id)
        self._identity.add(enterprise)
        for member in PEOPLE:
            enterprise.add(member)
            self._tell(enterprise, member, ADD)
        return enterprise

    def enable(self, enterprise: Enterprise, user_name: str, *, enabled: bool) -> None:
        """Enable or disable a member."""
        self._tell(enterprise, enterprise.enable(user_name, enabled=enabled), MODIFY)

    def authorise(self, enterprise: Enterprise, user_name: str, *, authorised: bool) -> None:
        """Let a member use the application, or no longer."""
        member = enterprise.authorise(user_name, authorised=authorised)
        self._tell(enterprise, member, ADD if authorised else REVOKE)

    def freeze(self, enterprise: Enterprise) -> None:
        """The marketplace's part: the subscription of the enterprise has expired."""
        calls = V1Calls(self._settings.key[0], self._clock, self._settings.base_path)
        self._said(calls.call("expireInstance", instanceId=enterprise.instance_id))

    def handle(self, request: HttpRequest) -> HttpResponse | None:
        """The page of the members and what its buttons do; ``None`` for another path."""
        if request.path != PATH:
            return None
        if request.method == "POST":
            given = form(request)
            enterprise = self._identity.enterprises.get(given.get("tenant", ""))
            if enterprise and given.get("user") in enterprise.members and given.get("action") in ACTIONS:
                self._act(enterprise, given["user"], given["action"])
            return HttpResponse(303, {"Location": PATH}, b"")
        return members_page(list(self._identity.enterprises.values()))

    def _act(self, enterprise: Enterprise, user_name: str, action: str) -> None:
        if action in ("enable", "disable"):
            self.enable(enterprise, user_name, enabled=action == "enable")
        else:
            self.authorise(enterprise, user_name, authorised=action == "authorise")

    def _bought(self, order_id: str) -> str:
        calls = V1Calls(self._settings.key[0], self._clock, self._settings.base_path)
        expires = (self._clock.now() + timedelta(days=365)).astimezone(self._settings.v1_zone)
        purchase: dict[str, str | int] = {
            "orderId": order_id,
            "businessId": uuid4().hex,
            "customerId": "buyer-of-login",
            "productId": "00301-666666-0--0",
            "chargingMode": 1,
            "periodType": "year",
            "periodNumber": 1,
            "expireTime": f"{expires:%Y%m%d%H%M%S}",
        }
        return str(self._said(calls.call("newInstance", **purchase))["instanceId"])

    def _bind(self, enterprise: Enterprise, order_id: str) -> None:
        tenant = {"orderId": order_id, "tenantCode": enterprise.tenant_code, "name": enterprise.name}
        self._sent("tenantSync", enterprise, {**tenant, "domainName": self._domain, "flag": ADD})
        client = {"clientId": enterprise.client_id, "clientSecret": self._encrypted(enterprise.client_secret)}
        self._sent("applicationSync", enterprise, {**self._app_id, **client, "flag": ADD})
        departments = [{"orgCode": "A01", "orgName": "总部", "parentCode": ""}]
        self._sent("allOrgSync", enterprise, {"orgInfoList": departments})

    def _tell(self, enterprise: Enterprise, member: Member, flag: int) -> None:
        user = {
            "userName": member.user_name,
            "name": member.name,
            "orgCode": member.org_code,
            "role": member.role,
            "enable": str(member.enabled).lower(),
        }
        when = {"currentSyncTime": stamp(self._clock.now())}
        self._sent("authSync", enterprise, {**self._app_id, **when, "userList": [user], "flag": flag})

    @property
    def _app_id(self) -> Mapping[str, str]:
        return {"appId": self._settings.required("KOOGALLERY_APP_ID")}

    def _sent(self, interface: str, enterprise: Enterprise, members: Mapping[str, Any]) -> None:
        names = {"instanceId": enterprise.instance_id, "tenantId": enterprise.tenant_id}
        self._said(self._sync.call(interface, {**names, **members}))

    def _said(self, request: HttpRequest) -> Mapping[str, Any]:
        reply = send(self._base, request)
        members = json.loads(reply.body) if isinstance(reply, Answer) else {}
        if members.get("resultCode") != SUCCESS:
            raise NotTaken(f"{request.path}: {members.get('resultMsg') or reply}")
        return dict(members)

    def _encrypted(self, secret: str) -> str:
        """With the seller's public key, as the marketplace does (joint operation, section 3.1)."""
        from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        pem = self._settings.required("KOOGALLERY_RSA_PRIVATE_KEY").replace("\\n", "\n")
        key = load_pem_private_key(pem.encode(), password=None)
        if not isinstance(key, RSAPrivateKey):
            raise NotTaken("KOOGALLERY_RSA_PRIVATE_KEY holds no RSA key")
        ciphertext = key.public_key().encrypt(secret.encode(), OAEP(MGF1(SHA256()), SHA256(), None))
        return base64.b64encode(ciphertext).decode()
