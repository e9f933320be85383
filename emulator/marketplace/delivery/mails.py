"""Mails that the marketplace sends to buyers and to the seller; the emulator only stores them."""

from datetime import datetime

from emulator.marketplace.storage.database import Database, Document
from emulator.marketplace.storage.kept_text import KeptText
from emulator.texts import Text


class Mail(Document):
    """A mail to the seller's account and customer-service mailbox, or to a buyer. ``about``: the subscription, product
    or enterprise that it concerns; ``message_id``: the message whose attempt caused it, if one did.
    """

    owned_by = "about"
    at: datetime
    to: str
    subject: KeptText
    text: KeptText
    about: str = ""
    message_id: str = ""


SELLER = "seller"
"""Address of the seller's mailboxes."""


def send_mail(
    database: Database, at: datetime, to: str, *, subject: Text, text: Text, about: str = "", message_id: str = ""
) -> None:
    """Keep a mail that would have been sent."""
    number = str(database.next_number("mail"))
    database.put(Mail(id=number, at=at, to=to, subject=subject, text=text, about=about, message_id=message_id))
