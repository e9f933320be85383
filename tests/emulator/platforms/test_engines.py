"""An engine is ended whenever whoever started it is told to end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

STARTER = """
import signal, sys
from emulator.platforms.engines import running
signal.signal(signal.SIGTERM, signal.default_int_handler)
# It tells its parent to end as soon as it is there, and never listens.
engine = ["/bin/sh", "-c", "echo $$ > " + sys.argv[1] + "; kill -TERM $PPID; exec sleep 60"]
with running(lambda _: engine):
    pass
"""


def test_none_is_left_behind_by_an_end_at_the_very_beginning(tmp_path: Path) -> None:
    left = []
    for number in range(8):
        pid = tmp_path / str(number)
        subprocess.run([sys.executable, "-c", STARTER, str(pid)], capture_output=True, timeout=60, check=False)
        left += [pid.read_text()] if runs(int(pid.read_text())) else []

    assert left == []


def runs(pid: int) -> bool:
    end = time.monotonic() + 1
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    return True
