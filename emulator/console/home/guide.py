"""The first four clicks: buy, break it, see why, move a year. The marketplace keeps how far a reader came."""

from dataclasses import dataclass

from emulator.marketplace.storage.database import Database

STEPS = ("buy", "break", "why", "year")
_SETTING, _CLOSED = "guide", "closed"


@dataclass(frozen=True, slots=True)
class Guide:
    """``bought``: the subscription that the first click bought; ``broken``: the number of the call that the second one
    broke.
    """

    done: tuple[str, ...] = ()
    bought: str = ""
    broken: int = 0

    @property
    def following(self) -> str:
        """The step to take now; empty after the last."""
        return next((step for step in STEPS if step not in self.done), "")


def guide(database: Database) -> Guide | None:
    """How far the reader came; ``None`` once the guide has been closed or followed to its end."""
    kept = database.setting(_SETTING)
    if kept == _CLOSED:
        return None
    steps, bought, broken = kept.split("|") if kept else ("", "", "0")
    found = Guide(tuple(steps.split()), bought, int(broken))
    return found if found.following else None


def keep(database: Database, step: str, before: Guide, *, bought: str = "", broken: int = 0) -> None:
    """A step was taken."""
    steps = [each for each in STEPS if each == step or each in before.done]
    database.set(_SETTING, f"{' '.join(steps)}|{bought or before.bought}|{broken or before.broken}")


def close(database: Database) -> None:
    """Show the guide no more."""
    database.set(_SETTING, _CLOSED)
