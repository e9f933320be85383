"""``deploy/server/nginx.conf`` in a real nginx in front of the real server."""

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from emulator.wire.calls import url_of
from shared.protocol.signing import verify_body_sign
from tests.certificates import Authority
from tests.pages import ROOT
from tests.shared.server.served import free_port, served
from tests.shared.server.test_supervisor import purchase
from tests.world import KEY

pytestmark = [pytest.mark.slow, pytest.mark.e2e]

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH')}:/usr/sbin:/usr/local/sbin")
HOST = "saas.example.com"
CIPHERS = "ssl_ciphers DEFAULT:@SECLEVEL=0;"
"""OpenSSL would not take old TLS by itself: that it is refused must come from the configuration."""


@dataclass
class Front:
    """nginx on ``port``, its logs in ``folder``."""

    port: int
    folder: Path
    trusted: ssl.SSLContext

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
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = f"daemon off; pid {folder}/pid; error_log {folder}/main.log crit; events {{}}"
    whole = f"{main} http {{ {temporary} {CIPHERS} {text} }}"
    (folder / "whole.conf").write_text(f"{'user root;' if os.getuid() == 0 else ''} {whole}")
    with subprocess.Popen([NGINX, "-c", str(folder / "whole.conf"), "-e", str(folder / "main.log")]) as process:
        try:
            front = Front(port, folder, authority.client())
            _listens(port, process)
            yield front
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
    raise AssertionError("nginx does not listen")


def test_the_marketplace_gets_through_and_no_log_keeps_what_it_asked(tmp_path: Path) -> None:
    with served(tmp_path) as server, nginx(tmp_path, server.port) as front:
        request = purchase(order_id="CS-in-the-query")
        response, body = front.get(url_of("", request))
        server.end()
        assert front.get(url_of("", request))[0].status == 502
        with front.connect() as connection:
            connection.sendall(f"GET {url_of('', request)} HTTP/1.1\r\nbroken\x00\r\n\r\n".encode())
            assert connection.recv(4096).startswith(b"HTTP/1.1 400")

    assert response.status == 200
    assert [name for name, _ in response.getheaders() if name.lower() == "body-sign"] == ["Body-Sign"]
    verify_body_sign(KEY, response.headers["Body-Sign"], body)
    assert json.loads(body)["resultCode"] == "000000"
    lines = [json.loads(line) for line in (tmp_path / "koogallery.log").read_text().splitlines()]
    assert [(line["path"], line["status"]) for line in lines[:2]] == [("/saas", 200), ("/saas", 502)]
    written = [path.read_text(errors="replace") for path in tmp_path.glob("*log*") if path.is_file()]
    assert len(written) >= 4
    assert [text for text in written if "authToken" in text or "newInstance&" in text or "in-the-query&" in text] == []


def test_old_tls_plain_http_and_the_rest_of_the_server_stay_outside(tmp_path: Path) -> None:
    with served(tmp_path) as server, nginx(tmp_path, server.port) as front:
        assert server.get("/health")[0] == 200
        assert front.get("/health")[0].status == 404
        assert front.get("/")[0].status == 404
        with front.connect() as connection:
            assert connection.version() == "TLSv1.3"
        assert _shakes_hands(front, ssl.TLSVersion.TLSv1_2)
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            assert not _shakes_hands(front, ssl.TLSVersion.TLSv1_1)
        with socket.create_connection(("127.0.0.1", front.port)) as plain:
            plain.sendall(f"GET /saas HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
            assert plain.recv(4096).startswith(b"HTTP/1.1 400")


def _shakes_hands(front: Front, version: ssl.TLSVersion) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("DEFAULT:@SECLEVEL=0")  # this side would take it
    context.minimum_version = context.maximum_version = version
    try:
        front.connect(context).close()
    except (ssl.SSLError, ConnectionError):
        return False
    return True
