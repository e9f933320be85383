"""The instances that usage can be pushed for, and what validation needs of each."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from shared.provisioning import Charging


@dataclass(frozen=True, slots=True)
class Bought:
    """An instance as the marketplace has it on file.

    ``daily``: billed by the day. ``foreign``: it belongs to another seller. ``delisted``: its product is delisted.
    """

    instance_id: str
    started_at: datetime
    closed_at: datetime | None = None
    charging: Charging = Charging.ON_DEMAND
    daily: bool = False
    frozen: bool = False
    foreign: bool = False
    delisted: bool = False


class KnownInstances(Protocol):
    """Who can say what is on file about an instance."""

    def get(self, instance_id: str) -> Bought | None:
        """The instance as it is now, or ``None``."""


class MeteredInstances:
    """The instances, by id, in memory; ``others`` is asked about those that are not there."""

    def __init__(self, others: KnownInstances | None = None) -> None:
        self._known: dict[str, Bought] = {}
        self._others = others

    def register(self, instance: Bought) -> None:
        """Put an instance on file, over an earlier one of the same id."""
        self._known[instance.instance_id] = instance

    def change(self, instance_id: str, **changes: Any) -> None:
        """Change members of an instance: ``closed_at``, ``frozen`` and so on.

        :raises KeyError: it is not on file.
        """
        self._known[instance_id] = replace(self._known[instance_id], **changes)

    def get(self, instance_id: str) -> Bought | None:
        """The instance, or ``None``."""
        return self._known.get(instance_id) or (self._others.get(instance_id) if self._others else None)
