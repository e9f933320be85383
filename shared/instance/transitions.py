"""Which event does what in which state of an instance.

Every transition there is::

                 renew        upgrade      freeze       unfreeze     release
    PENDING      wait         wait         wait         nothing      -> RELEASED (undo)
    ACTIVE       -> ACTIVE    -> ACTIVE    -> FROZEN    nothing      -> RELEASED
    FROZEN       -> ACTIVE    -> FROZEN    nothing      -> ACTIVE    -> RELEASED
    RELEASED     gone         gone         nothing      gone         nothing

By command, ``RESYNC`` tells the provisioner again what is; it changes no state.

*nothing* answers success without an effect, *wait* answers ``000004``, *gone* ``000003``.
"""

from enum import Enum, auto

from shared.provisioning import State


class Event(Enum):
    """What may happen to an instance once it exists."""

    RENEW = auto()
    UPGRADE = auto()
    FREEZE = auto()
    UNFREEZE = auto()
    RELEASE = auto()
    RESYNC = auto()


class Rule(Enum):
    """What an event does in a state."""

    APPLY = auto()
    NOTHING = auto()
    WAIT = auto()
    GONE = auto()


RULES: dict[State, dict[Event, Rule]] = {
    State.PENDING: {
        Event.RENEW: Rule.WAIT,
        Event.UPGRADE: Rule.WAIT,
        Event.FREEZE: Rule.WAIT,
        Event.UNFREEZE: Rule.NOTHING,
        Event.RELEASE: Rule.APPLY,
        Event.RESYNC: Rule.WAIT,
    },
    State.ACTIVE: {
        Event.RENEW: Rule.APPLY,
        Event.UPGRADE: Rule.APPLY,
        Event.FREEZE: Rule.APPLY,
        Event.UNFREEZE: Rule.NOTHING,
        Event.RELEASE: Rule.APPLY,
        Event.RESYNC: Rule.APPLY,
    },
    State.FROZEN: {
        Event.RENEW: Rule.APPLY,
        Event.UPGRADE: Rule.APPLY,
        Event.FREEZE: Rule.NOTHING,
        Event.UNFREEZE: Rule.APPLY,
        Event.RELEASE: Rule.APPLY,
        Event.RESYNC: Rule.APPLY,
    },
    State.RELEASED: {
        Event.RENEW: Rule.GONE,
        Event.UPGRADE: Rule.GONE,
        Event.FREEZE: Rule.NOTHING,
        Event.UNFREEZE: Rule.GONE,
        Event.RELEASE: Rule.NOTHING,
        Event.RESYNC: Rule.APPLY,
    },
}
