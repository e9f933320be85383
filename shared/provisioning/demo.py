"""A provisioner for the laptop: every instance exists at once, nothing is stored, nobody is called."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import quote

from shared.provisioning import Access, Buyer, FreezeReason, Instance, Refusal, Renewal, Specification, Usage

SMALLEST = 2
"""Every demo instance claims to use this much of its quantity, so a change to less is refused."""

_LABEL = b"koogallery-functions demo"


class DemoProvisioner:
    """Answers as a real provisioner would. What it hands out follows from the instance id alone and opens nothing."""

    def create(self, instance: Instance, buyer: Buyer, key: str) -> Access:  # noqa: ARG002 - the protocol's parameters
        """The same access details for the same instance, also after a restart."""
        return _access(instance)

    def describe(self, instance: Instance) -> Access:
        """What ``create`` returned."""
        return _access(instance)

    def renew(self, instance: Instance, renewal: Renewal, key: str) -> None:
        """Nothing to do."""

    def change(self, instance: Instance, specification: Specification, key: str) -> None:
        """Nothing to do."""

    def can_change(self, instance: Instance, specification: Specification) -> Refusal | None:  # noqa: ARG002
        """Refuses less than what is in use."""
        if specification.quantity is not None and specification.quantity < SMALLEST:
            return Refusal(f"{SMALLEST} seats are in use, remove users first")
        return None

    def freeze(self, instance: Instance, reason: FreezeReason, key: str) -> None:
        """Nothing to do."""

    def unfreeze(self, instance: Instance, key: str) -> None:
        """Nothing to do."""

    def release(self, instance: Instance, key: str) -> None:
        """Nothing to do."""

    def usage(self, instance: Instance) -> Sequence[Usage]:  # noqa: ARG002
        """None."""
        return ()


def _access(instance: Instance) -> Access:
    digest = hmac.digest(_LABEL, instance.instance_id.encode(), hashlib.sha256)
    name = base64.b32encode(digest[:5]).decode().lower()
    home = f"https://demo.example/{quote(instance.instance_id, safe='')}"
    return Access(
        front_end_url=home,
        admin_url=f"{home}/admin",
        user_name=f"demo-{name}",
        password=base64.urlsafe_b64encode(digest[5:17]).decode(),
        memo="Demo trial instance" if instance.trial else "Demo instance",
    )
