"""The seller's own part: there, complete, and true to the contract as far as that can be seen without creating."""

import inspect
import time
from collections.abc import Iterator
from typing import Any

from emulator.doctor.diagnosis import Diagnosis, error, ok, warning
from emulator.doctor.neighbours.listing import listing
from emulator.doctor.neighbours.stranger import stranger
from emulator.doctor.patient import Patient
from emulator.provisioner_contract import ProvisionerContract
from emulator.texts import verbatim
from shared.errors import ConfigurationError, InProcess, ProvisioningError
from shared.provisioning import Access, Buyer, Instance, Pending, Provisioner
from shared.timeouts import within

SECONDS, PATIENCE, TOGETHER = 5.0, 5.0, 18.0
"""For one question; for one creation; for all rules of the contract."""


def provisioner(patient: Patient) -> Iterator[Diagnosis]:
    """It is loaded as the bundle loads it, and asked about an instance that is not there."""
    if not patient.value("KOOGALLERY_PROVISIONER"):
        return  # settings.missing
    try:
        loaded = patient.app.provisioner
    except ConfigurationError as problem:
        yield error("provisioner.load", reason=verbatim(str(problem)))
        return
    except (Exception, SystemExit) as problem:  # noqa: BLE001 - the seller's own code; its text may quote a secret
        yield error("provisioner.broken", kind=type(problem).__name__)
        return
    yield ok("provisioner.loads")
    if patient.value("KOOGALLERY_PROVISIONER") != "webhook":
        yield from _asked(patient, loaded)
        yield from listing(patient)
    if patient.create:
        yield from _rules(loaded)


def _asked(patient: Patient, loaded: Provisioner) -> Iterator[Diagnosis]:
    try:
        within(patient.deadline(SECONDS), lambda: loaded.describe(stranger()))
    except InProcess:
        yield warning("provisioner.slow", seconds=f"{SECONDS:g}")
    except ProvisioningError:
        yield ok("provisioner.answers")
    except Exception as problem:  # noqa: BLE001 - as above
        yield warning("provisioner.fails", kind=type(problem).__name__)
    else:
        yield ok("provisioner.answers")


def _rules(loaded: Provisioner) -> Iterator[Diagnosis]:
    """Every rule, on instances that are released in the end."""
    contract, tidy, end = ProvisionerContract(), Tidy(loaded), time.monotonic() + TOGETHER
    contract.patience = PATIENCE
    rules = [rule for name, rule in inspect.getmembers(contract, inspect.ismethod) if name.startswith("test_")]
    kept = 0
    try:
        for number, rule in enumerate(rules):
            if time.monotonic() > end:
                yield warning("provisioner.unfinished", count=len(rules) - number)
                break
            try:
                rule(tidy)
                kept += 1
            except AssertionError as broken:
                yield error("provisioner.contract", rule=verbatim(str(broken).partition("\n")[0]))
    finally:
        tidy.up()
    if kept == len(rules):
        yield ok("provisioner.keeps", count=kept)


class Tidy:
    """A provisioner, of which is remembered what was created."""

    def __init__(self, inner: Provisioner) -> None:
        self._inner = inner
        self._made: dict[str, Instance] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def create(self, instance: Instance, buyer: Buyer, key: str) -> Access | Pending:
        """As the provisioner does."""
        self._made[instance.instance_id] = instance
        return self._inner.create(instance, buyer, key)

    def up(self) -> None:
        """Release everything; again is harmless."""
        for instance in self._made.values():
            self._inner.release(instance, f"{instance.instance_id}:doctor")
