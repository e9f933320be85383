"""A PostgreSQL server for development and tests: a process of its own, on a free loopback port."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from emulator.platforms.engines import free_port

USER = PASSWORD = "koogallery"
_START_SECONDS = 60
_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
# What makes a test wait for a disk. What a power failure would do is not what most tests are about.
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_ALWAYS = {"max_connections": "200", "shared_buffers": "32MB", "deadlock_timeout": "100ms", "log_min_messages": "fatal"}


def installed() -> bool:
    """Are the server's programs on this machine, where Debian puts them?"""
    return bool(_PROGRAMS)


class PostgresServer:
    """The server in ``folder``, which it makes.

    :param durable: keep what was committed whatever happens, as in production.
    """

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self.folder = folder
        self._durable = durable
        self.port = 0

    @property
    def url(self) -> str:
        """Of the server's first database, over TCP with a password."""
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    @property
    def pid(self) -> int:
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def make(self) -> None:
        """Make the folder and the server's files in it, and start."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "password").write_text(PASSWORD)
        if (user := _unprivileged()) is not None:
            for path in (self.folder, self.folder / "password"):
                shutil.chown(path, user)
        options = ["--username", USER, "--pwfile", str(self.folder / "password"), "--auth", "scram-sha-256"]
        # It does not sort as bytes do: the order of keys must come from the engine.
        options += ["--encoding", "UTF8", "--locale-provider", "icu", "--icu-locale", "en"]
        options += ["--no-sync", "--no-instructions"]
        self._run("initdb", "--pgdata", str(self.folder / "data"), *options)
        self.port = free_port()
        (self.folder / "port").write_text(str(self.port))
        self.start()

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        settings = {
            **_ALWAYS,
            **({} if self._durable else _FAST),
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
        }
        given = " ".join(f"-c {name}={value}" for name, value in settings.items())
        options = ["--pgdata", str(self.folder / "data"), "--log", str(self.folder / "log"), "--options", given]
        self._run("pg_ctl", "start", "--wait", "--timeout", str(_START_SECONDS), *options)

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """End: SIGINT as a restart does, SIGQUIT as a crash does; wait until it is gone."""
        process = psutil.Process(self.pid)
        process.send_signal(how)
        try:
            process.wait(_START_SECONDS)
        except psutil.TimeoutExpired:
            process.kill()

    def _run(self, program: str, *options: str) -> None:
        command = [str(_PROGRAMS[-1] / program), *options]
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        user = _unprivileged()
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            user=user,
            group=None if user is None else pwd.getpwnam(user).pw_gid,
            extra_groups=None if user is None else [],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=2 * _START_SECONDS,
            check=False,
        )
        if done.returncode:
            log = self.folder / "log"
            more = log.read_text()[-500:] if log.exists() else ""
            raise RuntimeError(f"{program} failed: {done.stderr[-500:]} {more}")


@contextmanager
def postgresql(*, durable: bool = False) -> Iterator[PostgresServer]:
    """A server in a temporary folder, ended when the block is left."""
    # Not where tests keep theirs: such a folder is closed to the user that the server runs as.
    with tempfile.TemporaryDirectory(prefix="koogallery-pg-") as folder:
        Path(folder).chmod(0o755)
        server = PostgresServer(Path(folder) / "server", durable=durable)
        try:
            server.make()
            yield server
        finally:
            with suppress(OSError, psutil.Error):
                server.stop()


def _unprivileged() -> str | None:
    """Whom the server runs as, which refuses to be root; ``None`` for whoever runs the tests."""
    if os.getuid():
        return None
    return "postgres" if any(each.pw_name == "postgres" for each in pwd.getpwall()) else "nobody"
