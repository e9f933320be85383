"""The HTTP client against real sockets."""

import gzip
import socket
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path

import pytest

from shared.clock import Deadline, SystemClock
from shared.errors import ConfigurationError, Unavailable
from shared.outbound import LIMIT, ConnectionLost, ForbiddenAddress, NotConnected, Reach, parse_url
from shared.outbound.address_guard import Resolver, may_be_plain
from shared.outbound.client import PooledClient, forget_connections
from tests.certificates import Authority
from tests.fakes import FakeClock
from tests.sockets import Script, answer, request_of, scripted


def within(seconds: float = 10) -> Deadline:
    return Deadline(SystemClock(), seconds)


def says(data: bytes) -> Script:
    return lambda connection: connection.sendall(data)


def test_what_is_sent_and_what_comes_back() -> None:
    with scripted(says(answer(b"made", b"HTTP/1.1 201 Created\r\nX-Kind: Test"))) as server:
        response = PooledClient().send(
            "POST",
            f"http://127.0.0.1:{server.port}/a%20path?b=1%2F2&c=%E4%B8%80",
            headers={"X-One": "1", "host": "never.example"},
            body=b"\x00body",
            deadline=within(),
        )

    head, body = server.requests[0].split(b"\r\n\r\n")
    line, *headers = head.split(b"\r\n")
    assert line == b"POST /a%20path?b=1%2F2&c=%E4%B8%80 HTTP/1.1"
    assert [header for header in headers if header.lower().startswith(b"host")] == [b"Host: 127.0.0.1:%d" % server.port]
    assert b"X-One: 1" in headers
    assert body == b"\x00body"
    assert (response.status, response.body, response.headers["x-kind"]) == (201, b"made", "Test")


def test_a_query_does_not_stay_in_memory() -> None:
    with scripted(says(answer(b"made"))) as server:
        url = f"http://127.0.0.1:{server.port}?access_token=secret#top"
        before = sys.getrefcount(url)
        PooledClient().send("GET", url, headers={}, deadline=within())
        assert sys.getrefcount(url) == before

    assert server.requests[0].startswith(b"GET /?access_token=secret HTTP/1.1\r\n")


