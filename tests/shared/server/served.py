"""The production server as a process, for as long as a test needs it."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulator.platforms.engines import free_port
from emulator.wire.client import Answer, NoAnswer, send
from shared.http import HttpRequest
from tests.pages import ROOT
from tests.world import KEY

SETTINGS = {
    "KOOGALLERY_KEY": KEY,
    "KOOGALLERY_STORAGE_KEY": "a-storage-key-for-tests",
    "KOOGALLERY_PROVISIONER": "acme:Acme",
    "KOOGALLERY_PROCESSES": "1",
}
TWO_PROCESSES = {"KOOGALLERY_PROCESSES": "2"}
"""That answer calls, as without the setting: for a test that needs another one beside the first."""
PROVISIONER = '''
import os, time
from shared.provisioning import Access

class Acme:
    """Writes down what it was asked, and takes its time where the customer's id says so."""

    def create(self, instance, buyer, key):
        if buyer.customer_id == "slow":
            time.sleep(2)
        self._asked("create", instance, key)
        return Access(f"https://{instance.instance_id}.example.com", user_name="admin", password="Passw0rd!")

    def renew(self, instance, renewal, key):
        self._asked("renew", instance, key)

    def change(self, instance, specification, key):
        self._asked("change", instance, key)

    def freeze(self, instance, reason, key):
        self._asked("freeze", instance, key)

    def unfreeze(self, instance, key):
        self._asked("unfreeze", instance, key)

    def release(self, instance, key):
        self._asked("release", instance, key)

    def describe(self, instance):
        return None

    def can_change(self, instance, specification):
        return None

    def usage(self, instance):
        return ()

    def _asked(self, what, instance, key):
        with open(os.environ["ACME_FILE"], "a") as file:
            file.write(f"{what} {instance.instance_id} {key}\\n")
'''


@dataclass
class Served:
    """A running server. ``log`` is what it has written."""

    port: int
    folder: Path
    environment: Mapping[str, str]
    process: "subprocess.Popen[bytes]" = field(init=False)

    def start(self) -> None:
        """Start it, the first time or anew; it need not be well yet."""
        with (self.folder / f"log-{self.port}").open("ab") as log:
            command = [sys.executable, "-m", "emulator", "serve", "--port", str(self.port)]
            self.process = subprocess.Popen(command, cwd=self.folder, env=self.environment, stdout=log, stderr=log)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, Any]:
        """Status and JSON body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers=dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def send(self, request: HttpRequest) -> Answer | NoAnswer:
        """A call as the marketplace sends it."""
        return send(self.url, request)

    def lines(self, message: str) -> list[dict[str, Any]]:
        """The log lines with this message."""
        written = (self.folder / f"log-{self.port}").read_text().splitlines()
        return [line for line in map(json.loads, written) if line["message"] == message]

    def children(self, kind: str) -> list[int]:
        """The process ids of the server's processes of a kind."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        pids = [int(pid) for pid in path.read_text().split()]
        return [pid for pid in pids if f"shared.server.{kind}" in _command(pid)]

    def healthy(self, seconds: float = 20.0) -> None:
        """Wait until it says that it is well."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.process.poll() is None, "the server ended"
            try:
                if self.get("/health")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise AssertionError("the server did not become well in time")

    def kill(self) -> None:
        """As if its machine went out: every process of it at once, without a word."""
        self.process.send_signal(signal.SIGSTOP)  # it would start children anew
        for pid in [*self.children("web"), *self.children("timekeeper"), self.process.pid]:
            os.kill(pid, signal.SIGKILL)
        self.process.wait(10)

    def end(self) -> int:
        """Let it end; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@contextmanager
def served(folder: Path, settings: Mapping[str, str] | None = None, port: int = 0) -> Iterator[Served]:
    """A server with a store, a provisioner and a log in ``folder``, which several may share."""
    (folder / "acme.py").write_text(PROVISIONER)
    port = port or free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KOOGALLERY_")}
    environment |= {"KOOGALLERY_STORE": f"sqlite:{folder / 'store.sqlite'}", "ACME_FILE": str(folder / "asked")}
    environment |= {"PYTHONPATH": f"{ROOT}{os.pathsep}{folder}", "PYTHONUNBUFFERED": "1"}
    server = Served(port, folder, environment | SETTINGS | dict(settings or {}))
    server.start()
    try:
        server.healthy()
        yield server
    finally:
        if server.process.poll() is None:
            server.end()


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""
