"""What the proxies in front of the real server let through, what they keep out, and what they write down."""

import json
import socket
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from emulator.wire.calls import url_of
from emulator.wire.server import running
from shared.http import HttpRequest, HttpResponse
from shared.protocol.signing import verify_body_sign
from tests.shared.server.fronts import HOST, Front, caddy, nginx
from tests.shared.server.served import served
from tests.shared.server.test_supervisor import purchase
from tests.world import KEY

Proxy = Callable[[Path, int], AbstractContextManager[Front]]

pytestmark = [pytest.mark.slow, pytest.mark.e2e, pytest.mark.parametrize("proxy", [nginx, caddy])]


def test_the_marketplace_gets_through_and_no_log_keeps_what_it_asked(tmp_path: Path, proxy: Proxy) -> None:
    with served(tmp_path) as server, proxy(tmp_path, server.port) as front:
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
    assert front.logged()[:2] == [("/saas", 200), ("/saas", 502)]
    written = [path.read_text(errors="replace") for path in tmp_path.glob("*log*") if path.is_file()]
    assert len(written) >= 2
    assert [text for text in written if "authToken" in text or "newInstance&" in text or "in-the-query&" in text] == []


def test_old_tls_plain_http_and_the_rest_of_the_server_stay_outside(tmp_path: Path, proxy: Proxy) -> None:
    asked: list[str] = []

    def well(request: HttpRequest) -> HttpResponse:
        asked.append(request.path)
        return HttpResponse(200, {}, b"")

    with running(well) as url, proxy(tmp_path, int(url.rpartition(":")[2])) as front:
        for path, status in (("/saas", 200), ("/health", 404), ("/", 404)):
            assert front.get(path)[0].status == status
        assert asked == ["/saas"]
        with front.connect() as connection:
            assert connection.version() == "TLSv1.3"
        assert _shakes_hands(front, ssl.TLSVersion.TLSv1_2)
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            assert not _shakes_hands(front, ssl.TLSVersion.TLSv1_1)
        with socket.create_connection(("127.0.0.1", front.port)) as plain:
            plain.sendall(f"GET /saas HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
            assert plain.recv(4096).startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))


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
