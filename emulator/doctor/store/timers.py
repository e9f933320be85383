"""When did the timers run last? ``koogallery serve`` writes it down; a platform counts runs itself, and has alarms."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from emulator.doctor.diagnosis import Diagnosis, error, ok, warning
from emulator.doctor.patient import Patient
from shared.clock import epoch_ms
from shared.errors import KooGalleryError
from shared.server.schedule import TIMERS, Turns

AT_LEAST: Mapping[str, timedelta] = {"sweep": timedelta(minutes=15), "metering": timedelta(hours=2)}
"""After how long without a run somebody should look: as the alarms do."""


def timers(patient: Patient) -> Iterator[Diagnosis]:
    """The latest run of each."""
    turns = Turns(patient.app.tables.table("agenda"), patient.clock)
    for timer in TIMERS:
        try:
            seen = turns.read(timer)
        except KooGalleryError:
            return  # store.reach
        done = seen["done_ms"] if seen else 0
        minutes = (epoch_ms(patient.clock.now()) - done) // 60_000
        if not done:
            yield warning("timers.unseen", timer=timer.name)
        elif minutes > AT_LEAST[timer.name].total_seconds() / 60:
            yield error("timers.late", timer=timer.name, minutes=minutes)
        else:
            yield ok("timers.alive", timer=timer.name, minutes=minutes)
