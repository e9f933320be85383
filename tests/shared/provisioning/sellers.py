"""What sellers may write, right and wrong, for the loader to find."""

from collections.abc import Callable, Sequence
from typing import Any

from shared.provisioning import Access, Buyer, FreezeReason, Instance, Refusal, Renewal, Specification, Usage


class Plain:
    """A right provisioner."""

    def create(self, instance: Instance, buyer: Buyer, key: str) -> Access:
        return Access("https://app.example.com")

    def describe(self, instance: Instance) -> None: ...

    def renew(self, instance: Instance, renewal: Renewal, key: str) -> None: ...

    def change(self, instance: Instance, specification: Specification, key: str) -> None: ...

    def can_change(self, instance: Instance, specification: Specification) -> Refusal | None: ...

    def freeze(self, instance: Instance, reason: FreezeReason, key: str) -> None: ...

    def unfreeze(self, instance: Instance, key: str) -> None: ...

    def release(self, instance: Instance, key: str) -> None: ...

    def usage(self, instance: Instance) -> Sequence[Usage]:
        return ()


class FromSettings(Plain):
    """One that reads settings."""

    def __init__(self, region: str | None) -> None:
        self.region = region

    @classmethod
    def from_settings(cls, setting: Callable[[str], str | None]) -> "FromSettings":
        return cls(setting("REGION"))


class Loose(Plain):
    """Other names, more parameters with defaults, or all of them: callable the same way."""

    def describe(self, it: Instance, *, verbose: bool = False) -> None: ...

    def freeze(self, *args: Any, **kwargs: Any) -> None: ...


class WrittenInC(Plain):
    """A method whose parameters Python cannot tell."""

    usage = type  # type: ignore[assignment]


class Half:
    """Lacks most."""

    create = Plain.create
    usage = 5


class Narrow(Plain):
    """Takes less, or more, or answers later."""

    def renew(self, instance: Instance, renewal: Renewal) -> None: ...  # type: ignore[override]

    def freeze(self, instance: Instance, reason: FreezeReason, key: str, force: bool) -> None: ...  # type: ignore[override]

    async def release(self, instance: Instance, key: str) -> None: ...  # type: ignore[override]


class Space:
    """A place for attributes."""

    inside = Plain()


ready = Plain()
