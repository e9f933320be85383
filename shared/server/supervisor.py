"""Starts the processes of the server, starts anew those that end, and ends them all.

======  ==============================================================================
signal  what it does
======  ==============================================================================
TERM    an end that drops no call: nothing more is accepted, what was begun is ended
INT     the same (Ctrl-C)
HUP     each process is followed by a new one, which reads settings, secrets and code anew
======  ==============================================================================
"""

import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

from shared import log
from shared.app import bootstrap
from shared.config.server import problems
from shared.errors import ConfigurationError
from shared.metrics.counts import FOLDER

END = (signal.SIGTERM, signal.SIGINT)
SIGNALS = (*END, signal.SIGHUP, signal.SIGCHLD)
GRACE = 25.0
"""Seconds that processes get to end in before they are killed: more than calls get, less than systemd and Docker do."""
START = 30.0
"""Seconds within which a successor must be ready."""
LONGEST_PAUSE = 30.0
_TICK = 1.0

Process = subprocess.Popen[bytes]


def serve(host: str = "127.0.0.1", port: int = 8000) -> int:
    """The bundle on this address, its settings from the environment alone, until SIGTERM or Ctrl-C. For the main
    thread. Returns 0.

    :raises ConfigurationError: settings are missing or cannot be used (the text has a line for each), or the address
        cannot be listened on.
    """
    settings = bootstrap(os.environ.get).settings
    if found := problems(settings):
        raise ConfigurationError("\n".join(found))
    with tempfile.TemporaryDirectory(prefix="koogallery-") as counts:
        os.environ[FOLDER] = counts
        places = _serve(host, port, settings.processes)
        _end([process for place in places for process in place.processes()])
    return 0


def _serve(host: str, port: int, processes: int) -> list["Place"]:
    """Until the server is to end; the places whose processes are then to be ended."""
    with _listening(host, port) as listener:
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        web = [Place("web", (listener.fileno(),)) for _ in range(processes)]
        places = [*web, Place("timekeeper")]
        _watch(places)
    return places


@dataclass
class Place:
    """A process that must always be there: ``python -m shared.server.KIND`` with these descriptors."""

    kind: str
    descriptors: tuple[int, ...] = ()
    process: Process | None = None
    leaving: list[Process] = field(default_factory=list)
    began: float = 0.0
    pause: float = 0.0

    def keep(self) -> None:
        """Start the process if there is none; the sooner they end, the longer the pause before the next one."""
        self.leaving = [each for each in self.leaving if each.poll() is None]
        if self.process is not None and (code := self.process.poll()) is not None:
            log.alarm("a process of the server has ended and is started anew", interface=self.kind, code=code)
            lived = time.monotonic() - self.began
            self.pause = 0.0 if lived > LONGEST_PAUSE else min(2 * self.pause or _TICK / 4, LONGEST_PAUSE)
            self.process, self.began = None, time.monotonic()
        if self.process is None and time.monotonic() - self.began >= self.pause:
            self.process, ready = self._started()
            os.close(ready)

    def renew(self) -> None:
        """Let a new process follow, and end the old one once that is ready."""
        before, began = self.process, self.began
        self.process, ready = self._started()
        is_ready = _is_ready(ready)
        os.close(ready)
        if is_ready:
            leaves: Process | None = before
        else:
            log.alarm("a new process of the server was not ready in time, the old one stays", interface=self.kind)
            leaves, self.process, self.began = self.process, before, began
        if leaves is not None:
            leaves.terminate()
            self.leaving.append(leaves)

    def processes(self) -> list[Process]:
        """All that are still there."""
        return [*self.leaving, *([self.process] if self.process else [])]

    def _started(self) -> tuple[Process, int]:
        """A new process, and a descriptor on which it tells that it is ready."""
        ready, told = os.pipe()
        arguments = map(str, (*self.descriptors, told, os.getpid()))
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        process = subprocess.Popen(  # noqa: S603 - this interpreter, with a module of ours
            [sys.executable, "-P", "-m", f"shared.server.{self.kind}", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            pass_fds=(*self.descriptors, told),
        )
        os.close(told)
        self.began = time.monotonic()
        return process, ready


def _watch(places: list[Place]) -> None:
    """Keep all processes until the server is to end."""
    while True:
        for place in places:
            place.keep()
        signalled = signal.sigtimedwait(SIGNALS, _TICK / 4)
        if signalled and signalled.si_signo in END:
            return
        if signalled and signalled.si_signo == signal.SIGHUP:
            for place in places:
                place.renew()
            log.event("the processes of the server were renewed", count=len(places))


def _is_ready(descriptor: int) -> bool:
    """Has the process told so, within ``START`` seconds? Not waited for if the server is to end."""
    end = time.monotonic() + START
    while time.monotonic() < end and not signal.sigpending() & set(END):
        if select.select([descriptor], [], [], _TICK / 4)[0]:
            return os.read(descriptor, 1) != b""
    return False


def _end(processes: list[Process]) -> None:
    for process in processes:
        process.terminate()
    end = time.monotonic() + GRACE
    for process in processes:
        try:
            process.wait(max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigurationError(f"cannot listen on {host}, port {port}: {reason}") from None
