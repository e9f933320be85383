"""What the marketplace sends about a buyer's enterprise, in either protocol version, and the settings it takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from emulator.wire.sync_calls import SyncV1Calls, SyncV2Calls
from shared.clock import Clock
from shared.http import HttpRequest
from tests.vectors import load
from tests.world import KEY

SYNC_KEY = "access-key-of-organisation-sync"
TOKEN = "token-of-the-application-of-this-test"
TENANT, INSTANCE, APP = "68cbc86tenant", "business-1", "app-1"
SECRET = load("client_secret")["valid"][0]
CLIENT_SECRET: str = SECRET["secret"]
V1, V2 = "v1", "v2"
VERSIONS = [V1, V2]


@cache
def sync_settings() -> dict[str, str]:
    """What organisation sync and the directory need beside the rest."""
    return {
        "KOOGALLERY_SYNC_ACCESS_KEY": SYNC_KEY,
        "KOOGALLERY_RSA_PRIVATE_KEY": "".join(vector["pem"] for vector in load("client_secret")["keys"]),
        "KOOGALLERY_APP_TOKEN": TOKEN,
    }


@dataclass(frozen=True)
class Buyer:
    """Makes the calls about one enterprise."""

    clock: Clock
    version: str = V2
    instance_id: str = INSTANCE
    tenant_id: str = TENANT

    @property
    def key(self) -> str:
        """What the calls, and the answers, are signed with."""
        return KEY if self.version == V1 else SYNC_KEY

    def call(self, interface: str, /, **members: Any) -> HttpRequest:
        """A call of an interface; members that are ``None`` are not sent."""
        body = {"instanceId": self.instance_id, "tenantId": self.tenant_id, **members}
        calls = SyncV1Calls(KEY, self.clock) if self.version == V1 else SyncV2Calls(SYNC_KEY, self.clock)
        return calls.call(interface, {name: value for name, value in body.items() if value is not None})

    def tenant(self, **members: Any) -> HttpRequest:
        """tenantSync: bound, unless told otherwise."""
        content = {"orderId": "CS1", "tenantCode": "acme", "name": "甲公司", "domainName": "acme.tenant.example.com"}
        return self.call("tenantSync", **{**content, "flag": 1, **members})

    def application(self, **members: Any) -> HttpRequest:
        """applicationSync: bound, unless told otherwise."""
        content = {"appId": APP, "clientId": "client-1", "clientSecret": SECRET["ciphertext"], "flag": 1}
        return self.call("applicationSync", **{**content, **members})

    def users(self, *users: Mapping[str, Any], **members: Any) -> HttpRequest:
        """authSync: added, unless told otherwise."""
        sent: Sequence[Any] = list(users)
        return self.call("authSync", **{"appId": APP, "userList": sent, "flag": 1, **members})

    def department(self, code: str, name: str = "", parent: str = "", **members: Any) -> HttpRequest:
        """singleOrgSync: added, unless told otherwise."""
        content = {"orgCode": code, "orgName": name or f"部门 {code}", "parentCode": parent, "flag": 1}
        return self.call("singleOrgSync", **{**content, **members})

    def departments(self, *departments: tuple[str, str], **members: Any) -> HttpRequest:
        """allOrgSync: codes with their parents' codes."""
        found = [{"orgCode": code, "orgName": f"部门 {code}", "parentCode": parent} for code, parent in departments]
        return self.call("allOrgSync", **{"orgInfoList": found, **members})


def user(user_name: str, /, **members: Any) -> dict[str, Any]:
    """A member of an enterprise as authSync describes one."""
    return {
        "userName": user_name,
        "name": f"名 {user_name}",
        "orgCode": "1",
        "role": "user",
        "enable": "true",
        **members,
    }
