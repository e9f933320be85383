"""Members of calls of the sync interfaces (joint operation, sections 1.2 to 1.6 and 2), with made-up values."""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from emulator.keys import Keys
from emulator.wire.client_secret import encrypt_secret
from emulator.wire.debug_fields import INSTANCE, ORDER
from emulator.wire.sync_calls import stamp
from shared.clock import Clock
from shared.commands import Version

TENANT, APP = "68cbc86abc2018ab880d92f36422fa0e", "conformance-check"
USERS = 500
"""Users of one call at most."""

_IDS = {"instanceId": INSTANCE, "tenantId": TENANT}

Body = Callable[[Version, Keys, Clock], dict[str, Any]]
"""The members, as the version has them."""


def tenant(_version: Version, _keys: Keys, _clock: Clock) -> dict[str, Any]:
    """An enterprise; its domain name comes without a scheme, as received by others."""
    texts = {"tenantCode": "example.com", "name": "测试企业", "domainName": "example.tenantaccount.com"}
    return {**_IDS, "orderId": ORDER, **texts, "flag": 1}


def application(_version: Version, keys: Keys, _clock: Clock) -> dict[str, Any]:
    """A sign-in client with its secret."""
    secret = encrypt_secret(keys.rsa_public_key, "conformance-secret")
    return {**_IDS, "appId": APP, "clientId": "conformance-client", "clientSecret": secret, "flag": 1}


def users(version: Version, _keys: Keys, clock: Clock, number: int = 2) -> dict[str, Any]:
    """Users: an array in version 2, the text of one in version 1."""
    user = {"name": "张三", "orgCode": "10000", "role": "user", "enable": "true"}
    some = [{"userName": f"check-{index}", **user} for index in range(number)]
    value = some if version is Version.V2 else json.dumps(some, ensure_ascii=False)
    return {**_IDS, "appId": APP, "userList": value, "currentSyncTime": stamp(clock.now()), "flag": 1}


def department(_version: Version, _keys: Keys, _clock: Clock) -> dict[str, Any]:
    """A department at the top."""
    return {**_IDS, "orgCode": "10000", "orgName": "开发部", "parentCode": "", "flag": 1}


def departments(version: Version, _keys: Keys, _clock: Clock) -> dict[str, Any]:
    """All departments, flat; one has a parent that is not among them."""
    name = "orgName" if version is Version.V2 else "name"
    some = [
        {"orgCode": "10000", name: "开发部", "parentCode": ""},
        {"orgCode": "10001", name: "测试部", "parentCode": "265789314"},
    ]
    if version is Version.V2:
        return {**_IDS, "orgInfoList": some}
    return {**_IDS, "orgInfo": json.dumps(some, ensure_ascii=False)}


BODIES: Mapping[str, Body] = MappingProxyType(
    {
        "tenantSync": tenant,
        "applicationSync": application,
        "authSync": users,
        "singleOrgSync": department,
        "allOrgSync": departments,
    }
)
"""By the name of the interface."""
