"""What only somebody else can have sent, and what is about nothing: refused, with a signed answer."""

from collections.abc import Callable
from datetime import timedelta

from emulator.checks import Expected
from emulator.checks.reading import SUCCESS
from emulator.journey.life import UNKNOWN, LifeCall
from emulator.journey.player import Player
from emulator.order_ids import business_id
from emulator.wire.calls import signed_otherwise, spoilt
from shared.clock import epoch_ms
from shared.commands import Version
from shared.errors import ResultCode
from shared.http import HttpRequest

REFUSED = (ResultCode.AUTHENTICATION_FAILED.value,)


def refusals(player: Player) -> None:
    """Wrong signatures in both versions; what is old and what is used in version 2."""
    shown = {"instanceId": business_id()}
    v1, v2 = (calls.call("queryInstance", **shown) for calls in (player.calls_v1, player.calls_v2))
    for version in Version:
        player.play("unknown", LifeCall(version, "queryInstance", shown, {"codes": UNKNOWN}))

    def asked(step: str, version: Version, call: Callable[[], HttpRequest], codes: tuple[str, ...] = REFUSED) -> None:
        expected = Expected(version, "queryInstance", player.calls[version].key, codes)
        player.step(step, call, shown, expected)

    asked("wrong-signature", Version.V1, lambda: signed_otherwise(v1, spoilt))
    asked("wrong-signature", Version.V2, lambda: signed_otherwise(v2, spoilt))
    old = str(epoch_ms(player.clock.now() - timedelta(seconds=120)))
    asked("old", Version.V2, lambda: player.calls_v2.send(v2.body, timestamp=old))
    first, second = (debug_with(player, business_id()) for _ in range(2))
    nonce = business_id()
    once = player.calls_v2.send(first, nonce=nonce)
    asked("nonce", Version.V2, lambda: once, SUCCESS)
    asked("same-bytes", Version.V2, lambda: once, SUCCESS)
    asked("used-nonce", Version.V2, lambda: player.calls_v2.send(second, nonce=nonce))


def debug_with(player: Player, instance: str) -> bytes:
    """The body of a debug call about an instance."""
    return player.calls_v2.call("queryInstance", instanceId=instance, testFlag="1").body
