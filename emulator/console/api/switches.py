"""The faults and the other readings of the documents: how often each happens."""

from typing import Any

from emulator.console.api.blueprint import ApiRefused, api, body, market, missing
from emulator.console.api.documents import members
from emulator.marketplace.faults.switches import Switches


@api.get("/faults")
def faults() -> dict[str, Any]:
    """How often each fault happens, from 0 to 1."""
    switches = market().switches
    return {
        "faults": [members(each, "id", "where") | {"rate": switches.rate(each.id)} for each in switches.known.values()]
    }


@api.get("/readings")
def readings() -> dict[str, Any]:
    """How often each other reading of the documents holds, from 0 to 1."""
    known = market().readings.known.values()
    return {"readings": [members(each, "id", "source") | {"rate": market().readings.rate(each.id)} for each in known]}


@api.put("/faults/<fault>")
def set_fault(fault: str) -> dict[str, Any]:
    """How often it happens; ``once``: to the next call for certain."""
    wish, switches = body(), market().switches
    if wish.get("once") is True and fault in switches.known:
        switches.inject(fault, 1)
    else:
        _set_rate(switches, fault, wish)
    return faults()


@api.put("/readings/<reading>")
def set_reading(reading: str) -> dict[str, Any]:
    """How often it holds."""
    _set_rate(market().readings, reading, body())
    return readings()


def _set_rate(switches: Switches, name: str, wish: dict[str, Any]) -> None:
    if name not in switches.known:
        missing()
    rate = wish.get("rate")
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
        raise ApiRefused(400, "rate", "rate is a number from 0 to 1")
    switches.set(name, rate)
