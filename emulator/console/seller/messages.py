"""Production interface messages, as the seller console lists them; what was given up can be restarted (production
interfaces, sections 2.1 and 8).
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress

from flask import abort, redirect, render_template, request, url_for

from emulator.console.buyer.delivery import await_tasks
from emulator.console.console_context import context, page_of
from emulator.console.forms import FormRefused, Redirect, taken
from emulator.console.language import text
from emulator.console.seller.blueprint import page
from emulator.marketplace.delivery.deliveries import OVERTAKEN
from emulator.marketplace.delivery.mails import Mail
from emulator.marketplace.delivery.messages import DELIVER, Delivery, Message, schedule
from emulator.marketplace.market import Market
from emulator.marketplace.storage.call_lines import TimelineLine
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.orders import number_of
from emulator.marketplace.subscriptions.subscription import Subscription

LOOKED_AT = 2000
"""Messages looked through, from the newest on."""
MOST_ATTEMPTS = 20
"""Attempts of a message that are shown."""


@page.get("/seller/messages")
def messages() -> str:
    """The newest messages, of one state if asked for."""
    newest = context().market.database.all(Message, newest=LOOKED_AT)
    shown, links = page_of(chosen_messages(newest))
    return render_template(
        "seller/messages.html",
        view="messages",
        messages=shown,
        instances={message.id: instance_of(message) for message in shown},
        counts=Counter(message.state for message in newest),
        states=tuple(Delivery),
        state=request.args.get("state", ""),
        **links,
        attempts=attempts_of(shown),
        failures=same_failures(newest),
        refunded=[message.id for message in shown if schedule(message.purpose).refunds],
    )


@page.get("/seller/messages/<message_id>")
def message(message_id: str) -> str:
    """One of them: its attempts, the mails they caused, and what it is about."""
    database = context().market.database
    found = database.get(Message, message_id) or abort(404)
    mails = database.all(Mail, found.about, newest=LOOKED_AT)
    return render_template(
        "seller/message.html",
        view="messages",
        message=found,
        instance=instance_of(found),
        order=number_of(found.order_id),
        attempts=attempts_of([found])[found.id],
        refunds=schedule(found.purpose).refunds,
        mails=[mail for mail in mails if mail.message_id == found.id][::-1],
        customers={customer.id: customer for customer in database.all(Customer)},
    )


@page.post("/seller/messages/<message_id>/try")
def try_now(message_id: str) -> Redirect:
    """Try a message now: one that waits for its next attempt, or one that was given up. ``alone``: from its page;
    ``since``: from the buyer's.
    """
    market = context().market
    address = _from(market.database.get(Message, message_id) or abort(404))
    try:
        market.deliveries.again(message_id)
    except ValueError:
        raise FormRefused(address, {"": text("seller.no-restart")}) from None
    await_tasks(market, lambda: [(DELIVER, message_id)])
    return redirect(address, 303)


def _from(sent: Message) -> str:
    """The page that the form stands on: that of a buyer's click, whose mark is ``since``, the message's own, or the
    list.
    """
    form = request.form
    if "since" in form:
        bought = context().market.database.get(Subscription, sent.about)
        customer = bought.customer_id if bought else None
        return url_for("buyer.index", customer=customer, subscription=sent.about, since=form["since"])
    if "alone" in form:
        return url_for("seller.message", message_id=sent.id)
    return url_for("seller.messages", state=form.get("state") or None, _anchor=f"m-{sent.id}")


@page.post("/seller/messages/retry")
def retry() -> Redirect:
    """Try all messages now that have one failure in common, waiting or given up."""
    try_all(context().market, request.form.get("failure", ""))
    return taken("seller.messages")


def try_all(market: Market, failure: str) -> Sequence[str]:
    """Try all messages now that have a failure in common, one of :func:`same_failures`; their ids."""
    messages = [each.id for each in same_failures(market.database.all(Message, newest=LOOKED_AT)).get(failure, ())]
    for message_id in messages:
        with suppress(ValueError):  # what is not true any more stays given up
            market.deliveries.again(message_id)
    await_tasks(market, lambda: [(DELIVER, message_id) for message_id in messages])
    return messages


def chosen_messages(messages: Sequence[Message]) -> Sequence[Message]:
    """Those of the ``state`` that the address asks for, if it does."""
    state = request.args.get("state", "")
    return [message for message in messages if state in ("", message.state)]


def same_failures(messages: Sequence[Message]) -> Mapping[str, Sequence[Message]]:
    """The messages that can be tried again, by what was wrong with their latest attempt, the most frequent first."""
    found = defaultdict[str, list[Message]](list)
    for message in messages:
        waits = message.state is Delivery.WAITING and message.attempts
        if message.problem and (waits or _restartable(message)):
            found[str(message.problem)].append(message)
    return dict(sorted(found.items(), key=lambda each: -len(each[1])))


def _restartable(message: Message) -> bool:
    overtaken = message.problem is not None and message.problem.id == OVERTAKEN.id
    return message.state is Delivery.GIVEN_UP and not schedule(message.purpose).refunds and not overtaken


def attempts_of(messages: Sequence[Message]) -> Mapping[str, Sequence[TimelineLine]]:
    """The calls of each message, oldest first."""
    numbers = [number for message in messages for number in message.calls[-MOST_ATTEMPTS:]]
    lines = {line.number: line for line in context().market.timeline.numbered(numbers)}
    return {each.id: [lines[number] for number in each.calls if number in lines] for each in messages}


def instance_of(message: Message) -> str:
    named = message.instance_id or str(message.fields.get("instanceId") or "")
    subscription = None if named else context().market.database.get(Subscription, message.about)
    return subscription.instance_id if subscription else named
