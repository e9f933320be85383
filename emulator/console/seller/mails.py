"""The mails that the marketplace would have sent, and what each of them is about."""

from collections.abc import Sequence
from typing import NamedTuple

from flask import render_template, request

from emulator.console.console_context import context, page_of
from emulator.console.language import say
from emulator.console.seller.blueprint import page
from emulator.marketplace.catalogue.products import ListedProduct
from emulator.marketplace.delivery.mails import SELLER, Mail
from emulator.marketplace.delivery.messages import Message
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.orders import number_of
from emulator.marketplace.subscriptions.subscription import Subscription

LOOKED_AT = 2000
"""Mails looked through, from the newest on."""
BOXES = ("", SELLER, "buyers")
"""All mails, the seller's, the buyers'."""


class MailSubject(NamedTuple):
    """What a mail is about, each an id, or empty where it is about no such thing. ``instance`` leads to the story."""

    message: str
    order: str
    instance: str
    product: str


@page.get("/seller/mails")
def mails() -> str:
    """The newest mails, of one box or with some words if asked for."""
    database = context().market.database
    found = chosen_mails(database.all(Mail, newest=LOOKED_AT))
    shown, links = page_of(found)
    return render_template(
        "seller/mails.html",
        view="mails",
        mails=shown,
        total=len(found),
        **links,
        customers={customer.id: customer for customer in database.all(Customer)},
        subject_of=subject_of,
        wanted=request.args.get("q", "").strip(),
        boxes=BOXES,
        box=request.args.get("box", ""),
    )


def chosen_mails(mails: Sequence[Mail]) -> Sequence[Mail]:
    """Those that the address asks for: ``box`` is one of :data:`BOXES`, ``q`` stands in the reader's language."""
    box, wanted = request.args.get("box", ""), request.args.get("q", "").strip().lower()
    mine = (mail for mail in mails if _in(mail, box))
    return [mail for mail in mine if wanted in f"{say(mail.subject)}\n{say(mail.text)}".lower()]


def subject_of(mail: Mail) -> MailSubject:
    """What there is to go to from a mail."""
    database = context().market.database
    message = database.get(Message, mail.message_id) if mail.message_id else None
    mine = database.get(Subscription, mail.about)
    order = message.order_id if message else mine.order_id if mine else ""
    return MailSubject(
        message.id if message else "",
        number_of(order),
        mine.instance_id or mine.id if mine else "",
        mail.about if database.get(ListedProduct, mail.about) else "",
    )


def _in(mail: Mail, box: str) -> bool:
    return box not in BOXES[1:] or (mail.to == SELLER) == (box == SELLER)
