"""A deployment that is set up right, as settings."""

import base64
import secrets
from collections.abc import Mapping
from pathlib import Path

from emulator.doctor.diagnosis import Diagnosis, Severity
from emulator.doctor.examination import GROUPS
from emulator.doctor.patient import Patient

AK = "ABCDEFGHIJ0123456789"


def sound(folder: Path, **more: str) -> dict[str, str]:
    """Settings without a fault, ``KOOGALLERY_`` left out of the names of ``more``."""
    made = {
        name: secrets.token_urlsafe(32)
        for name in ("KEY", "ACCESS_KEY", "NOTIFY_ACCESS_KEY", "SYNC_ACCESS_KEY", "USAGE_KEY", "SK", "APP_TOKEN")
    }
    made |= {
        "AK": AK,
        "STORAGE_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "STORE": f"sqlite:{folder / 'store.sqlite'}",
        "PROVISIONER": "tests.emulator.doctor.product:Product",
    }
    return {f"KOOGALLERY_{name}": value for name, value in {**made, **more}.items() if value}


def findings(group: str, environ: Mapping[str, str], **options: str | bool) -> list[Diagnosis]:
    """What one group finds."""
    patient = Patient(environ, **options)  # type: ignore[arg-type]  # each option is of its own kind
    return [each for check in GROUPS[group] for each in check(patient)]


def bad(found: list[Diagnosis]) -> set[str]:
    """The checks that want something mended, or proved."""
    return {each.check for each in found if each.level is not Severity.OK}
