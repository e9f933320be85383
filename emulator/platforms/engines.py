"""Table engines for development: each a process of its own on a free loopback port, ended when the block is left."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""What a process needs in its environment to talk to one of these engines."""

_START_SECONDS = 30
_ENDING = (signal.SIGINT, signal.SIGTERM)


def ministack(services: str = "dynamodb") -> AbstractContextManager[str]:
    """ministack with these services, separated by commas; yields its URL."""
    return aws(SERVICES=services)


def aws(**more: str) -> AbstractContextManager[str]:
    """ministack, every service, on loopback only; yields its URL. ``more``: variables, such as ``AUTH`` for IAM."""
    environment = {"BIND_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0", "LOG_LEVEL": "WARNING", **more}
    return running(lambda _: [sys.executable, "-m", "ministack"], environment, port_variable="GATEWAY_PORT")


@contextmanager
def running(
    command: Callable[[int], list[str]], environment: Mapping[str, str] | None = None, port_variable: str = "PORT"
) -> Iterator[str]:
    """Run a server in an empty folder of its own and yield its URL once it accepts connections.

    :param command: makes the command line, given the port.
    :param environment: variables beside ``PATH``, ``HOME`` and ``TMPDIR``.
    :param port_variable: variable that tells the server its port.
    :raises RuntimeError: it does not start; the text ends with its last output.
    """
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        variables = {"PATH": os.environ["PATH"], "HOME": folder, "TMPDIR": folder, port_variable: str(port)}
        log, process = Path(folder) / "log", None
        try:
            with log.open("wb") as output, _held_back():
                process = subprocess.Popen(
                    command(port), cwd=folder, env={**variables, **(environment or {})}, stdout=output, stderr=output
                )
            _wait(process, port, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            if process is not None:
                _end(process)


@contextmanager
def _held_back() -> Iterator[None]:
    """What would end this process comes when the block is left, so that no child is left behind that nobody knows of
    yet. It is not blocked, as the child would inherit that.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {each: signal.signal(each, lambda number, _: came.append(number)) for each in _ENDING}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        for number in came:
            signal.raise_signal(number)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args!r} did not start: {log.read_text()[-1000:]}")
