"""Real calls of the marketplace become sample events and tests, without their personal data (``docs/recorder.md``)."""

from emulator.recorder.recording import Recording, of_request, recorded
from emulator.recorder.text import NoCallFound

__all__ = ["NoCallFound", "Recording", "of_request", "recorded"]
