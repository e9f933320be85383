"""Payloads of messages: parameters of each interface, in both versions (production interfaces, sections 2 and 3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulator.marketplace.catalogue.products import ListedProduct, Plan
from emulator.marketplace.delivery.message_signing import MessageSigner
from emulator.marketplace.delivery.messages import RENEWING, STATES, Message, Purpose
from emulator.marketplace.ids import Ids
from emulator.marketplace.storage.database import Database
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.orders import PlacedOrder
from emulator.marketplace.subscriptions.subscription import Subscription
from emulator.order_ids import line_of
from shared.clock import Clock
from shared.commands import Version
from shared.provisioning import Charging

CHARGING = {Charging.ON_DEMAND: 0, Charging.PERIOD: 1, Charging.ONE_TIME: 3, Charging.ON_DEMAND_PACKAGE: 5}
"""``chargingMode`` of version 1."""
TO_PERIOD, TO_ON_DEMAND = 1, 2
"""``trialToFormal`` of version 1. The value for pay-per-use is lost in all copies (section 2.2): 2 is ours."""
_FROZEN, _NORMAL, _UNFROZEN = "FREEZE", "NORMAL", "UNFREEZE"
_V2_SCENES = {
    Purpose.RENEWAL: "RENEWAL",
    Purpose.TRIAL_TO_FORMAL: "TRIAL_TO_FORMAL",
    Purpose.RETURN: "UNSUBSCRIBE_RENEWAL_PERIOD",
}
_V1_ACTIVITIES = {
    Purpose.PURCHASE: "newInstance",
    **dict.fromkeys(RENEWING, "refreshInstance"),
    Purpose.UPGRADE: "upgrade",
    Purpose.EXPIRY: "expireInstance",
    Purpose.FREEZE: "instanceStatus",
    Purpose.UNFREEZE: "instanceStatus",
    Purpose.RELEASE: "releaseInstance",
    Purpose.QUERY: "queryInstance",
}
_V2_ACTIVITIES = _V1_ACTIVITIES | {
    Purpose.UPGRADE: "upgradeInstance",
    **dict.fromkeys(STATES, "updateInstanceStatus"),
    Purpose.CHANGE_CHECK: "changeInstanceCheck",
    Purpose.NOTICE: "orderNotify",
}
ACTIVITIES: Mapping[Version, Mapping[Purpose, str]] = {Version.V1: _V1_ACTIVITIES, Version.V2: _V2_ACTIVITIES}


def plan_fields(product: ListedProduct, plan: Plan) -> dict[str, Any]:
    """What a purchase of version 1 says of the plan; only of a period and of one time how much it is."""
    counted = product.charging in (Charging.PERIOD, Charging.ONE_TIME)
    amount = {"amount": plan.quantity} if counted else {}
    return {"skuCode": plan.sku_code, "productId": plan.id, "chargingMode": CHARGING[product.charging], **amount}


@dataclass
class MessagePayloads:
    """Writes messages about what is in ``database``."""

    database: Database
    clock: Clock
    ids: Ids
    signer: MessageSigner

    def message(
        self,
        purpose: Purpose,
        subscription: Subscription,
        order: PlacedOrder | None = None,
        *,
        change: bool = False,
        under: PlacedOrder | None = None,
    ) -> Message:
        """The message that tells of ``order``, or of what has no order of its own; ``under``: whose ids it has instead
        (section 14).
        """
        product = self._product(subscription)
        if product.version is Version.V1:
            fields = self._v1(purpose, subscription, product, order)
        else:
            fields = self._v2(purpose, subscription, order, change=change)
        if under:
            fields |= {"orderId": under.number} | ({"orderLineId": under.line_id} if "orderLineId" in fields else {})
        return self._written(purpose, subscription, fields, order.id if order else subscription.order_id)

    def change_check(self, subscription: Subscription, plan: Plan) -> Message:
        """The question whether the plan may change (section 3.7)."""
        holds, key = self.signer.holds, f"{subscription.id} {plan.id}"
        target: dict[str, Any] = {"productId": plan.id, "skuCode": plan.sku_code, "linearValue": plan.quantity}
        if holds("product-name", key):
            target["productName"] = f"{self._product(subscription).name} {plan.name}"
        fields = {
            "instanceId": subscription.instance_id,
            "productInfo": [target] if holds("product-list", key) else target,
        }
        if holds("check-with-order", key):
            fields |= {"orderId": subscription.order_id, "orderLineId": line_of(subscription.order_id)}
        return self._written(Purpose.CHANGE_CHECK, subscription, fields, subscription.order_id)

    def opening(self, subscription: Subscription, order: PlacedOrder) -> Message:
        """The buyer opens the resource's details (section 2.1, notes; section 3.2)."""
        product = self._product(subscription)
        if product.version is Version.V2:
            return self.query(subscription)
        fields = self._purchase_v1(subscription, product, order)
        message = self._written(Purpose.QUERY, subscription, fields, order.id)
        return message.model_copy(update={"activity": "newInstance"})

    def query(self, subscription: Subscription) -> Message:
        """A question for access and usage."""
        fields = {"instanceId": subscription.instance_id}
        return self._written(Purpose.QUERY, subscription, fields, subscription.order_id)

    def notice(self, subscription: Subscription, order_id: str) -> Message:
        """The notification of an order (section 3.8)."""
        order = self.database.the(PlacedOrder, order_id)
        fields = {"orderId": order.number, "orderLineId": order.line_id, "testFlag": "0"}
        return self._written(Purpose.NOTICE, subscription, fields, order_id)

    def _product(self, subscription: Subscription) -> ListedProduct:
        return self.database.the(ListedProduct, subscription.product)

    def _written(
        self, purpose: Purpose, subscription: Subscription, fields: Mapping[str, Any], order_id: str
    ) -> Message:
        version = self._product(subscription).version
        return Message(
            id=self.ids.hexadecimal("message"),
            purpose=purpose,
            version=version,
            activity=ACTIVITIES[version][purpose],
            fields={name: value for name, value in fields.items() if value is not None},
            about=subscription.id,
            order_id=order_id,
            instance_id=subscription.instance_id,
            created_at=self.clock.now(),
        )

    # --- version 1 ---

    def _v1(
        self, purpose: Purpose, subscription: Subscription, product: ListedProduct, order: PlacedOrder | None
    ) -> dict[str, Any]:
        instance = {"instanceId": subscription.instance_id}
        if purpose in (*STATES, Purpose.RELEASE) or order is None:
            return instance | self._v1_states(purpose, subscription, order)
        plan = product.plan(order.plan)
        ordered = {"orderId": order.number, "orderAmount": str(order.amount)}
        if purpose is Purpose.PURCHASE:
            return self._purchase_v1(subscription, product, order)
        if purpose is Purpose.UPGRADE:
            target = {"skuCode": plan.sku_code, "productId": plan.id, "amount": order.quantity}
            return instance | ordered | target
        period = {"periodType": plan.period_type, "periodNumber": plan.period_number} if plan.period_type else {}
        changed = {"productId": plan.id} if plan.id != subscription.plan else {}
        became = TO_PERIOD if product.charging is Charging.PERIOD else TO_ON_DEMAND
        formal = {"trialToFormal": became, "productId": plan.id} if purpose is Purpose.TRIAL_TO_FORMAL else {}
        return instance | ordered | self._ends(product.version, order) | period | changed | formal

    def _v1_states(self, purpose: Purpose, subscription: Subscription, order: PlacedOrder | None) -> dict[str, Any]:
        bought = {"orderId": subscription.order_id}
        back = {"orderAmount": str(-order.amount if order else 0)}
        unnamed = self.signer.holds("no-order-on-expiry", subscription.id)
        states: Mapping[Purpose, dict[str, Any]] = {
            Purpose.EXPIRY: {} if unnamed else bought,
            Purpose.RELEASE: bought | back,
            Purpose.FREEZE: {"instanceStatus": _FROZEN},
            Purpose.UNFREEZE: {"instanceStatus": _NORMAL},
        }
        return states[purpose]

    def _purchase_v1(self, subscription: Subscription, product: ListedProduct, order: PlacedOrder) -> dict[str, Any]:
        customer = self.database.the(Customer, subscription.customer_id)
        plan = product.plan(order.plan)
        told = product.parameters if order.parameters is None else order.parameters
        parameters = [{"name": name, "value": value} for name, value in told]
        period = {
            "periodType": "day" if order.trial else plan.period_type,
            "periodNumber": product.trial_days if order.trial else plan.period_number,
        }
        return {
            "orderId": order.number,
            "customerId": customer.id,
            "customerName": customer.name,
            "mobilePhone": customer.mobile_phone,
            "email": customer.email,
            **plan_fields(product, plan),
            "orderAmount": str(order.amount),
            "trialFlag": 1 if order.trial else None,
            "extendParams": parameters or None,
            **(period if plan.period_type and product.charging is Charging.PERIOD else {}),
            **self._ends(product.version, order),
        }

    # --- version 2 ---

    def _v2(
        self, purpose: Purpose, subscription: Subscription, order: PlacedOrder | None, *, change: bool
    ) -> dict[str, Any]:
        instance = {"instanceId": subscription.instance_id}
        ids = {"orderId": order.number, "orderLineId": order.line_id} if order else {}
        if purpose is Purpose.PURCHASE:
            return ids
        if purpose in STATES:
            return instance | {"status": _UNFROZEN if purpose is Purpose.UNFREEZE else _FROZEN}
        if purpose in (Purpose.RELEASE, Purpose.UPGRADE) or order is None:
            return instance | ids
        scene = "RENEWAL_CHANGE" if change and purpose is Purpose.RENEWAL else _V2_SCENES[purpose]
        ends = self._ends(Version.V2, order)
        return instance | ids | {"scene": scene, "productId": order.plan} | ends

    def _ends(self, version: Version, order: PlacedOrder) -> dict[str, Any]:
        return {"expireTime": self.signer.expiry(version, order.expires_at)} if order.expires_at else {}
