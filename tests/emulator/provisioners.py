"""Provisioners with a fault, and a slow one."""

from shared.errors import ProvisioningError
from shared.provisioning import Access, Buyer, Instance, Pending, Renewal
from shared.provisioning.demo import DemoProvisioner


class CannotRenew(DemoProvisioner):
    """Fails at renewals only."""

    def renew(self, instance: Instance, renewal: Renewal, key: str) -> None:
        raise ProvisioningError("no renewals today")


class Slow(DemoProvisioner):
    """Needs an instance to be asked for ``patience`` times before it is there."""

    def __init__(self, patience: int = 2) -> None:
        self._patience = patience
        self._asked: dict[str, int] = {}

    def create(self, instance: Instance, buyer: Buyer, key: str) -> Pending:  # type: ignore[override]
        return Pending()

    def describe(self, instance: Instance) -> Access | Pending:  # type: ignore[override]
        asked = self._asked[instance.instance_id] = self._asked.get(instance.instance_id, 0) + 1
        return super().describe(instance) if asked > self._patience else Pending()
