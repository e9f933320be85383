"""``changeInstanceCheck``: may the buyer change the product when renewing? (production interfaces, section 3.7)"""

from shared.app import App
from shared.call import Call
from shared.commands import CheckChange, Done, Failed, Outcome
from shared.errors import InProcess, ResultCode, UnknownInstance
from shared.pipelines.marketplace import Interface, endpoint
from shared.provisioning import Refusal, State
from shared.timeouts import both, within

__all__ = ["handler"]


def check(command: CheckChange, call: Call, app: App) -> Outcome:
    """Ask the provisioner. No code is documented for a refusal: ``000002`` and its reason (section 3.7)."""
    _, record = both(
        lambda: app.nonces.spend(call),
        lambda: app.instances.get(command.instance_id),
        side_by_side=app.tables.remote and call.nonce is not None,
    )
    if record is None or record.state is State.RELEASED:
        raise UnknownInstance("instance id does not exist")
    if record.state is State.PENDING:
        raise InProcess("the instance is being created, ask again")
    target = record.specification.updated(command.specification)
    verdict = within(call.deadline, lambda: app.provisioner.can_change(record.instance(), target))
    return Failed(ResultCode.INVALID_PARAMETER, verdict.reason) if isinstance(verdict, Refusal) else Done()


INTERFACE = Interface("change-check", frozenset({"changeInstanceCheck"}), check)
handler = endpoint(INTERFACE)
