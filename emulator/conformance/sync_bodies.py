"""Bodies of the sync interfaces (joint operation, sections 1.2 to 1.6 and 2)."""

import json
from collections.abc import Callable
from typing import Any

from emulator.conformance.call_factory import CallFactory
from emulator.conformance.case_builders import Fields
from emulator.wire.client_secret import encrypt_secret
from emulator.wire.debug_fields import INSTANCE, ORDER
from emulator.wire.sync_calls import stamp
from shared.commands import Version

TENANT, APP = "68cbc86abc2018ab880d92f36422fa0e", "conformance-check"
USERS = 500
"""Users of one call at most."""

_IDS = {"instanceId": INSTANCE, "tenantId": TENANT}


Body = Callable[[CallFactory, Version], dict[str, Any]]
"""The members, as the version has them."""


def of(body: Body, version: Version, **more: Any) -> Fields:
    """A body, with ``more`` over it; ``None`` leaves a member out."""
    return lambda factory: {k: v for k, v in (body(factory, version) | more).items() if v is not None}


def tenant(_factory: CallFactory, _version: Version) -> dict[str, Any]:
    """An enterprise; its domain name comes without a scheme, as received by others."""
    texts = {"tenantCode": "example.com", "name": "测试企业", "domainName": "example.tenantaccount.com"}
    return {**_IDS, "orderId": ORDER, **texts, "flag": 1}


def application(factory: CallFactory, _version: Version) -> dict[str, Any]:
    """A sign-in client with its secret."""
    secret = encrypt_secret(factory.keys.rsa_public_key, "conformance-secret")
    return {**_IDS, "appId": APP, "clientId": "conformance-client", "clientSecret": secret, "flag": 1}


def users(factory: CallFactory, version: Version, number: int = 2) -> dict[str, Any]:
    """Users: an array in version 2, the text of one in version 1."""
    user = {"name": "张三", "orgCode": "10000", "role": "user", "enable": "true"}
    some = [{"userName": f"check-{index}", **user} for index in range(number)]
    value = some if version is Version.V2 else json.dumps(some, ensure_ascii=False)
    return {**_IDS, "appId": APP, "userList": value, "currentSyncTime": stamp(factory.clock.now()), "flag": 1}


def department(_factory: CallFactory, _version: Version) -> dict[str, Any]:
    """A department at the top."""
    return {**_IDS, "orgCode": "10000", "orgName": "开发部", "parentCode": "", "flag": 1}


def departments(_factory: CallFactory, version: Version) -> dict[str, Any]:
    """All departments, flat; one has a parent that is not among them."""
    name = "orgName" if version is Version.V2 else "name"
    some = [
        {"orgCode": "10000", name: "开发部", "parentCode": ""},
        {"orgCode": "10001", name: "测试部", "parentCode": "265789314"},
    ]
    if version is Version.V2:
        return {**_IDS, "orgInfoList": some}
    return {**_IDS, "orgInfo": json.dumps(some, ensure_ascii=False)}
