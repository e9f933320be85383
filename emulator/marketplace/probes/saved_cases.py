"""Saved debugging cases: made once on the console's debugging page, run again for ever (production interfaces,
section 8).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from emulator.marketplace.catalogue.products import ListedProduct
from emulator.marketplace.delivery.call import RecordedCall, SentRequest
from emulator.marketplace.delivery.message_payloads import ACTIVITIES
from emulator.marketplace.delivery.message_signing import MessageSigner
from emulator.marketplace.delivery.messages import Message, Purpose
from emulator.marketplace.delivery.sender import Sender
from emulator.marketplace.probes.debug_cases import CASES, DebugCase
from emulator.marketplace.storage.database import Database, Document
from emulator.texts import Text
from emulator.wire.debug_fields import INSTANCE
from shared.clock import Clock
from shared.commands import Version
from shared.http import HttpRequest

YEAR = timedelta(days=365)


class SavedCase(Document):
    """A debug call that passed. ``members`` are its values, unsigned; ``sent`` the call as it was signed then."""

    owned_by = "product"
    product: str
    name: str
    purpose: Purpose
    version: Version
    activity: str
    members: Mapping[str, Any]
    saved_at: datetime
    sent: SentRequest


@dataclass(frozen=True, slots=True)
class PlayedCase:
    """How a case went: its name, its call, and what is wrong with the answer, if anything."""

    name: str
    call: RecordedCall

    @property
    def problem(self) -> Text | None:
        """The first thing to mend."""
        return self.call.problem


@dataclass(frozen=True, slots=True)
class Cases:
    """The debugging page of the seller console."""

    database: Database
    clock: Clock
    signer: MessageSigner
    sender: Sender

    def offered(self, product_id: str) -> Sequence[DebugCase]:
        """The cases the console has for a product.

        :raises KeyError: there is no such product.
        """
        product = self.database.the(ListedProduct, product_id)
        cases = (case for case in CASES[product.version] if case.offered(product))
        return [case for case in cases if case.purpose is not Purpose.NOTICE or self.signer.keys.notify_key]

    def needed(self, product_id: str) -> Sequence[str]:
        """Names of the cases a product must have saved before it may be listed.

        :raises KeyError: there is no such product.
        """
        product = self.database.the(ListedProduct, product_id)
        return [case.name for case in CASES[product.version] if case.needed(product)]

    def missing(self, product_id: str) -> Sequence[str]:
        """What keeps a product from being listed: cases that are needed and not saved.

        :raises KeyError: there is no such product.
        """
        saved = {case.name for case in self.saved(product_id)}
        return [name for name in self.needed(product_id) if name not in saved]

    def saved(self, product_id: str) -> Sequence[SavedCase]:
        """The saved cases of a product."""
        return self.database.all(SavedCase, product_id)

    def save_cases(self, product_id: str) -> Sequence[PlayedCase]:
        """Play each case once, and save those that pass over what was saved before.

        :raises KeyError: there is no such product.
        """
        product = self.database.the(ListedProduct, product_id)
        return [self._debugged(product, case) for case in self.offered(product_id)]

    def play(self, saved: SavedCase, occasion: Text, *, resign: bool = True) -> PlayedCase:
        """Run a saved case again.

        :param resign: sign it now. Otherwise version 1 is sent byte for byte as it was saved; version 2 always is
            signed, since its signatures are good for a minute only (section 4.4).
        """
        message = self._message(saved.purpose, saved.version, saved.members)
        again = None if resign or saved.version is Version.V2 else saved.sent.request()
        return PlayedCase(saved.name, self._send(message, again or self.signer.make(message), occasion))

    def _debugged(self, product: ListedProduct, case: DebugCase) -> PlayedCase:
        now = self.clock.now()
        flag: int | str = 1 if product.version is Version.V1 else "1"
        members = {**case.members(product, self.signer.expiry(product.version, now + YEAR)), "testFlag": flag}
        message = self._message(case.purpose, product.version, members)
        request = self.signer.make(message)
        played = PlayedCase(case.name, self._send(message, request, Text("occasions.debugging")))
        if not played.problem:
            self.database.put(
                SavedCase(
                    id=f"{product.id} {case.name}",
                    product=product.id,
                    name=case.name,
                    purpose=case.purpose,
                    version=product.version,
                    activity=message.activity,
                    members=message.fields,
                    saved_at=now,
                    sent=SentRequest.of(request),
                )
            )
        return played

    def _message(self, purpose: Purpose, version: Version, members: Mapping[str, Any]) -> Message:
        return Message(
            id="",
            purpose=purpose,
            version=version,
            activity=ACTIVITIES[version][purpose],
            fields={name: value for name, value in members.items() if value is not None},
            about="",
            order_id=str(members.get("orderId", "")),
            instance_id=INSTANCE if "instanceId" in members else "",
            created_at=self.clock.now(),
        )

    def _send(self, message: Message, request: HttpRequest, occasion: Text) -> RecordedCall:
        signer = self.signer
        return self.sender.send(request, signer.expected(message), signer.about(message, occasion))[0]
