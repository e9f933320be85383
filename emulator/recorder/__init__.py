"""Real calls of the marketplace become sample events and tests, without their personal data (``docs/recorder.md``)."""

from emulator.recorder.recording import Recording, of_request, recorded
from emulator.recorder.text import NotUnderstood

__all__ = ["NotUnderstood", "Recording", "of_request", "recorded"]
