"""Proxies with TLS in front of the server: the configurations in ``deploy/server`` in the real programs."""

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from emulator.platforms.engines import free_port
from tests.certificates import Authority
from tests.pages import ROOT

_PATH = f"{os.environ.get('PATH')}:/usr/sbin:/usr/local/sbin"
NGINX, CADDY = shutil.which("nginx", path=_PATH), shutil.which("caddy", path=_PATH)
HOST = "saas.example.com"
CIPHERS = "ssl_ciphers DEFAULT:@SECLEVEL=0;"
"""OpenSSL would not take old TLS by itself: that it is refused must come from the configuration."""


@dataclass
class Front:
    """A proxy on ``port``, its logs in ``folder``; ``logged``: paths and statuses in that of requests."""

    port: int
    folder: Path
    trusted: ssl.SSLContext
    logged: Callable[[], list[tuple[str, int]]]

    def connect(self, context: ssl.SSLContext | None = None) -> ssl.SSLSocket:
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        return (context or self.trusted).wrap_socket(raw, server_hostname=HOST)

    def get(self, target: str) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection(HOST)
        connection.sock = self.connect()
        with closing(connection):
            connection.request("GET", target)
            response = connection.getresponse()
            return response, response.read()


@contextmanager
def nginx(folder: Path, server_port: int) -> Iterator[Front]:
    """The configuration as it is, but for ports, places and the certificate."""
    if NGINX is None:
        pytest.skip("nginx is not installed")
    port, authority = free_port(), Authority(folder)
    authority.server(HOST)
    text = (ROOT / "deploy" / "server" / "nginx.conf").read_text()
    for before, after in {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "127.0.0.1:8000": f"127.0.0.1:{server_port}",
        "/etc/nginx/koogallery.crt": str(folder / f"{HOST}.crt"),
        "/etc/nginx/koogallery.key": str(folder / f"{HOST}.crt"),
        "/var/log/nginx": str(folder),
    }.items():
        assert before in text
        text = text.replace(before, after)

    def logged() -> list[tuple[str, int]]:
        lines = map(json.loads, (folder / "koogallery.log").read_text().splitlines())
        return [(line["path"], line["status"]) for line in lines]

    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = f"daemon off; pid {folder}/pid; error_log {folder}/main.log crit; events {{}}"
    whole = f"{main} http {{ {temporary} {CIPHERS} {text} }}"
    (folder / "whole.conf").write_text(f"{'user root;' if os.getuid() == 0 else ''} {whole}")
    with subprocess.Popen([NGINX, "-c", str(folder / "whole.conf"), "-e", str(folder / "main.log")]) as process:
        try:
            _listens(port, process)
            yield Front(port, folder, authority.client(), logged)
        finally:
            process.terminate()


@contextmanager
def caddy(folder: Path, server_port: int) -> Iterator[Front]:
    """The configuration as it is, but for the port and the certificate, which no authority of the world signs here."""
    if CADDY is None:
        pytest.skip("Caddy is not installed")
    port, authority = free_port(), Authority(folder)
    authority.server(HOST)
    text = (ROOT / "deploy" / "server" / "Caddyfile").read_text()
    for before, after in {
        "{\n\tservers {": "{\n\tadmin off\n\tauto_https off\n\tservers {",
        "\n\trequest_body {": f"\n\ttls {folder / HOST}.crt {folder / HOST}.crt\n\trequest_body {{",
    }.items():
        assert before in text
        text = text.replace(before, after)
    (folder / "Caddyfile").write_text(text)

    def logged() -> list[tuple[str, int]]:
        lines = map(json.loads, (folder / "caddy.log").read_text().splitlines())
        return [(line["request"]["uri"], line["status"]) for line in lines if "access" in line.get("logger", "")]

    environment = {"SITE": f"{HOST}:{port}", "SERVER": f"127.0.0.1:{server_port}", "HOME": str(folder)}
    command = [CADDY, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    with (
        (folder / "caddy.log").open("wb") as log,
        subprocess.Popen(command, env=os.environ | environment, stdout=log, stderr=log) as process,
    ):
        try:
            _listens(port, process)
            yield Front(port, folder, authority.client(), logged)
        finally:
            process.terminate()


def _listens(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(100):
        assert process.poll() is None
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the proxy does not listen")
