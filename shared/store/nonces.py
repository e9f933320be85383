"""Used nonces: the transport may send a call twice, but a nonce never stands for two different calls."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from shared.call import Call, Nonce
from shared.clock import Clock
from shared.errors import AuthenticationError, Unavailable
from shared.store.table import Exists, Item, Stale, Table

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
        return call.nonce is None or self._spent(call.nonce) is not None

    @contextmanager
    def once(self, call: Call) -> Iterator[bool]:
        """Use up the call's nonce for what is done inside; given back if that fails, so that the very same call may be
        sent again and is done then. Yields and raises what :meth:`spend` returns and raises.
        """
        item = self._spent(call.nonce) if call.nonce else None
        try:
            yield call.nonce is None or item is not None
        except Exception:
            if item is not None:
                with suppress(Stale, Unavailable):
                    self._table.delete(item)
            raise

    def _spent(self, nonce: Nonce) -> Item | None:
        """The new item, ``None`` if the same call came before."""
        expires = int((self._clock.now() + REMEMBERED).timestamp())
        try:
            return self._table.create(
                {"pk": f"nonce#{nonce.value}", "sk": "-", "digest": nonce.digest, "expires": expires}
            )
        except Exists as found:
            if found.existing["digest"] != nonce.digest:
                raise AuthenticationError("nonce") from None
            return None
