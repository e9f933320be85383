"""An instance that nobody knows."""

import uuid

from shared.provisioning import Charging, Instance, Specification, State


def stranger() -> Instance:
    """One with an id that was never given."""
    name = uuid.uuid4().hex
    bought = Specification("doctor", "doctor", Charging.PERIOD, "year", 1)
    return Instance(f"doctor-{name[:24]}", "CS0000000000DOCTOR", "", "doctor", bought, False, State.ACTIVE, None)
