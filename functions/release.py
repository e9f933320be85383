"""``releaseInstance``: retention is over, or the buyer unsubscribed (production interfaces, sections 2.4 and 3.5)."""

from shared.app import App
from shared.call import Call
from shared.commands import Done, Outcome, Release
from shared.instance.at_work import at_work
from shared.instance.change import Change
from shared.instance.changes import make
from shared.instance.record import InstanceRecord
from shared.instance.transitions import Event
from shared.login.session_end import end_sessions
from shared.pipelines.marketplace import Interface, endpoint

__all__ = ["handler"]


def release(command: Release, call: Call, app: App) -> Outcome:
    """Delete the instance, whatever state it is in."""

    def carry_out(held: InstanceRecord, _sent_ms: int, key: str) -> InstanceRecord:
        at_work(app, held).release(held.instance(), key)
        return held.released(app.clock.now())

    record = make(app, call, command.instance_id, Change(Event.RELEASE, "release", carry_out))
    end_sessions(app, record.instance_id, never_entered=record.never_entered)
    return Done()


INTERFACE = Interface("release", frozenset({"releaseInstance"}), release)
handler = endpoint(INTERFACE)
