"""Protocol version 1: query parameters to commands (production interfaces, section 2)."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, StringConstraints

from shared.commands import Command, Freeze, OrderContent, Purchase, Query, Release, Renew, Unfreeze, Upgrade
from shared.config import Settings
from shared.crypto import FieldCipher
from shared.dialects.fields import Amount, Count, Fields, Id, Local, Name, Price, Switch, Text, read
from shared.dialects.instance_ids import InstanceIds
from shared.errors import InvalidParameter
from shared.extend_params import decode_extend_params
from shared.provisioning import Buyer, Charging, FreezeReason, RenewalScene, Specification

CHARGING = {"0": Charging.ON_DEMAND, "1": Charging.PERIOD, "3": Charging.ONE_TIME, "5": Charging.ON_DEMAND_PACKAGE}
ChargingMode = Annotated[Charging, BeforeValidator(CHARGING.get)]


class Linear(Fields):
    """Linear attributes and extension parameters, as in purchases and upgrades."""

    product_id: Id | None = None
    sku_code: Id | None = None
    amount: Count | None = None
    disk_size: Count | None = None
    band_width: Count | None = None
    saas_extend_params: Text | None = None

    def specification(self, **more: Any) -> Specification:
        """What the buyer chose; :raises InvalidParameter: ``saasExtendParams`` cannot be read."""
        parameters = decode_extend_params(self.saas_extend_params) if self.saas_extend_params else {}
        return Specification(
            product_id=self.product_id,
            sku_code=self.sku_code,
            quantity=self.amount,
            disk_size=self.disk_size,
            bandwidth=self.band_width,
            parameters=parameters,
            **more,
        )


class NewInstance(Linear):
    """Section 2.1."""

    customer_id: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    customer_name: Name | None = None
    user_id: Name | None = None
    user_name: Name | None = None
    mobile_phone: Text | None = None
    email: Text | None = None
    business_id: Id
    order_id: Id
    trial_flag: Switch = False
    expire_time: Local | None = None
    charging_mode: ChargingMode | None = None
    period_type: Name | None = None
    period_number: Count | None = None
    order_amount: Price | None = None


class RefreshInstance(Fields):
    """Section 2.2. ``trialToFormal`` 1 is trial to period; another value, which the international page mentions, is
    one too.
    """

    order_id: Id
    instance_id: Id
    product_id: Id | None = None
    expire_time: Local
    trial_to_formal: Name = "0"
    period_type: Name | None = None
    period_number: Count | None = None
    order_amount: Amount | None = None


class OfInstance(Fields):
    """Sections 2.3 and 2.4: the purchase order may be missing, as in the documented samples."""

    instance_id: Id


class UpgradeInstance(Linear):
    """Section 2.5."""

    instance_id: Id
    order_id: Id
    sku_code: Id
    product_id: Id


class InstanceStatus(Fields):
    """Section 2.6."""

    instance_id: Id
    instance_status: Literal["FREEZE", "NORMAL"]


class QueryInstance(Fields):
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
            "queryInstance": lambda f: Query(read(QueryInstance, f).instance_id),
        }
        return decoders[activity](fields) if activity in decoders else None

    def _purchase(self, fields: Mapping[str, str]) -> Purchase:
        new = read(NewInstance, fields)
        cipher = FieldCipher(self._keys, self._settings.cipher_bits)
        buyer = Buyer(
            customer_id=new.customer_id,
            customer_name=new.customer_name,
            user_id=new.user_id,
            user_name=new.user_name,
            mobile_phone=cipher.decrypt(new.mobile_phone, field="mobilePhone") if new.mobile_phone else None,
            email=cipher.decrypt(new.email, field="email") if new.email else None,
        )
        specification = new.specification(
            charging=new.charging_mode, period_type=new.period_type, period_number=new.period_number
        )
        # A pay-per-use order creates one instance per product (section 2.1, notes).
        several = new.charging_mode in (Charging.ON_DEMAND, Charging.ON_DEMAND_PACKAGE)
        expires_at = self._utc(new.expire_time) if new.expire_time else None
        content = OrderContent(buyer, specification, new.trial_flag, expires_at)
        return Purchase(new.order_id, new.product_id if several else None, new.business_id, content)

    def _renew(self, fields: Mapping[str, str]) -> Renew:
        renewal = read(RefreshInstance, fields)
        scene = RenewalScene.RENEWAL
        if renewal.trial_to_formal != "0":
            scene = RenewalScene.TRIAL_TO_FORMAL
        elif renewal.order_amount is not None and renewal.order_amount < 0:
            scene = RenewalScene.UNSUBSCRIBE_RENEWAL_PERIOD
        return Renew(
            instance_id=renewal.instance_id,
            order_id=renewal.order_id,
            order_part=None,
            scene=scene,
            expires_at=self._utc(renewal.expire_time),
            product_id=renewal.product_id,
            period_type=renewal.period_type,
            period_number=renewal.period_number,
            amount=renewal.order_amount,
        )

    @staticmethod
    def _upgrade(fields: Mapping[str, str]) -> Upgrade:
        upgrade = read(UpgradeInstance, fields)
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
