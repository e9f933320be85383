"""A seller's own product, which keeps the contract, and ones with a fault."""

from shared.provisioning import Access, Instance
from shared.provisioning.demo import DemoProvisioner


class Product(DemoProvisioner):
    """Not the demo that is built in."""


class Nothing:
    """Has no method of a provisioner."""


class Fails(DemoProvisioner):
    """Is not ready to be asked."""

    def describe(self, instance: Instance) -> Access:
        raise RuntimeError(f"no {instance.instance_id} in the database")
