"""Mails that the marketplace sends to buyers and to the seller; the emulator only stores them."""

from datetime import datetime

from emulator.marketplace.storage.database import Database, Document
from emulator.marketplace.storage.kept_text import KeptText
from emulator.texts import Text


class Mail(Document):
    """A mail to the seller's account and customer-service mailbox, or to a buyer. ``about`` is what it concerns."""

    owned_by = "about"
    at: datetime
    to: str
    subject: KeptText
    text: KeptText
    about: str = ""


SELLER = "seller"
"""Address of the seller's mailboxes."""


def send_mail(database: Database, at: datetime, to: str, *, subject: Text, text: Text, about: str = "") -> None:
    """Keep a mail that would have been sent."""
    database.put(Mail(id=str(database.next_number("mail")), at=at, to=to, subject=subject, text=text, about=about))
