"""``python -m emulator.packaging.container``: builds the server's container image, runs it as ``compose.yaml`` does,
and says whether it is what the page about it promises.
"""

import json
import os
import secrets
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from emulator.packaging import server_image
from emulator.packaging.docker_engine import Missing, engine
from emulator.wire.calls import V1Calls, members_of
from emulator.wire.client import Answer, send
from shared.clock import SystemClock
from shared.protocol.signing import BODY_SIGN, verify_body_sign

PORT = 8000
HARDENED = ("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true")  # noqa: S108 - in the container
START_SECONDS, HEALTHY_SECONDS = 30.0, 60.0
USER = 10001
_WRITES = "import os, pathlib; print(os.getuid()); pathlib.Path('/app/x').write_text('')"


@dataclass(frozen=True)
class Running:
    """A container that serves at ``url`` since ``began``; ``key`` is its key of version 1."""

    docker: Callable[..., "subprocess.CompletedProcess[str]"]
    container: str
    url: str
    key: str
    began: float

    def state(self) -> dict[str, object]:
        """What the engine knows of it."""
        shown = self.docker("inspect", "--format", "{{json .State}}", self.container).stdout
        return dict(json.loads(shown))


def run() -> bool:
    """Everything; ``True`` if all is well.

    :raises Missing: this machine has not what it takes.
    """
    with engine() as environment:
        print("Building the image ...", flush=True)
        image = server_image.build(environment, offline=bool(environment))

        def docker(*arguments: str) -> "subprocess.CompletedProcess[str]":
            everything = os.environ | environment
            return subprocess.run(["docker", *arguments], env=everything, capture_output=True, text=True, check=False)

        size = int(docker("image", "inspect", "--format", "{{.Size}}", image).stdout)
        with _started(docker, image) as running:
            rows = [("size", f"{size / 1e6:.0f} MB", True), *_checked(running)]
    _print(rows)
    return all(well for _, _, well in rows)


@contextmanager
def _started(docker: Callable[..., "subprocess.CompletedProcess[str]"], image: str) -> Iterator[Running]:
    key = secrets.token_urlsafe(32)
    settings = {"KEY": key, "STORAGE_KEY": secrets.token_urlsafe(32), "PROVISIONER": "demo"}
    settings["STORE"] = "sqlite:/var/lib/koogallery/store.sqlite"
    given = [option for name, value in settings.items() for option in ("--env", f"KOOGALLERY_{name}={value}")]
    began = time.monotonic()
    started = docker("run", "--detach", *HARDENED, *given, "--publish", f"127.0.0.1::{PORT}", image)
    if started.returncode:
        raise SystemExit(started.stderr[-1000:])
    container = started.stdout.strip()
    try:
        address = docker("port", container, str(PORT)).stdout.strip()
        yield Running(docker, container, f"http://{address}", key, began)
    finally:
        docker("rm", "--force", "--volumes", container)


def _checked(running: Running) -> Iterator[tuple[str, str, bool]]:
    """What is looked at, what was found, and whether that is right."""
    well = _soon(START_SECONDS, lambda: _answers(running.url))
    yield "first /health 200", f"{time.monotonic() - running.began:.1f} s", well
    yield "a signed purchase", *_bought(running)
    inside = running.docker("exec", running.container, "python", "-c", _WRITES)
    yield "user", inside.stdout.strip(), inside.stdout.strip() == str(USER)
    yield "root file system", inside.stderr.strip().rpartition("\n")[2], "Read-only file system" in inside.stderr
    well = _soon(HEALTHY_SECONDS, lambda: "healthy" in json.dumps(running.state().get("Health", {})).split('"'))
    yield "health check", f"{time.monotonic() - running.began:.1f} s", well
    began = time.monotonic()
    running.docker("stop", "--time", "40", running.container)
    code = running.state()["ExitCode"]
    yield "end", f"exit code {code} after {time.monotonic() - began:.1f} s", code == 0


def _soon(seconds: float, fact: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not (found := fact()) and time.monotonic() < end:
        time.sleep(0.1)
    return found


def _answers(url: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"{url}/health", timeout=5) as answer:  # noqa: S310 - loopback
        return bool(answer.status == 200)
    return False


def _bought(running: Running) -> tuple[str, bool]:
    values = {"orderId": "CS1", "businessId": "business-1", "customerId": "customer-1", "productId": "product-1"}
    call = V1Calls(running.key, SystemClock()).call("newInstance", **values, expireTime="20371120235959")
    answer = send(running.url, call)
    if not isinstance(answer, Answer):
        return "no answer", False
    [(_, signature)] = answer.named(BODY_SIGN)
    verify_body_sign(running.key, signature, answer.body)
    code = members_of(answer.body)["resultCode"]
    return code, code == "000000"


def _print(rows: list[tuple[str, str, bool]]) -> None:
    table = Table("check", "found", "verdict", title="the server's container")
    for name, found, well in rows:
        table.add_row(name, found, "pass" if well else "FAIL")
    Console(width=110).print(table)


if __name__ == "__main__":
    try:
        raise SystemExit(0 if run() else 1)
    except Missing as missing:
        raise SystemExit(f"container needs {missing}") from None
