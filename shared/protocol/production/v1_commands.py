"""Protocol version 1: query parameters to commands (production interfaces, section 2)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from shared.call import Call
from shared.commands import Command, Freeze, Purchase, Query, Release, Renew, Unfreeze, Upgrade
from shared.config import Settings
from shared.errors import InvalidParameter
from shared.protocol.field_cipher import FieldCipher
from shared.protocol.fields import Amount, Count, Detail, Fields, Id, Local, Name, read, refuse_unclear_flag
from shared.protocol.production.instance_ids import InstanceIds
from shared.protocol.production.v1_purchase import Linear, read_purchase, unread_amount
from shared.provisioning import Charging, FreezeReason, RenewalScene


class RefreshInstanceV1(Fields):
    """Section 2.2. ``trialToFormal`` 1 is trial to period, another value (its number is lost) trial to pay-per-use,
    which may have no ``expireTime``.
    """

    order_id: Id
    instance_id: Id
    product_id: Detail[Id] = None
    expire_time: Local | None = None
    trial_to_formal: Detail[Name] = None
    period_type: Detail[Name] = None
    period_number: Detail[Count] = None
    order_amount: Detail[Amount] = None


class ExpireInstance(Fields):
    """Section 2.3; which order it was bought with is known."""

    instance_id: Id


class ReleaseInstanceV1(Fields):
    """Section 2.4: the purchase order may be missing, as in the documented samples."""

    instance_id: Id
    order_id: Detail[Id] = None
    order_amount: Detail[Amount] = None


class UpgradeInstanceV1(Linear):
    """Section 2.5. What the buyer paid for is the wish itself: none of it is guessed at."""

    instance_id: Id
    order_id: Id
    sku_code: Id
    product_id: Id
    amount: Count | None = None
    disk_size: Count | None = None
    band_width: Count | None = None


class InstanceStatus(Fields):
    """Section 2.6."""

    instance_id: Id
    instance_status: Literal["FREEZE", "NORMAL"]


class QueryInstanceV1(Fields):
    """Section 2.7."""

    instance_id: InstanceIds


@dataclass(frozen=True, slots=True)
class _Query:
    """The parameters of a call, with what reading them takes."""

    fields: Mapping[str, str]
    settings: Settings
    key: str

    def cipher(self) -> FieldCipher:
        """Opens phone and mail, by the key that verified the call first."""
        keys = (self.key, *(other for other in self.settings.key if other != self.key))
        return FieldCipher(keys, self.settings.cipher_bits)

    def utc(self, local: datetime) -> datetime:
        """``expireTime``, which comes without zone."""
        try:
            return local.replace(tzinfo=self.settings.v1_zone).astimezone(UTC)
        except OverflowError:
            raise InvalidParameter("expireTime is missing or malformed") from None


def decode(call: Call, settings: Settings) -> Command:
    """The command of an authenticated call.

    :raises InvalidParameter: unknown activity, or a parameter is missing or malformed.
    """
    refuse_unclear_flag(call.fields)
    if call.activity not in _DECODERS:
        raise InvalidParameter("activity is unknown")
    return _DECODERS[call.activity](_Query(call.fields, settings, call.key))


def _purchase(query: _Query) -> Purchase:
    return read_purchase(query.fields, query.cipher(), query.utc)


def _renew(query: _Query) -> Renew:
    renewal = read(RefreshInstanceV1, query.fields)
    scene = RenewalScene.RENEWAL
    if renewal.order_amount is not None and renewal.order_amount < 0:
        scene = RenewalScene.UNSUBSCRIBE_RENEWAL_PERIOD
    elif (renewal.trial_to_formal or "0") != "0":
        scene = RenewalScene.TRIAL_TO_FORMAL
    formal = scene is RenewalScene.TRIAL_TO_FORMAL
    if renewal.expire_time is None and not formal:
        raise InvalidParameter("expireTime is missing or malformed")
    # Only what has a period names one, and only what has no end has no expireTime.
    used = formal and renewal.period_type is None and (renewal.trial_to_formal != "1" or not renewal.expire_time)
    return Renew(
        instance_id=renewal.instance_id,
        order_id=renewal.order_id,
        order_part=None,
        scene=scene,
        expires_at=query.utc(renewal.expire_time) if renewal.expire_time else None,
        product_id=renewal.product_id,
        period_type=renewal.period_type,
        period_number=renewal.period_number,
        amount=renewal.order_amount,
        charging=Charging.ON_DEMAND if used else None,
        unread_amount=unread_amount(query.fields, renewal.order_amount),
    )


def _expire(query: _Query) -> Freeze:
    return Freeze(read(ExpireInstance, query.fields).instance_id, FreezeReason.EXPIRED)


def _release(query: _Query) -> Release:
    ended = read(ReleaseInstanceV1, query.fields)
    unread = unread_amount(query.fields, ended.order_amount)
    return Release(ended.instance_id, ended.order_id, None, ended.order_amount, unread)


def _upgrade(query: _Query) -> Upgrade:
    upgrade = read(UpgradeInstanceV1, query.fields)
    return Upgrade(upgrade.instance_id, upgrade.order_id, None, upgrade.specification())


def _status(query: _Query) -> Freeze | Unfreeze:
    status = read(InstanceStatus, query.fields)
    if status.instance_status == "NORMAL":
        return Unfreeze(status.instance_id)
    return Freeze(status.instance_id, FreezeReason.SUSPENDED)


def _query(query: _Query) -> Query:
    return Query(read(QueryInstanceV1, query.fields).instance_id)


_DECODERS: dict[str, Callable[[_Query], Command]] = {
    "newInstance": _purchase,
    "refreshInstance": _renew,
    "expireInstance": _expire,
    "releaseInstance": _release,
    "upgrade": _upgrade,
    "instanceStatus": _status,
    "queryInstance": _query,
}
