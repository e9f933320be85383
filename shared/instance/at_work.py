"""Who may tell the provisioner of a change: whoever has the lease of the instance, as long as it lasts."""

from contextvars import ContextVar
from typing import TYPE_CHECKING

from shared.errors import InProcess
from shared.instance.record import InstanceRecord

if TYPE_CHECKING:
    from shared.app import App
    from shared.provisioning import Provisioner


_asked: ContextVar[bool] = ContextVar("asked", default=False)


def begin() -> None:
    """From now on nothing was asked of the provisioner, in this piece of work."""
    _asked.set(False)


def was_asked() -> bool:
    """May the provisioner have heard of something since the beginning?"""
    return _asked.get()


def at_work(app: "App", held: InstanceRecord) -> "Provisioner":
    """The provisioner, for whoever holds ``held``; one that is not stored yet has no lease to lose.

    Work may stand still, in a store that hangs or a process that its platform has frozen behind the answer, and go on
    long after. Another call has taken over by then, and a newer one may have been answered. No conditional write keeps
    the provisioner from hearing the older one last.

    :raises InProcess: the lease ran out.
    """
    if held.lease_until_ms and not held.leased(app.clock.now()):
        raise InProcess("in process, ask again")
    _asked.set(True)
    return app.provisioner
