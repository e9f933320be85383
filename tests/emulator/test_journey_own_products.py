"""The journey buys every plan of the seller's own products, under their own ids."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from emulator.journey import CHAPTERS, play
from emulator.marketplace.catalogue.product_files import read
from emulator.texts import Text
from shared.errors import ProvisioningError
from shared.provisioning import Buyer, Instance
from shared.provisioning.demo import DemoProvisioner
from tests.emulator.journey_player import journey_player
from tests.emulator.marketplace.catalogue.own import OWN

pytestmark = pytest.mark.e2e
SKUS = {"crm-team", "crm-business", "messages"}


@dataclass
class Mapped(DemoProvisioner):
    """Knows the plans of some specifications, and of those of the emulator's samples."""

    known: set[str] = field(default_factory=lambda: set(SKUS))
    made: list[tuple[str | None, str | None]] = field(default_factory=list)

    def create(self, instance: Instance, buyer: Buyer, key: str) -> object:  # type: ignore[override]
        bought = instance.specification
        if bought.sku_code not in self.known and not str(bought.sku_code).startswith("d0abcd12"):
            raise ProvisioningError(f"no plan for {bought.sku_code}")
        self.made.append((bought.product_id, bought.sku_code))
        return super().create(instance, buyer, key)


def test_each_plan_arrives_under_its_own_ids(tmp_path: Path) -> None:
    provisioner, own = Mapped(), [each.listed() for each in read(OWN).products]
    with journey_player({"KOOGALLERY_STORE": f"sqlite:{tmp_path / 's'}"}, provisioner=provisioner) as player:
        rows = play(player, own)
    assert [f"{row.chapter}: {row.step}" for row in rows if row.failure] == []
    assert {str(row.chapter) for row in rows} >= {"your product Example CRM", "your product Messages"}
    assert len({row.chapter.id for row in rows}) == len(CHAPTERS) + 1
    sold = [(plan.id, plan.sku_code) for product in own for plan in (*product.plans, *product.items)]
    assert [each for each in provisioner.made if each[1] in SKUS] == sold


def test_a_mapping_that_lacks_a_plan_is_found(tmp_path: Path) -> None:
    provisioner, own = Mapped(known={"crm-team", "messages"}), [each.listed() for each in read(OWN).products]
    with journey_player({"KOOGALLERY_STORE": f"sqlite:{tmp_path / 's'}"}, provisioner=provisioner) as player:
        rows = play(player, own)
    failed = [row for row in rows if row.failure]
    assert {row.chapter for row in failed} == {Text("journey.own", product="Example CRM")}
    assert failed[0].step == Text("journey.steps.buy")
