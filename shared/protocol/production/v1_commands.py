"""Protocol version 1: query parameters to commands (production interfaces, section 2)."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Literal

from shared.commands import Command, Freeze, Purchase, Query, Release, Renew, Unfreeze, Upgrade
from shared.config import Settings
from shared.errors import InvalidParameter
from shared.protocol.field_cipher import FieldCipher
from shared.protocol.fields import Amount, Count, Detail, Fields, Id, Local, Name, read
from shared.protocol.production.instance_ids import InstanceIds
from shared.protocol.production.v1_purchase import Linear, read_purchase
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


class OfInstance(Fields):
    """Sections 2.3 and 2.4: the purchase order may be missing, as in the documented samples."""

    instance_id: Id


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


class Decoder:
    """Decodes one call's parameters; knows the time zone of ``expireTime`` and the cipher of phone and mail.

    ``key`` verified the call, so it is the first that phone and mail are tried with.
    """

    def __init__(self, settings: Settings, key: str) -> None:
        self._settings = settings
        self._keys = (key, *(other for other in settings.key if other != key))

    def decode(self, activity: str, fields: Mapping[str, str]) -> Command | None:
        """The command, or ``None`` for an activity that version 1 does not have.

        :raises InvalidParameter: a parameter is missing or malformed.
        """
        decoders: dict[str, Callable[[Mapping[str, str]], Command]] = {
            "newInstance": self._purchase,
            "refreshInstance": self._renew,
            "expireInstance": lambda f: Freeze(read(OfInstance, f).instance_id, FreezeReason.EXPIRED),
            "releaseInstance": lambda f: Release(read(OfInstance, f).instance_id),
            "upgrade": self._upgrade,
            "instanceStatus": self._status,
            "queryInstance": lambda f: Query(read(QueryInstanceV1, f).instance_id),
        }
        return decoders[activity](fields) if activity in decoders else None

    def _purchase(self, fields: Mapping[str, str]) -> Purchase:
        return read_purchase(fields, FieldCipher(self._keys, self._settings.cipher_bits), self._utc)

    def _renew(self, fields: Mapping[str, str]) -> Renew:
        renewal = read(RefreshInstanceV1, fields)
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
            expires_at=self._utc(renewal.expire_time) if renewal.expire_time else None,
            product_id=renewal.product_id,
            period_type=renewal.period_type,
            period_number=renewal.period_number,
            amount=renewal.order_amount,
            charging=Charging.ON_DEMAND if used else None,
        )

    @staticmethod
    def _upgrade(fields: Mapping[str, str]) -> Upgrade:
        upgrade = read(UpgradeInstanceV1, fields)
        return Upgrade(upgrade.instance_id, upgrade.order_id, None, upgrade.specification())

    @staticmethod
    def _status(fields: Mapping[str, str]) -> Freeze | Unfreeze:
        status = read(InstanceStatus, fields)
        if status.instance_status == "NORMAL":
            return Unfreeze(status.instance_id)
        return Freeze(status.instance_id, FreezeReason.SUSPENDED)

    def _utc(self, local: datetime) -> datetime:
        try:
            return local.replace(tzinfo=self._settings.v1_zone).astimezone(UTC)
        except OverflowError:
            raise InvalidParameter("expireTime is missing or malformed") from None
