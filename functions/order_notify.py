"""``orderNotify``: something happened to an order (production interfaces, section 3.8)."""

from shared import log
from shared.app import App
from shared.call import Call
from shared.clock import Deadline
from shared.commands import Done, OrderNotice, Outcome
from shared.errors import ConfigurationError
from shared.orders.notice import note
from shared.orders.told import ToldOrder, merged, said_of
from shared.pipelines.marketplace import Interface, endpoint
from shared.provisioning import OrderFollower, OrderListener
from shared.timeouts import within

__all__ = ["handler"]


def notice(command: OrderNotice, call: Call, app: App) -> Outcome:
    """Ask what became of the order, keep that in the order book, and tell the provisioner, if it listens. The same
    order may be notified several times, each time of something new.

    :raises Unavailable: the open API does not answer, so nobody is told; the marketplace calls again.
    """
    app.nonces.spend(call)
    key = f"{command.order_id}/{command.order_part or ''}:notice:{call.nonce.value if call.nonce else ''}"
    within(call.deadline, lambda: _tell(app, command, call.deadline, key))
    return Done()


def _tell(app: App, command: OrderNotice, deadline: Deadline, key: str) -> None:
    told, listener = _resolved(app, command, deadline), app.provisioner
    if isinstance(listener, OrderFollower):
        listener.order_told(told.summary(app.settings.currency), key)
    elif isinstance(listener, OrderListener):
        listener.order_changed(command.order_id, command.order_part, key)


def _resolved(app: App, command: OrderNotice, deadline: Deadline) -> ToldOrder:
    from shared.openapi.order import OrderNotFound

    told = ToldOrder(command.order_id, command.order_part)
    try:
        said = said_of(told, app.orders.find(command.order_id, command.order_part, deadline))
    except (OrderNotFound, ConfigurationError) as error:
        log.event("order query: a notified order is not known", order_id=command.order_id, reason=str(error))
        return told
    note(app, said)
    return merged(told, said)


INTERFACE = Interface("order-notify", frozenset({"orderNotify"}), notice)
handler = endpoint(INTERFACE)
