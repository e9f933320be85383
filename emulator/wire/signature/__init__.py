"""Signatures piece by piece: what was signed, where each piece comes from, whether the result is the one sent.

Everything is computed anew with the functions the bundle itself verifies with. Keys never stand in an explanation; a
name in angle brackets does.
"""

from emulator.wire.signature import production, sync
from emulator.wire.signature.pieces import Explanation, Key, Piece, SignatureStep
from emulator.wire.sync_calls import is_sync
from shared.commands import Version
from shared.http import HttpRequest

__all__ = ["Explanation", "Key", "Piece", "SignatureStep", "explained"]


def explained(request: HttpRequest, version: Version, key: Key) -> Explanation:
    """What signs a call of the marketplace, if ``key`` does."""
    if is_sync(request):
        return sync.version_1(request, key) if version is Version.V1 else sync.version_2(request, key)
    return production.version_1(request, key) if version is Version.V1 else production.version_2(request, key)
