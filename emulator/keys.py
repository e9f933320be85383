"""The keys between the marketplace and one seller, as the marketplace's side has them."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of the interface classes, and what client secrets are encrypted with; empty where there is none."""

    key: str = field(default="", repr=False)
    access_key: str = field(default="", repr=False)
    notify_key: str = field(default="", repr=False)
    sync_key: str = field(default="", repr=False)
    rsa_public_key: str = field(default="", repr=False)

    @property
    def all(self) -> tuple[str, ...]:
        """Those that are secret, as far as they are there."""
        return tuple(key for key in (self.key, self.access_key, self.notify_key, self.sync_key) if key)
