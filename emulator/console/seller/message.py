"""One message: its attempts, the mails they caused, and what it is about."""

from flask import abort, render_template

from emulator.console.console_context import context
from emulator.console.seller.blueprint import page
from emulator.console.seller.mails import LOOKED_AT
from emulator.console.seller.messages import attempts_of, instance_of
from emulator.marketplace.delivery.mails import Mail
from emulator.marketplace.delivery.messages import Message, schedule
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.orders import number_of


@page.get("/seller/messages/<message_id>")
def message(message_id: str) -> str:
    """The message, or 404."""
    database = context().market.database
    found = database.get(Message, message_id)
    if found is None:
        abort(404)
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
