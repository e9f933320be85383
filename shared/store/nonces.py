"""Which nonces were used: a call may be sent twice by the transport, but never stand for two calls."""

from datetime import timedelta

from shared.call import Call
from shared.clock import Clock
from shared.errors import AuthenticationError
from shared.store.table import Exists, Table

REMEMBERED = timedelta(minutes=5)
"""Longer than a signature can be valid (60 s to either side of now)."""


class Nonces:
    """Memory of nonces, shared by all copies of a function (production interfaces, section 4.4)."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    def spend(self, call: Call) -> bool:
        """Use up the call's nonce.

        :returns: ``True`` the first time; ``False`` when these very bytes came before (a transport retry or a replay:
            it may be answered, but must change nothing that has moved on since). V1 has no nonce: always ``True``.
        :raises AuthenticationError: the nonce was used for something else.
        """
        if call.nonce is None:
            return True
        expires = int((self._clock.now() + REMEMBERED).timestamp())
        item = {"pk": f"nonce#{call.nonce.value}", "sk": "-", "digest": call.nonce.digest, "expires": expires}
        try:
            self._table.create(item)
        except Exists as found:
            if found.existing["digest"] != call.nonce.digest:
                raise AuthenticationError("nonce") from None
            return False
        return True
