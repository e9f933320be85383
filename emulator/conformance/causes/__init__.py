"""What is to be mended: the findings of a run, put together by their cause and ranked.

One wrong signature fails a check of every answer, and one wrong verification every call: that is one cause each.
"""

from emulator.conformance.causes.cause import Cause
from emulator.conformance.causes.ranking import causes

__all__ = ["Cause", "causes"]
