"""Production interface messages, as the seller console lists them; what was given up can be restarted (production
interfaces, sections 2.1 and 8).
"""

from collections import Counter

from flask import abort, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from emulator.console.buyer.delivery import await_tasks
from emulator.console.console_context import context, page_of
from emulator.console.language import text
from emulator.console.seller.blueprint import back, page
from emulator.marketplace.delivery.messages import DELIVER, Delivery, Message, schedule
from emulator.marketplace.subscriptions.subscription import Subscription

LOOKED_AT = 2000
"""Messages looked through, from the newest on."""


@page.get("/seller/messages")
def messages() -> str:
    """The newest messages, of one state if asked for."""
    market, state = context().market, request.args.get("state", "")
    newest = market.database.all(Message, newest=LOOKED_AT)
    found = [message for message in newest if state in ("", message.state)]
    shown, links = page_of(found)
    return render_template(
        "seller/messages.html",
        view="messages",
        messages=shown,
        instances={message.id: _instance(message) for message in shown},
        counts=Counter(message.state for message in newest),
        states=tuple(Delivery),
        state=state,
        **links,
        refunded=[message.id for message in shown if schedule(message.purpose).refunds],
    )


@page.post("/seller/messages/<message_id>/try")
def try_now(message_id: str) -> Response:
    """Try a message now: one that waits for its next attempt, or one that was given up."""
    market = context().market
    message = market.database.get(Message, message_id)
    if message is None:
        abort(404)
    try:
        if message.state is Delivery.GIVEN_UP:
            market.deliveries.restart(message_id)
        else:
            market.deliveries.hurry(message_id)
    except ValueError:
        flash(text("seller.no-restart"), "bad")
    await_tasks(market, lambda: [(DELIVER, message_id)])
    return back(url_for("seller.messages", state=request.form.get("state") or None, _anchor=f"m-{message_id}"))


def _instance(message: Message) -> str:
    named = message.instance_id or str(message.fields.get("instanceId") or "")
    subscription = None if named else context().market.database.get(Subscription, message.about)
    return subscription.instance_id if subscription else named
