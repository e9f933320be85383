"""The marketplace's calls and their fields (production interfaces, sections 2 and 3; joint operation, section 1).

What a field means is the text ``fields.<name>``.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from emulator.texts import Text, texts
from shared.commands import Version

SYNC = ("tenantSync", "applicationSync", "authSync", "singleOrgSync", "allOrgSync")


class CallField(NamedTuple):
    """A parameter or member. ``kind``: ``text``, ``number``, ``json``, ``secret`` (sent encrypted) or ``pairs`` (sent
    encoded). ``most``: characters, 0 where no page tells.
    """

    name: str
    kind: str
    most: int
    needed: bool

    @property
    def meaning(self) -> Text | None:
        """What it means; ``None`` for one that no page tells of."""
        found = Text(f"fields.{self.name}")
        return found if found.id in texts() else None


class ComposedInterface(NamedTuple):
    """A call; ``sync``: of organisation sync."""

    version: Version
    name: str
    fields: Sequence[CallField]
    sync: bool = False

    def field(self, name: str) -> CallField:
        """The field of that name; one that no page tells of is a text."""
        return next((each for each in self.fields if each.name == name), CallField(name, "text", 0, needed=False))


def _fields(written: str) -> Iterator[CallField]:
    """``name kind most`` each, with a comma between; an exclamation mark behind the name: it is mandatory."""
    for each in written.split(","):
        name, kind, most = each.split()
        yield CallField(name.removesuffix("!"), kind, int(most), name.endswith("!"))


_IDS = "instanceId! text 64, orderId! text 64"
_LINE = "orderId! text 64, orderLineId! text 64"
_PERIOD = "expireTime text 20, periodType text 10, periodNumber number 2"
_TENANT = "instanceId! text 64, tenantId! text 64"
_V1 = {
    "newInstance": "businessId! text 64, orderId! text 64, customerId! text 100, customerName! text 64, "
    "skuCode text 64, productId text 64, chargingMode number 3, trialFlag number 1, "
    + _PERIOD
    + ", amount number 7, diskSize number 7, "
    "bandWidth number 7, orderAmount text 20, saasExtendParams pairs 2048, mobilePhone secret 0, email secret 0, "
    "userId text 64, userName text 64, provisionType number 2",
    "refreshInstance": _IDS + ", productId text 64, " + _PERIOD + ", trialToFormal number 2, orderAmount text 20",
    "expireInstance": _IDS,
    "releaseInstance": _IDS + ", orderAmount text 20",
    "upgrade": _IDS + ", skuCode! text 64, productId! text 64, amount number 7, diskSize number 7, bandWidth number 7, "
    "saasExtendParams pairs 2048",
    "instanceStatus": "instanceId! text 64, instanceStatus! text 32",
    "queryInstance": "instanceId! text 0",
}
_V2 = {
    "newInstance": _LINE + ", businessId! text 64",
    "refreshInstance": "scene! text 64, " + _LINE + ", instanceId! text 64, productId text 64, expireTime! text 20",
    "updateInstanceStatus": "instanceId! text 64, status! text 32",
    "releaseInstance": "instanceId! text 64, orderId text 64, orderLineId text 64",
    "upgradeInstance": "instanceId! text 64, " + _LINE,
    "changeInstanceCheck": "instanceId! text 64, productInfo! json 0",
    "queryInstance": "instanceId! text 100",
    "orderNotify": _LINE,
}
_EITHER = {
    "tenantSync": _TENANT
    + ", orderId! text 64, tenantCode! text 64, name! text 255, domainName! text 255, flag! number 2",
    "applicationSync": _TENANT + ", appId! text 64, clientId! text 64, clientSecret! text 0, flag! number 2",
    "authSync": _TENANT + ", appId! text 64, userList! json 0, currentSyncTime! text 0, flag! number 2",
    "singleOrgSync": _TENANT + ", orgCode! text 64, orgName! text 128, parentCode! text 64, flag! number 2",
}
_SYNC_1 = _EITHER | {"authSync": _EITHER["authSync"].replace("json", "text")}
_SYNC_1 |= {"allOrgSync": _TENANT + ", orgInfo! text 0"}
_SYNC_2 = _EITHER | {"allOrgSync": _TENANT + ", orgInfoList! json 0"}


def _all() -> Iterator[ComposedInterface]:
    for version, calls, synced in ((Version.V1, _V1, _SYNC_1), (Version.V2, _V2, _SYNC_2)):
        for name, written in calls.items():
            yield ComposedInterface(version, name, tuple(_fields(written)))
        for name in SYNC:
            yield ComposedInterface(version, name, tuple(_fields(synced[name])), sync=True)


INTERFACES: Mapping[tuple[str, str], ComposedInterface] = MappingProxyType(
    {(each.version, each.name): each for each in _all()}
)
"""All there are, by version and name."""


def interface(version: str, name: str) -> ComposedInterface | None:
    """The call, if there is such a one."""
    return INTERFACES.get((version, name))
