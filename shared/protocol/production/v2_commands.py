"""Protocol version 2: JSON bodies to commands (production interfaces, section 3)."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal
from uuid import uuid4

from pydantic import BeforeValidator

from shared.call import Call
from shared.commands import (
    CheckChange,
    Command,
    Freeze,
    OrderNotice,
    Purchase,
    Query,
    Release,
    Renew,
    Unfreeze,
    Upgrade,
)
from shared.errors import InvalidParameter
from shared.protocol.fields import Count, Detail, Fields, Id, Local, read, refuse_unclear_flag, utc
from shared.protocol.production.instance_ids import InstanceIds
from shared.provisioning import FreezeReason, RenewalScene, Specification


class OfOrder(Fields):
    """The ids that name an order; the line is documented as mandatory, yet an order with one line can do without."""

    order_id: Id
    order_line_id: Detail[Id] = None


class NewInstanceV2(OfOrder):
    """Section 3.1."""

    business_id: Detail[Id] = None


class RefreshInstanceV2(OfOrder):
    """Section 3.3; ``expireTime`` is UTC. A trial turned pay-per-use has none."""

    scene: RenewalScene
    instance_id: Id
    product_id: Detail[Id] = None
    expire_time: Local | None = None


class UpdateInstanceStatus(Fields):
    """Section 3.4."""

    instance_id: Id
    status: Literal["FREEZE", "UNFREEZE"]


class ReleaseInstance(Fields):
    """Section 3.5; the order is there if the buyer unsubscribed."""

    instance_id: Id
    order_id: Detail[Id] = None
    order_line_id: Detail[Id] = None


class UpgradeInstanceV2(OfOrder):
    """Section 3.6."""

    instance_id: Id


class QueryInstanceV2(Fields):
    """Section 3.2."""

    instance_id: InstanceIds


class ProductInfo(Fields):
    """Target of a change (sections 3.7 and 14): all of it is the wish, so none of it is guessed at; ``productName`` is
    not needed.
    """

    product_id: Id | None = None
    sku_code: Id | None = None
    linear_value: Count | None = None


def _one(value: Any) -> Any:
    # An object by the table of 2026, an array of one by older pages (sections 14 and 3.7).
    return value[0] if isinstance(value, list) and len(value) == 1 else value


class ChangeInstanceCheck(Fields):
    """Section 3.7."""

    instance_id: Id
    product_info: Annotated[ProductInfo, BeforeValidator(_one)]


def decode(call: Call) -> Command:
    """The command of an authenticated call.

    :raises InvalidParameter: unknown activity, or a member is missing or malformed.
    """
    refuse_unclear_flag(call.fields)
    if call.activity not in _DECODERS:
        raise InvalidParameter("activity is unknown")
    return _DECODERS[call.activity](call.fields)


def _purchase(fields: Mapping[str, Any]) -> Purchase:
    new = read(NewInstanceV2, fields)
    return Purchase(new.order_id, new.order_line_id, new.business_id or uuid4().hex, content=None)


def _renew(fields: Mapping[str, Any]) -> Renew:
    renewal = read(RefreshInstanceV2, fields)
    if renewal.expire_time is None and renewal.scene is not RenewalScene.TRIAL_TO_FORMAL:
        raise InvalidParameter("expireTime is missing or malformed")
    return Renew(
        instance_id=renewal.instance_id,
        order_id=renewal.order_id,
        order_part=renewal.order_line_id,
        scene=renewal.scene,
        expires_at=utc(renewal.expire_time) if renewal.expire_time else None,
        product_id=renewal.product_id,
    )


def _status(fields: Mapping[str, Any]) -> Freeze | Unfreeze:
    update = read(UpdateInstanceStatus, fields)
    if update.status == "UNFREEZE":
        return Unfreeze(update.instance_id)
    return Freeze(update.instance_id, FreezeReason.SUSPENDED)


def _release(fields: Mapping[str, Any]) -> Release:
    release = read(ReleaseInstance, fields)
    return Release(release.instance_id, release.order_id, release.order_line_id)


def _query(fields: Mapping[str, Any]) -> Query:
    return Query(read(QueryInstanceV2, fields).instance_id)


def _upgrade(fields: Mapping[str, Any]) -> Upgrade:
    upgrade = read(UpgradeInstanceV2, fields)
    return Upgrade(upgrade.instance_id, upgrade.order_id, upgrade.order_line_id, specification=None)


def _check(fields: Mapping[str, Any]) -> CheckChange:
    check = read(ChangeInstanceCheck, fields)
    product = check.product_info
    target = Specification(product_id=product.product_id, sku_code=product.sku_code, quantity=product.linear_value)
    if target == Specification():
        raise InvalidParameter("productInfo is missing or malformed")
    return CheckChange(check.instance_id, target)


def _notice(fields: Mapping[str, Any]) -> OrderNotice:
    notice = read(OfOrder, fields)
    return OrderNotice(notice.order_id, notice.order_line_id)


_DECODERS: dict[str, Callable[[Mapping[str, Any]], Command]] = {
    "newInstance": _purchase,
    "refreshInstance": _renew,
    "updateInstanceStatus": _status,
    "releaseInstance": _release,
    "upgradeInstance": _upgrade,
    "queryInstance": _query,
    "changeInstanceCheck": _check,
    "orderNotify": _notice,
}
