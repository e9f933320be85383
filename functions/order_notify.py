"""``orderNotify``: something happened to an order (production interfaces, section 3.8)."""

from shared.app import App
from shared.call import Call
from shared.clock import Deadline
from shared.commands import Done, OrderNotice, Outcome
from shared.errors import Unavailable
from shared.orders.notice import Notice, put_off, resolved, tell
from shared.pipelines.marketplace import Interface, endpoint
from shared.timeouts import within

__all__ = ["handler"]


def notice(command: OrderNotice, call: Call, app: App) -> Outcome:
    """Ask what became of the order, keep that in the order book, and tell the provisioner, if it listens. The same
    order may be notified several times, each time of something new.

    While the order query does not answer, the notice is stored and answered with success, and the sweep does the rest.
    The marketplace would repeat a refused one for 3 hours, with a mail each time, and not come again by itself after
    that (section 3.8): a longer outage would lose it. What cannot be stored, or what the provisioner fails to hear, is
    refused and so repeated.
    """
    app.nonces.spend(call)
    key = f"{command.order_id}/{command.order_part or ''}:notice:{call.nonce.value if call.nonce else ''}"
    this = Notice(command.order_id, command.order_part, key, app.clock.now())
    within(call.deadline, lambda: _tell(app, this, call.deadline))
    return Done()


def _tell(app: App, this: Notice, deadline: Deadline) -> None:
    try:
        told = resolved(app, this, deadline)
    except Unavailable as error:
        put_off(app, this, error)
    else:
        tell(app, this, told)


INTERFACE = Interface("order-notify", frozenset({"orderNotify"}), notice)
handler = endpoint(INTERFACE)