def twice(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1")
    request_of(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2")


def test_connection_is_used_again() -> None:
    client = PooledClient()
    with scripted(twice) as server:
        url = f"http://127.0.0.1:{server.port}/"
        bodies = [client.send("GET", url, headers={}, deadline=within()).body for _ in range(2)]
    assert bodies == [b"1", b"2"]
    assert len(server.requests) == 1  # of one connection, whose second request the script read itself


def test_redirect_is_not_followed() -> None:
    with scripted(says(answer(b"", b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/"))) as server:
        response = PooledClient().send("GET", f"http://127.0.0.1:{server.port}/", headers={}, deadline=within())
    assert response.status == 302
    assert len(server.requests) == 1


def test_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(says(answer(b"proxy"))) as proxy, scripted(says(answer(b"direct"))) as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        response = PooledClient().send("GET", f"http://127.0.0.1:{server.port}/", headers={}, deadline=within())
    assert response.body == b"direct"


def test_compressed_answer_is_not_inflated() -> None:
    packed = gzip.compress(b"0" * LIMIT * 4)
    with scripted(says(answer(packed, b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip"))) as server:
        response = PooledClient().send("GET", f"http://127.0.0.1:{server.port}/", headers={}, deadline=within())
    assert response.body == packed


@pytest.mark.parametrize("chunked", [False, True])
def test_size_of_an_answer_is_bounded(chunked: bool) -> None:
    def send(size: int) -> bytes:
        body = b"x" * size
        if chunked:
            head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
            return head + b"%x\r\n%s\r\n0\r\n\r\n" % (size, body)
        return answer(body)

    with scripted(says(send(LIMIT))) as server:
        response = PooledClient().send("GET", f"http://127.0.0.1:{server.port}/", headers={}, deadline=within())
    assert len(response.body) == LIMIT

    with scripted(says(send(LIMIT + 1))) as server, pytest.raises(Unavailable, match="too large"):
        PooledClient().send("GET", f"http://127.0.0.1:{server.port}/", headers={}, deadline=within())


def silence(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.recv(1)


def half_an_answer(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    silence(connection)


def drop_by_drop(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(200):
        connection.sendall(b"x")
        time.sleep(0.05)


@pytest.mark.parametrize("script", [silence, half_an_answer, drop_by_drop])
def test_answer_must_come_in_time(script: Script) -> None:
    with scripted(script) as server, pytest.raises(Unavailable, match="no answer in time") as caught:
        PooledClient().send("GET", f"http://127.0.0.1:{server.port}/", headers={}, deadline=within(0.3))
    assert not isinstance(caught.value, NotConnected | ConnectionLost)


@pytest.mark.parametrize(
    "sent", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", b"SSH-2.0-OpenSSH_9.6\r\n"]
)
def test_broken_answer(sent: bytes) -> None:
    with scripted(says(sent)) as server, pytest.raises(ConnectionLost):
        PooledClient().send("GET", f"http://127.0.0.1:{server.port}/", headers={}, deadline=within())


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NotConnected):
        PooledClient().send("GET", f"http://127.0.0.1:{port}/", headers={}, deadline=within())


def test_no_time_left() -> None:
    clock = FakeClock()
    deadline = Deadline(clock, 1)
    clock.advance(1)
    with scripted(says(answer(b""))) as server, pytest.raises(NotConnected, match="no time left"):
        PooledClient().send("GET", f"http://127.0.0.1:{server.port}/", headers={}, deadline=deadline)
    assert server.requests == []


@pytest.mark.parametrize("script", [silence, says(b""), says(answer(b"x" * (LIMIT + 1)))])
def test_errors_do_not_show_what_was_sent(script: Script) -> None:
    with scripted(script) as server, pytest.raises(Unavailable) as caught:
        PooledClient().send(
            "POST",
            f"http://127.0.0.1:{server.port}/?orderId=personal-1",
            headers={"Authorization": "personal-2"},
            body=b"personal-3",
            deadline=within(0.3),
        )
    assert "personal" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/",
        "http://10.0.0.1/",
        "http://localhost.example.com/",
        "ftp://127.0.0.1/",
        "https:///path",
        "https://user:password@api.example.com/",
        "https://127.0.0.1:0/",
        "https://127.0.0.1:99999/",
        "https://[::1/",
        "https://例子.example/",
        "https://api.example.com/a b",
        "https://api.example.com/a?b=c d",
        "https://api.example.com/a?b=\x00",
        "api.example.com",
        "",
    ],
)
def test_addresses_that_are_not_called(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        PooledClient().send("GET", url, headers={}, deadline=within())
    assert "password" not in str(caught.value).replace("user and password", "")


@pytest.mark.parametrize("url", ["http://localhost:1/", "http://127.0.0.2/", "http://[::1]:1/", "https://10.0.0.1"])
def test_addresses_that_may_be_called(url: str) -> None:
    assert parse_url(url).hostname


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


def test_certificate_of_a_trusted_authority(authority: Authority) -> None:
    with scripted(says(answer(b"safe")), authority.server("localhost")) as server:
        url = f"https://localhost:{server.port}/"
        response = PooledClient(authority.client()).send("GET", url, headers={}, deadline=within())
    assert response.body == b"safe"


def test_certificate_of_an_unknown_authority(authority: Authority, tmp_path: Path) -> None:
    with scripted(says(answer(b"")), authority.server("localhost")) as server:
        for client in (PooledClient(), PooledClient(Authority(tmp_path).client())):
            with pytest.raises(Unavailable, match="no secure connection"):
                client.send("GET", f"https://localhost:{server.port}/", headers={}, deadline=within())
    assert server.requests == []


def test_certificate_of_another_host(authority: Authority) -> None:
    with (
        scripted(says(answer(b"")), authority.server("other.example")) as server,
        pytest.raises(Unavailable, match="no secure connection"),
    ):
        PooledClient(authority.client()).send("GET", f"https://localhost:{server.port}/", headers={}, deadline=within())
    assert server.requests == []


def leading_to(*addresses: str) -> Resolver:
    return lambda _host, _port: addresses


def test_the_address_that_was_found_is_called_under_the_name_of_the_url(authority: Authority) -> None:
    with scripted(says(answer(b"here")), authority.server("backend.invalid")) as server:
        url = f"https://backend.invalid:{server.port}/hook"
        client = PooledClient(authority.client(), leading_to("127.0.0.1"))
        response = client.send("POST", url, headers={}, deadline=within())
    assert response.body == b"here"
    assert server.names == ["backend.invalid"]
    assert b"\r\nHost: backend.invalid:%d\r\n" % server.port in server.requests[0]


def test_the_certificate_is_that_of_the_name_and_not_of_the_address(authority: Authority) -> None:
    client = PooledClient(authority.client(), leading_to("127.0.0.1"))
    with (
        scripted(says(answer(b"")), authority.server("other.example")) as server,
        pytest.raises(Unavailable, match="no secure connection"),
    ):
        client.send("GET", f"https://backend.invalid:{server.port}/", headers={}, deadline=within())
    assert server.requests == []


def test_connection_to_one_address_does_not_serve_another_name(authority: Authority) -> None:
    client = PooledClient(authority.client(), leading_to("127.0.0.1"))
    with scripted(twice, authority.server("one.invalid")) as server:
        client.send("GET", f"https://one.invalid:{server.port}/", headers={}, deadline=within())
        with pytest.raises(Unavailable, match="no secure connection"):
            client.send("GET", f"https://two.invalid:{server.port}/", headers={}, deadline=within())
    assert len(server.requests) == 1


def test_plain_http_stays_on_the_machine_whatever_the_name_service_says() -> None:
    with pytest.raises(ConfigurationError):
        PooledClient(resolve=leading_to("192.0.2.1")).send("GET", "http://localhost/", headers={}, deadline=within())


def test_the_next_address_is_tried_if_one_cannot_be_reached() -> None:
    with scripted(says(answer(b"here"))) as server:
        client = PooledClient(resolve=leading_to("127.0.0.99", "127.0.0.1"))
        response = client.send("POST", f"http://localhost:{server.port}/", headers={}, deadline=within())
    assert response.body == b"here"


def test_an_address_that_hangs_leaves_the_next_its_share_of_the_time() -> None:
    with scripted(says(answer(b"here"))) as server, socket.create_server(("127.0.0.2", server.port), backlog=0) as full:
        waiting = [socket.socket() for _ in range(2)]  # a queue that is full answers nobody
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        client = PooledClient(resolve=leading_to("127.0.0.2", "127.0.0.1"))
        response = client.send("POST", f"http://localhost:{server.port}/", headers={}, deadline=within(0.9))
        for each in waiting:
            each.close()
    assert response.body == b"here"


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "fd00:ec2::254", "100.125.1.250"])
@pytest.mark.parametrize("others", [(), ("203.0.114.1",)])
def test_a_call_to_a_stranger_goes_to_public_servers_only(address: str, others: tuple[str, ...]) -> None:
    client = PooledClient(resolve=leading_to(*others, address))
    with pytest.raises(ForbiddenAddress):
        client.send("POST", "https://a.example/", headers={}, deadline=within(), reach=Reach.PUBLIC)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "017700000001", "localhost", "[::1]"])
def test_this_machine_is_no_stranger_however_it_is_spelt(host: str) -> None:
    with scripted(says(answer(b""))) as server:
        for scheme in ("http", "https"):
            url = f"{scheme}://{host}:{server.port}/"
            with pytest.raises(ConfigurationError):
                PooledClient().send("POST", url, headers={}, deadline=within(), reach=Reach.PUBLIC)
    assert server.requests == []


def test_a_kept_connection_serves_only_calls_that_may_go_as_far() -> None:
    with scripted(twice) as server:
        url = f"http://127.0.0.1:{server.port}/"
        client = PooledClient()
        client.send("GET", url, headers={}, deadline=within(), reach=Reach.PRIVATE)
        with pytest.raises(ForbiddenAddress):
            client.send("GET", url, headers={}, deadline=within(), reach=Reach.PUBLIC)
    assert len(server.requests) == 1


def test_plain_http_to_the_sellers_own_network() -> None:
    with scripted(says(answer(b"here"))) as server:
        client, url = PooledClient(resolve=leading_to("127.0.0.1")), f"http://store.internal:{server.port}/"
        answered = client.send("POST", url, headers={}, deadline=within(), reach=Reach.OWN_NETWORK)
        with pytest.raises(ConfigurationError):
            client.send("POST", url, headers={}, deadline=within(), reach=Reach.ANYWHERE)
    assert answered.body == b"here"
    for address in ("10.0.0.1", "192.168.4.4", "172.20.0.3", "100.64.1.1", "::1"):
        assert may_be_plain(address, Reach.OWN_NETWORK)
    for reach in (Reach.ANYWHERE, Reach.PRIVATE, Reach.PUBLIC):
        assert not may_be_plain("10.0.0.1", reach)


@pytest.mark.parametrize("addresses", [("203.0.114.1",), ("10.0.0.1", "203.0.114.1")])
def test_plain_http_goes_nowhere_else(addresses: tuple[str, ...]) -> None:
    with pytest.raises(ForbiddenAddress):
        PooledClient(resolve=leading_to(*addresses)).send(
            "POST", "http://store.example/", headers={}, deadline=within(), reach=Reach.OWN_NETWORK
        )


def test_nothing_that_was_kept_is_used_after_it_was_forgotten() -> None:
    with scripted(twice) as server:
        url = f"http://127.0.0.1:{server.port}/"
        client = PooledClient()
        client.send("GET", url, headers={}, deadline=within())
        forget_connections()
        client.send("GET", url, headers={}, deadline=within())
    assert len(server.requests) == 2


def test_a_client_may_take_larger_answers() -> None:
    with scripted(says(answer(b"0" * (LIMIT + 1)))) as server:
        url = f"http://127.0.0.1:{server.port}/"
        assert len(PooledClient(limit=2 * LIMIT).send("GET", url, headers={}, deadline=within()).body) == LIMIT + 1
