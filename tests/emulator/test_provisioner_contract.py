"""The contract for provisioners: right ones keep it, and for each rule there is a wrong one that is found out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from emulator.provisioner_contract import ProvisionerContract
from emulator.wire.server import running
from shared.clock import SystemClock
from shared.provisioning import (
    Access,
    Buyer,
    FreezeReason,
    Instance,
    InstancePage,
    Pending,
    Refusal,
    Renewal,
    Specification,
    Usage,
)
from shared.provisioning.demo import DemoProvisioner
from shared.provisioning.webhook import ListeningWebhook
from tests.backend import Backend

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass
class Row:
    access: Access
    quantity: int | None
    expires_at: datetime | None
    frozen: bool = False


@dataclass
class Shop:
    """A right provisioner."""

    rows: dict[str, Row] = field(default_factory=dict)

    def create(self, instance: Instance, buyer: Buyer, key: str) -> Access | Pending:
        access = Access(f"https://{key}.example.com", user_name="admin", password="secret")
        row = Row(access, instance.specification.quantity, instance.expires_at)
        return self.rows.setdefault(key, row).access

    def describe(self, instance: Instance) -> Access | Pending | None:
        return self.rows[instance.instance_id].access

    def renew(self, instance: Instance, renewal: Renewal, key: str) -> None:
        self.rows[instance.instance_id].expires_at = renewal.expires_at

    def change(self, instance: Instance, specification: Specification, key: str) -> None:
        self.rows[instance.instance_id].quantity = specification.quantity

    def can_change(self, instance: Instance, specification: Specification) -> Refusal | None:
        return Refusal("in use") if (specification.quantity or 0) < 5 else None

    def freeze(self, instance: Instance, reason: FreezeReason, key: str) -> None:
        self.rows[instance.instance_id].frozen = True

    def unfreeze(self, instance: Instance, key: str) -> None:
        self.rows[instance.instance_id].frozen = False

    def release(self, instance: Instance, key: str) -> None:
        self.rows.pop(instance.instance_id, None)

    def usage(self, instance: Instance) -> Sequence[Usage]:
        return [Usage(Decimal("1.5"), datetime.now(UTC))]


class ShopContract(ProvisionerContract):
    patience = 0.3

    def instances(self, provisioner: Shop) -> int:
        return len(provisioner.rows)

    def snapshot(self, provisioner: Shop, instance: Instance) -> Row:
        return replace(provisioner.rows[instance.instance_id])


class TestShop(ShopContract):
    @pytest.fixture
    def provisioner(self) -> Shop:
        return Shop()


class TestDemo(ProvisionerContract):
    @pytest.fixture
    def provisioner(self) -> DemoProvisioner:
        return DemoProvisioner()


def webhook(backend: Backend) -> Iterator[ListeningWebhook]:
    with running(backend.answer) as url:
        yield ListeningWebhook(url, [SECRET], 10, True, SystemClock())


class TestWebhook(ProvisionerContract):
    @pytest.fixture
    def provisioner(self) -> Iterator[ListeningWebhook]:
        self.backend = Backend(SECRET)
        yield from webhook(self.backend)

    def instances(self, provisioner: ListeningWebhook) -> int:
        return len(self.backend.rows)

    def snapshot(self, provisioner: ListeningWebhook, instance: Instance) -> dict[str, Any]:
        return {name: value for name, value in self.backend.rows[instance.instance_id].items() if name != "asked"}


class TestSlowWebhook(ProvisionerContract):
    @pytest.fixture
    def provisioner(self) -> Iterator[ListeningWebhook]:
        yield from webhook(Backend(SECRET, slow=2))


class TestWebhookThatDoesNotList(ProvisionerContract):
    @pytest.fixture
    def provisioner(self) -> Iterator[ListeningWebhook]:
        yield from webhook(Backend(SECRET, listing=(204, None)))


class ForgetsTheKey(Shop):
    def create(self, instance: Instance, buyer: Buyer, key: str) -> Access | Pending:
        access = Access(f"https://{len(self.rows)}.example.com")
        self.rows[instance.instance_id] = Row(access, None, None)
        return access


class MakesASpare(Shop):
    def create(self, instance: Instance, buyer: Buyer, key: str) -> Access | Pending:
        access = super().create(instance, buyer, key)
        self.rows[f"spare-{len(self.rows)}"] = self.rows[key]
        return access


class SharesOneInstance(Shop):
    def create(self, instance: Instance, buyer: Buyer, key: str) -> Access | Pending:
        return super().create(instance, buyer, "the-only-one")


class RefusesToCreate(Shop):
    def create(self, instance: Instance, buyer: Buyer, key: str) -> Access | Pending:
        raise RuntimeError


class NeverEnds(Shop):
    def create(self, instance: Instance, buyer: Buyer, key: str) -> Access | Pending:
        return Pending()

    def describe(self, instance: Instance) -> Access | Pending | None:
        return Pending()


class LongPassword(Shop):
    def create(self, instance: Instance, buyer: Buyer, key: str) -> Access | Pending:
        return Access("https://a.example.com", password="x" * 80)


class ReturnsText(Shop):
    def create(self, instance: Instance, buyer: Buyer, key: str) -> Access | Pending:
        return "https://a.example.com"  # type: ignore[return-value]


class DescribesAnother(Shop):
    def describe(self, instance: Instance) -> Access | Pending | None:
        return Access("https://another.example.com")


class ForgetsWhatItMade(Shop):
    def describe(self, instance: Instance) -> Access | Pending | None:
        raise KeyError


class AddsUpRenewals(Shop):
    def renew(self, instance: Instance, renewal: Renewal, key: str) -> None:
        row = self.rows[instance.instance_id]
        if row.expires_at and renewal.expires_at:
            row.expires_at += renewal.expires_at - datetime.now(UTC)


class RenewsOnce(Shop):
    def renew(self, instance: Instance, renewal: Renewal, key: str) -> None:
        if self.rows[instance.instance_id].expires_at == renewal.expires_at:
            raise ValueError
        super().renew(instance, renewal, key)


class OnlyForward(Shop):
    def renew(self, instance: Instance, renewal: Renewal, key: str) -> None:
        before = self.rows[instance.instance_id].expires_at
        if before and renewal.expires_at and renewal.expires_at < before:
            raise ValueError
        super().renew(instance, renewal, key)


class AddsUpChanges(Shop):
    def change(self, instance: Instance, specification: Specification, key: str) -> None:
        row = self.rows[instance.instance_id]
        row.quantity = (row.quantity or 0) + (specification.quantity or 0)


class ChangesWhenAsked(Shop):
    def can_change(self, instance: Instance, specification: Specification) -> Refusal | None:
        self.change(instance, specification, "")
        return None


class AnswersYesOrNo(Shop):
    def can_change(self, instance: Instance, specification: Specification) -> Refusal | None:
        return True  # type: ignore[return-value]


class RefusesInChinese(Shop):
    def can_change(self, instance: Instance, specification: Specification) -> Refusal | None:
        return Refusal("使用中")


class RaisesWhenAsked(Shop):
    def can_change(self, instance: Instance, specification: Specification) -> Refusal | None:
        raise ValueError


class FreezesOnce(Shop):
    def freeze(self, instance: Instance, reason: FreezeReason, key: str) -> None:
        if self.rows[instance.instance_id].frozen:
            raise ValueError
        super().freeze(instance, reason, key)


class UnfreezesOnce(Shop):
    def unfreeze(self, instance: Instance, key: str) -> None:
        if not self.rows[instance.instance_id].frozen:
            raise ValueError
        super().unfreeze(instance, key)


class LosesDataWhenFrozen(Shop):
    def freeze(self, instance: Instance, reason: FreezeReason, key: str) -> None:
        self.rows[instance.instance_id].quantity = 0


class ReleasesKnownOnes(Shop):
    def release(self, instance: Instance, key: str) -> None:
        del self.rows[instance.instance_id]


class KeepsReleased(Shop):
    def release(self, instance: Instance, key: str) -> None:
        """Nothing is deleted."""


class ReleasesAll(Shop):
    def release(self, instance: Instance, key: str) -> None:
        self.rows.clear()


class CountsInFloats(Shop):
    def usage(self, instance: Instance) -> Sequence[Usage]:
        return [Usage(1.5, datetime.now(UTC))]  # type: ignore[arg-type]


class CountsTooFinely(Shop):
    def usage(self, instance: Instance) -> Sequence[Usage]:
        return [Usage(Decimal("0.00001"), datetime.now(UTC))]


class CountsBackwards(Shop):
    def usage(self, instance: Instance) -> Sequence[Usage]:
        return [Usage(Decimal(-1), datetime.now(UTC))]


class CountsInLocalTime(Shop):
    def usage(self, instance: Instance) -> Sequence[Usage]:
        return [Usage(Decimal(1), datetime.now())]  # noqa: DTZ005 - that is what is wrong


class HasNoUsage(Shop):
    def usage(self, instance: Instance) -> Sequence[Usage]:
        raise NotImplementedError


class ListingShop(Shop):
    """One that lists, two ids a page."""

    def list_instances(self, after: str | None) -> InstancePage | None:
        ids = sorted(name for name in self.rows if after is None or name > after)
        return InstancePage(tuple(ids[:2]), ids[1] if len(ids) > 2 else None)


class TestListingShop(ShopContract):
    @pytest.fixture
    def provisioner(self) -> ListingShop:
        return ListingShop({f"before-{number}": Row(Access("https://a"), 1, None) for number in range(3)})


class ForgetsToList(ListingShop):
    def list_instances(self, after: str | None) -> InstancePage | None:
        return InstancePage(())


class ListsWhatIsGone(ListingShop):
    def release(self, instance: Instance, key: str) -> None:
        """Nothing is deleted."""


class ListsTheFirstPageForEver(ListingShop):
    def list_instances(self, after: str | None) -> InstancePage | None:
        return InstancePage(tuple(self.rows), "again")


class ListsRows(ListingShop):
    def list_instances(self, after: str | None) -> InstancePage | None:
        return [*self.rows]  # type: ignore[return-value]


class FailsToList(ListingShop):
    def list_instances(self, after: str | None) -> InstancePage | None:
        raise RuntimeError


C = ShopContract
LISTS = C.test_the_list_has_what_was_created_and_was_not_released
FOUND_OUT: list[tuple[type[Shop], Callable[..., None], str]] = [
    (ForgetsTheKey, C.test_create_again_is_the_same_instance, "create: the same key must return the same way in"),
    (MakesASpare, C.test_create_again_is_the_same_instance, "create: the same key must not make another instance"),
    (RefusesToCreate, C.test_create_again_is_the_same_instance, r"create: must be accepted \(it raised RuntimeError"),
    (NeverEnds, C.test_create_again_is_the_same_instance, "create: still pending after 0.3 seconds"),
    (LongPassword, C.test_create_again_is_the_same_instance, "create: password is longer than 79 bytes"),
    (ReturnsText, C.test_create_again_is_the_same_instance, "create: .* no Access"),
    (SharesOneInstance, C.test_create_makes_one_instance_for_each_key, "create: another key must make another"),
    (DescribesAnother, C.test_describe_agrees_with_create, "describe: must be None or what create returned"),
    (ForgetsWhatItMade, C.test_describe_agrees_with_create, "describe: must answer for an instance just created"),
    (AddsUpRenewals, C.test_renew_again_changes_nothing_more, "renew: the same key again must change nothing more"),
    (RenewsOnce, C.test_renew_again_changes_nothing_more, "renew: the same key again must be harmless"),
    (OnlyForward, C.test_renew_takes_an_earlier_expiry, "renew: an earlier expiry must be accepted"),
    (AddsUpChanges, C.test_change_again_changes_nothing_more, "change: the same key again must change nothing more"),
    (ChangesWhenAsked, C.test_can_change_only_asks, "can_change: must not change anything"),
    (AnswersYesOrNo, C.test_can_change_only_asks, "can_change: must return a Refusal or None"),
    (RefusesInChinese, C.test_can_change_only_asks, "can_change: the reason must be"),
    (RaisesWhenAsked, C.test_can_change_only_asks, "can_change: must answer"),
    (FreezesOnce, C.test_freeze_and_unfreeze_again_change_nothing_more, "freeze: the same key again must be harmless"),
    (UnfreezesOnce, C.test_freeze_and_unfreeze_again_change_nothing_more, "unfreeze: the same key again must be"),
    (LosesDataWhenFrozen, C.test_freeze_keeps_the_data, "unfreeze: the instance must be as it was"),
    (ReleasesKnownOnes, C.test_release_again_is_harmless, "release: again must be harmless"),
    (KeepsReleased, C.test_release_again_is_harmless, "release: must delete the instance"),
    (ReleasesKnownOnes, C.test_release_of_an_unknown_instance_is_harmless, "release: an instance that was never"),
    (ReleasesAll, C.test_release_leaves_other_instances_alone, "release: must leave other instances alone"),
    (CountsInFloats, C.test_usage_can_be_shown, "usage: value must be a decimal number from 0"),
    (CountsTooFinely, C.test_usage_can_be_shown, "usage: value must be a decimal number from 0"),
    (CountsBackwards, C.test_usage_can_be_shown, "usage: value must be a decimal number from 0"),
    (CountsInLocalTime, C.test_usage_can_be_shown, "usage: measured_at must be a moment with its zone"),
    (HasNoUsage, C.test_usage_can_be_shown, "usage: must answer"),
    (ForgetsToList, LISTS, "list_instances: must have an instance that was created"),
    (ListsWhatIsGone, LISTS, "list_instances: must not have an instance that was released"),
    (ListsTheFirstPageForEver, LISTS, "list_instances: next asks for the same page again"),
    (ListsRows, LISTS, "list_instances: it is no InstancePage"),
    (FailsToList, LISTS, r"list_instances: must answer \(it raised RuntimeError"),
]


@pytest.mark.parametrize(("wrong", "rule", "message"), FOUND_OUT)
def test_wrong_provisioner_is_found_out(wrong: type[Shop], rule: Callable[..., None], message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        rule(ShopContract(), wrong())


def test_every_rule_can_be_broken() -> None:
    rules = {name for name in dir(ProvisionerContract) if name.startswith("test_")}
    assert {rule.__name__ for _, rule, _ in FOUND_OUT} == rules


def test_contract_sees_less_without_the_sellers_help_but_works() -> None:
    blind = ProvisionerContract()
    blind.test_create_again_is_the_same_instance(MakesASpare())
    with pytest.raises(AssertionError):
        blind.test_create_again_is_the_same_instance(ForgetsTheKey())
