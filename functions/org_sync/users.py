"""``authSync``: who may use the application, up to 500 users at once (joint operation, section 1.4)."""

from collections.abc import Sequence

from shared import log
from shared.app import App
from shared.call import Call
from shared.commands import Done, Outcome
from shared.directory import AuthorisationStatus, User
from shared.directory.commands import SyncUsers
from shared.errors import InProcess
from shared.pipelines.marketplace import Interface, endpoint
from shared.provisioning import MemberChange, MemberListener
from shared.timeouts import within

__all__ = ["handler"]


def sync_users(command: SyncUsers, call: Call, app: App) -> Outcome:
    """Store the users about whom nothing newer is known, end the sessions of those who may not enter any more, and tell
    the provisioner, if it listens and they are users of this application; where none is set, all are. The very same
    call again does only what it did not come to.
    """
    with app.nonces.once(call) as since_ms:
        new, same = app.directory.put_users(command)
        users = new + same
        if older := len(command.users) - len(users):
            log.event("older than what is known", interface="user-sync", instance_id=command.instance_id, count=older)
        gone = [user.user_name for user in users if not user.may_enter]
        app.sessions.end_users(command.instance_id, command.tenant_id, command.app_id, gone, since_ms)
        if app.settings.app_id in ("", command.app_id):
            _tell(app, call, command, users if since_ms is None else new)
        else:
            log.event("about users of another application", interface="user-sync", instance_id=command.instance_id)
    return Done()


def _tell(app: App, call: Call, command: SyncUsers, users: Sequence[User]) -> None:
    """What the provisioner makes of it does not fail the call: the directory is right, and can be read."""
    told: list[User] = []
    try:
        within(call.deadline, lambda: _tell_each(app, call, command, users, told))
    except InProcess:
        pass
    except Exception as error:  # noqa: BLE001 - a provisioner that cannot even be loaded
        log.failure("the provisioner cannot be told of members", error, instance_id=command.instance_id)
    if untold := len(users) - len(told):
        text = "members changed, and the provisioner does not know: it can read the directory"
        log.alarm(text, interface="user-sync", instance_id=command.instance_id, count=untold)


def _tell_each(app: App, call: Call, command: SyncUsers, users: Sequence[User], told: list[User]) -> None:
    listener = app.provisioner
    if not isinstance(listener, MemberListener):
        told += users
        return
    for user in users:
        if not call.deadline.left():
            return
        change = _change(user, added=command.added)
        who = f"{command.instance_id}/{command.tenant_id}/{command.app_id}/{user.user_name}"
        key = f"{who}:{command.at.synced_ms}.{command.at.sent_ms}"
        try:
            listener.member_changed(command.tenant_id, user, change, key)
        except Exception as error:  # noqa: BLE001 - whatever it raises about one, the others are told
            log.failure("the provisioner failed on a member", error, instance_id=command.instance_id)
        else:
            told.append(user)


def _change(user: User, *, added: bool) -> MemberChange:
    if user.state is not AuthorisationStatus.GRANTED:
        return MemberChange.REMOVED
    if not user.enabled:
        return MemberChange.DISABLED
    return MemberChange.ADDED if added else MemberChange.CHANGED


INTERFACE = Interface("user-sync", frozenset({"authSync"}), sync_users)
handler = endpoint(INTERFACE)
