"""``orderNotify``: something happened to an order (production interfaces, section 3.8)."""

from shared.app import App
from shared.call import Call
from shared.commands import Done, OrderNotice, Outcome
from shared.pipelines.marketplace import Interface, endpoint
from shared.provisioning import OrderListener
from shared.timeouts import within

__all__ = ["handler"]


def notice(command: OrderNotice, call: Call, app: App) -> Outcome:
    """Tell the provisioner, if it listens. The same order may be notified several times, each time of something new."""
    app.nonces.spend(call)
    listener = app.provisioner
    if isinstance(listener, OrderListener):
        key = f"{command.order_id}/{command.order_part or ''}:notice:{call.nonce.value if call.nonce else ''}"
        within(call.deadline, lambda: listener.order_changed(command.order_id, command.order_part, key))
    return Done()


INTERFACE = Interface("order-notify", frozenset({"orderNotify"}), notice)
handler = endpoint(INTERFACE)
