"""A seller's own product, which keeps the contract, and ones with a fault."""

from dataclasses import replace
from typing import ClassVar

from shared.provisioning import Access, Buyer, Instance, InstancePage
from shared.provisioning.demo import DemoProvisioner


class Product(DemoProvisioner):
    """Not the demo that is built in."""


class Nothing:
    """Has no method of a provisioner."""


class Fails(DemoProvisioner):
    """Is not ready to be asked."""

    def describe(self, instance: Instance) -> Access:
        raise RuntimeError(f"no {instance.instance_id} in the database")


class FailsToList(DemoProvisioner):
    """Has no list to tell."""

    def list_instances(self, after: str | None) -> InstancePage:
        raise RuntimeError(f"no database behind {after}")


class Forgets(DemoProvisioner):
    """Makes another instance each time, whatever the key."""

    made: ClassVar[list[str]] = []
    released: ClassVar[list[str]] = []

    def create(self, instance: Instance, buyer: Buyer, key: str) -> Access:
        made = super().create(instance, buyer, key)
        self.made.append(instance.instance_id)
        return replace(made, user_name=f"user-{len(self.made)}")

    def release(self, instance: Instance, key: str) -> None:
        self.released.append(instance.instance_id)
