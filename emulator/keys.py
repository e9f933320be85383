"""The keys between the marketplace and one seller, as the marketplace's side has them."""

from dataclasses import dataclass, field

from shared.commands import Version

SETTINGS = {
    "key": "KOOGALLERY_KEY",
    "access_key": "KOOGALLERY_ACCESS_KEY",
    "notify_key": "KOOGALLERY_NOTIFY_ACCESS_KEY",
    "sync_key": "KOOGALLERY_SYNC_ACCESS_KEY",
}
"""Where a command looks for each key if no option gives it, so that it shows in no list of processes."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of the interface classes, and what client secrets are encrypted with; empty where there is none."""

    key: str = field(default="", repr=False)
    access_key: str = field(default="", repr=False)
    notify_key: str = field(default="", repr=False)
    sync_key: str = field(default="", repr=False)
    rsa_public_key: str = field(default="", repr=False)

    @property
    def named(self) -> dict[str, str]:
        """Those that sign, by name."""
        return {name: getattr(self, name) for name in SETTINGS}

    @property
    def all(self) -> tuple[str, ...]:
        """Those that are secret, as far as they are there."""
        return tuple(key for key in self.named.values() if key)


@dataclass(frozen=True, slots=True)
class OpenApiKeys:
    """What the seller's calls are signed with: the usage push's key, and the access key of the open APIs; empty where
    they are not known.
    """

    usage_key: str = field(default="", repr=False)
    ak: str = ""
    sk: str = field(default="", repr=False)


def several(keys: str) -> tuple[str, ...]:
    """The keys in a value that may hold several, comma separated."""
    return tuple(key for part in keys.split(",") if (key := part.strip()))


def key_name(version: str, activity: str, *, sync: bool = False) -> str:
    """The member of :class:`Keys` that signs calls of an interface (production interfaces, section 4.4)."""
    if version == Version.V1:
        return "key"
    if sync:
        return "sync_key"
    return "notify_key" if activity == "orderNotify" else "access_key"
