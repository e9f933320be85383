"""Is my provisioner right? The rules a provisioner must keep, as tests to inherit::

    class TestMine(ProvisionerContract):
        @pytest.fixture
        def provisioner(self):
            return MyProvisioner()

Run it with pytest; a failure names the broken rule. Overriding :meth:`ProvisionerContract.instances` and
:meth:`ProvisionerContract.snapshot` lets the tests see into the seller's system. Without that they judge by what the
provisioner tells.
"""
# ruff: noqa: S101 - these are tests, though they live where sellers can import them

import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from shared.clock import Deadline, SystemClock
from shared.errors import ProvisioningError
from shared.provisioning import (
    Access,
    Buyer,
    Charging,
    FreezeReason,
    Instance,
    Pending,
    Provisioner,
    Refusal,
    Renewal,
    RenewalScene,
    Specification,
    State,
)
from shared.provisioning.access import check_access
from shared.provisioning.listing import instances_of
from shared.provisioning.usage import check_usage

__all__ = ["ProvisionerContract"]

T = TypeVar("T")

REASON_LIMIT = 255


class ProvisionerContract:
    """Override what differs for your product."""

    buyer = Buyer("contract-customer", "Contract Test", mobile_phone="13800000000", email="user@example.com")
    specification = Specification("product-1", "sku-1", Charging.PERIOD, "year", 1, quantity=10)
    larger = replace(specification, quantity=20)
    smaller = replace(specification, quantity=1)
    patience = 30.0
    """Seconds within which a pending creation must be done."""

    def instances(self, provisioner: Any) -> int | None:  # noqa: ARG002 - for who overrides it
        """How many instances the seller's system has; ``None`` if that cannot be told."""
        return None

    def snapshot(self, provisioner: Any, instance: Instance) -> Any:
        """Whatever can be seen of an instance: expiry, specification, state. Snapshots are compared with ``==``."""
        return provisioner.describe(instance)

    def test_create_again_is_the_same_instance(self, provisioner: Provisioner) -> None:
        before, instance = self.instances(provisioner), _new(self.specification)
        first, again = self._created(provisioner, instance), self._created(provisioner, instance)
        assert again == first, "create: the same key must return the same way in"
        self._expect_more(provisioner, before, 1, "create: the same key must not make another instance")

    def test_create_makes_one_instance_for_each_key(self, provisioner: Provisioner) -> None:
        before = self.instances(provisioner)
        for _ in range(2):
            self._created(provisioner, _new(self.specification))
        self._expect_more(provisioner, before, 2, "create: another key must make another instance")

    def test_describe_agrees_with_create(self, provisioner: Provisioner) -> None:
        instance = _new(self.specification)
        access = self._created(provisioner, instance)
        described = _accepted("describe: must answer for an instance just created", provisioner.describe, instance)
        assert described in (None, access), "describe: must be None or what create returned while nothing has changed"

    def test_renew_again_changes_nothing_more(self, provisioner: Provisioner) -> None:
        instance = _new(self.specification)
        self._created(provisioner, instance)
        renewal = Renewal(RenewalScene.RENEWAL, f"{instance.order_id}-R", _days(730), self.specification)
        self._same_twice(provisioner, instance, "renew", lambda key: provisioner.renew(instance, renewal, key))

    def test_renew_takes_an_earlier_expiry(self, provisioner: Provisioner) -> None:
        instance, scene = _new(self.specification), RenewalScene.UNSUBSCRIBE_RENEWAL_PERIOD
        self._created(provisioner, instance)
        renewal = Renewal(scene, f"{instance.order_id}-U", _days(30), self.specification, Decimal("-10.5"))
        key = f"{instance.instance_id}:return"
        _accepted("renew: an earlier expiry must be accepted", provisioner.renew, instance, renewal, key)

    def test_change_again_changes_nothing_more(self, provisioner: Provisioner) -> None:
        instance = _new(self.specification)
        self._created(provisioner, instance)
        self._same_twice(provisioner, instance, "change", lambda key: provisioner.change(instance, self.larger, key))

    def test_can_change_only_asks(self, provisioner: Provisioner) -> None:
        instance = _new(self.specification)
        self._created(provisioner, instance)
        before = self.snapshot(provisioner, instance)
        for target in (self.larger, self.smaller):
            answer = _accepted(
                "can_change: must answer, by a Refusal if need be", provisioner.can_change, instance, target
            )
            assert answer is None or isinstance(answer, Refusal), "can_change: must return a Refusal or None"
            assert answer is None or _is_reason(answer.reason), (
                "can_change: the reason must be 1 to 255 ASCII characters"
            )
        assert self.snapshot(provisioner, instance) == before, "can_change: must not change anything"

    def test_freeze_and_unfreeze_again_change_nothing_more(self, provisioner: Provisioner) -> None:
        instance, reason = _new(self.specification), FreezeReason.EXPIRED
        self._created(provisioner, instance)
        self._same_twice(provisioner, instance, "freeze", lambda key: provisioner.freeze(instance, reason, key))
        frozen = replace(instance, state=State.FROZEN)
        self._same_twice(provisioner, frozen, "unfreeze", lambda key: provisioner.unfreeze(frozen, key))

    def test_freeze_keeps_the_data(self, provisioner: Provisioner) -> None:
        instance = _new(self.specification)
        self._created(provisioner, instance)
        before = self.snapshot(provisioner, instance)
        key = f"{instance.instance_id}:"
        _accepted("freeze: must be accepted", provisioner.freeze, instance, FreezeReason.SUSPENDED, f"{key}freeze")
        _accepted("unfreeze: must be accepted", provisioner.unfreeze, instance, f"{key}unfreeze")
        after = self.snapshot(provisioner, instance)
        assert after == before, "unfreeze: the instance must be as it was before it was frozen"

    def test_release_again_is_harmless(self, provisioner: Provisioner) -> None:
        before, instance = self.instances(provisioner), _new(self.specification)
        self._created(provisioner, instance)
        for key in ("release", "release", "another-release"):
            _accepted("release: again must be harmless", provisioner.release, instance, f"{instance.instance_id}:{key}")
        self._expect_more(provisioner, before, 0, "release: must delete the instance")

    def test_release_of_an_unknown_instance_is_harmless(self, provisioner: Provisioner) -> None:
        instance = _new(self.specification)
        rule = "release: an instance that was never created must be harmless"
        _accepted(rule, provisioner.release, instance, f"{instance.instance_id}:release")

    def test_release_leaves_other_instances_alone(self, provisioner: Provisioner) -> None:
        kept, gone = _new(self.specification), _new(self.specification)
        for instance in (kept, gone):
            self._created(provisioner, instance)
        before = self.snapshot(provisioner, kept)
        provisioner.release(gone, f"{gone.instance_id}:release")
        rule = "release: must leave other instances alone"
        assert _accepted(rule, self.snapshot, provisioner, kept) == before, rule

    def test_usage_can_be_shown(self, provisioner: Provisioner) -> None:
        instance = _new(self.specification)
        self._created(provisioner, instance)
        for usage in _accepted("usage: must answer for an instance just created", provisioner.usage, instance):
            try:
                check_usage(usage)
            except ProvisioningError as error:
                raise AssertionError(f"usage: {error}") from None

    def test_the_list_has_what_was_created_and_was_not_released(self, provisioner: Any) -> None:
        """For who has the optional ``list_instances``. With too many pages it need not have all."""
        if not callable(getattr(provisioner, "list_instances", None)):
            return
        kept, gone = _new(self.specification), _new(self.specification)
        for instance in (kept, gone):
            self._created(provisioner, instance)
        provisioner.release(gone, f"{gone.instance_id}:release")
        told = _listed(provisioner, self.patience)
        if told is None:
            return
        ids, whole = told
        assert kept.instance_id in ids or not whole, "list_instances: must have an instance that was created"
        assert gone.instance_id not in ids, "list_instances: must not have an instance that was released"

    def _created(self, provisioner: Provisioner, instance: Instance) -> Access:
        """The access details, waited for if creation is pending; within the limits."""
        made = _accepted("create: must be accepted", provisioner.create, instance, self.buyer, instance.instance_id)
        end = time.monotonic() + self.patience
        while isinstance(made, Pending):
            assert time.monotonic() < end, f"create: still pending after {self.patience:g} seconds"
            time.sleep(0.05)
            made = _accepted("describe: must answer while creation goes on", provisioner.describe, instance) or made
        try:
            return check_access(made)
        except ProvisioningError as error:
            raise AssertionError(f"create: {error}") from None

    def _same_twice(self, provisioner: Provisioner, instance: Instance, name: str, act: Callable[[str], None]) -> None:
        key = f"{instance.instance_id}:{name}"
        _accepted(f"{name}: must be accepted", act, key)
        once = self.snapshot(provisioner, instance)
        _accepted(f"{name}: the same key again must be harmless", act, key)
        assert self.snapshot(provisioner, instance) == once, f"{name}: the same key again must change nothing more"

    def _expect_more(self, provisioner: Provisioner, before: int | None, more: int, rule: str) -> None:
        after = self.instances(provisioner)
        assert before is None or after == before + more, rule


def _new(specification: Specification) -> Instance:
    name = uuid.uuid4().hex
    order_id = f"CS{name[:16].upper()}"
    return Instance(name, order_id, f"{order_id}-000001", "customer", specification, False, State.ACTIVE, _days(365))


def _listed(provisioner: Any, seconds: float) -> tuple[frozenset[str], bool] | None:
    try:
        return instances_of(provisioner, Deadline(SystemClock(), seconds))
    except ProvisioningError as error:
        raise AssertionError(str(error)) from None
    except Exception as error:
        raise AssertionError(f"list_instances: must answer (it raised {type(error).__name__})") from error


def _days(days: int) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)


def _accepted(rule: str, act: Callable[..., T], *arguments: Any) -> T:
    try:
        return act(*arguments)
    except Exception as error:
        raise AssertionError(f"{rule} (it raised {type(error).__name__})") from error


def _is_reason(text: str) -> bool:
    return text.isascii() and 0 < len(text) <= REASON_LIMIT
