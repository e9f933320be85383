"""Debug calls of organisation sync, which the gateway serves (joint operation, sections 1 and 2)."""

import json
import re
from collections.abc import Mapping
from typing import Any

from emulator.development import rsa_key
from emulator.samples.calls import INSTANCE, Sample
from emulator.wire.client_secret import encrypt_secret, public_half
from emulator.wire.debug_fields import ORDER
from emulator.wire.sync_calls import SyncV1Calls, SyncV2Calls, stamp
from shared.clock import Clock

TENANT = "68cbc86abc2018ab880d92f36422fa0e"


def sync_samples(settings: Mapping[str, str], clock: Clock) -> list[Sample]:
    """One call of each interface in each version, signed now with the keys in ``settings``."""
    keys = settings["KOOGALLERY_KEY"], settings["KOOGALLERY_SYNC_ACCESS_KEY"]
    ids = {"instanceId": INSTANCE, "tenantId": TENANT, "testFlag": 1}
    secret = encrypt_secret(public_half(rsa_key()), "sample-client-secret")
    user = {"userName": "zhang@example", "name": "张三", "orgCode": "10000", "role": "user", "enable": "true"}
    department = {"orgCode": "10000", "orgName": "总部", "parentCode": ""}
    bodies: dict[str, dict[str, Any]] = {
        "tenantSync": {
            "orderId": ORDER,
            "tenantCode": "example",
            "name": "示例企业",
            "domainName": "https://sso.example",
        },
        "applicationSync": {"appId": "sample-application", "clientId": "sample-client", "clientSecret": secret},
        "authSync": {"appId": "sample-application", "currentSyncTime": stamp(clock.now()), "userList": [user]},
        "singleOrgSync": department,
        "allOrgSync": {"orgInfoList": [department]},
    }
    made = []
    for name, body in bodies.items():
        flag = {} if name == "allOrgSync" else {"flag": 1}
        members = {**ids, **flag, **body}
        v1, v2 = SyncV1Calls(keys[0], clock), SyncV2Calls(keys[1], clock)
        made += [
            Sample(f"{_dashed(name)}-v1", "gateway", v1.call(name, _as_version_1(members)), keys[0]),
            Sample(f"{_dashed(name)}-v2", "gateway", v2.call(name, members), keys[1]),
        ]
    return made


def _as_version_1(members: Mapping[str, Any]) -> dict[str, Any]:
    """Lists are text in version 1, and departments spell their name otherwise."""
    lists = {"orgInfoList": "orgInfo", "userList": "userList"}
    texts = {
        lists[name]: json.dumps([{"name" if k == "orgName" else k: v for k, v in each.items()} for each in value])
        for name, value in members.items()
        if name in lists
    }
    return {name: value for name, value in members.items() if name not in lists} | texts


def _dashed(name: str) -> str:
    return re.sub("(?=[A-Z])", "-", name).lower()
