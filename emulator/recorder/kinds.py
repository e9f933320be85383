"""What a request is: which interface of the marketplace, in which version."""

import re
from dataclasses import dataclass
from typing import Any

from emulator.keys import SETTINGS, key_name
from emulator.wire.sync_calls import members_or_none
from functions.gateway import MODULES, SYNC_MODULES
from shared.commands import Version
from shared.http import HttpRequest
from shared.pipelines.marketplace import SYNC_PATH
from shared.protocol.sync.call import called

GATEWAY = "gateway"
_NAME = re.compile(r"[A-Za-z]{1,32}")


class NotACall(Exception):
    """The request is none of the marketplace's."""


@dataclass(frozen=True, slots=True)
class CallKind:
    """The interface of a call.

    ``module`` is the module of ``functions`` that serves it: the gateway where the activity is one nobody knows.
    """

    activity: str
    module: str
    version: Version
    sync: bool = False

    @property
    def setting(self) -> str:
        """The setting that holds the key of the call's class."""
        return SETTINGS[key_name(self.version, self.activity, sync=self.sync)]

    @property
    def name(self) -> str:
        """For files: as the samples in ``events/`` are called."""
        own = self.module if self.module in MODULES.values() else self.activity
        return f"{re.sub(r'(?<=[a-z])(?=[A-Z])', '-', own).lower()}-{self.version}"


def kind_of(request: HttpRequest) -> CallKind:
    """The interface a request is for. Nothing is verified.

    :raises NotACall: it is for none.
    """
    if SYNC_PATH in request.path:
        name, is_v2 = called(request)
        if name not in SYNC_MODULES:
            raise NotACall("the path names none of the five sync interfaces")
        if members_or_none(request.body) is None:
            raise NotACall("the body is not a JSON object")
        return CallKind(name, SYNC_MODULES[name], Version.V2 if is_v2 else Version.V1, sync=True)
    version = Version.V1 if request.method == "GET" else Version.V2
    activity = request.first("activity") if version is Version.V1 else _activity(request.body)
    if not _NAME.fullmatch(activity or ""):
        raise NotACall("there is no activity")
    return CallKind(activity or "", MODULES.get(activity or "", GATEWAY), version)


def sync_name(members: dict[str, Any]) -> str:
    """The sync interface whose body has such members; empty for none (joint operation, sections 1.2 to 1.6)."""
    if "tenantId" not in members:
        return ""
    marks = {
        "userList": "authSync",
        "orgInfoList": "allOrgSync",
        "orgInfo": "allOrgSync",
        "clientId": "applicationSync",
        "orgCode": "singleOrgSync",
        "domainName": "tenantSync",
        "tenantCode": "tenantSync",
    }
    return next((name for mark, name in marks.items() if mark in members), "")


def _activity(body: bytes) -> str:
    activity = (members_or_none(body) or {}).get("activity")
    return activity if isinstance(activity, str) else ""
