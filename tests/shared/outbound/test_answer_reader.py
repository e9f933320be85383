"""Answers of HTTP/1 as bytes: what is one is read as ``http.client`` reads it, and nothing else is taken for one."""

from collections.abc import Iterator, Mapping
from http.client import HTTPException, HTTPResponse
from io import BytesIO
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import Deadline
from shared.errors import Unavailable
from shared.http import HttpResponse
from shared.outbound.answer_reader import read_answer
from shared.outbound.http_client import ConnectionLost
from shared.outbound.incoming import HEAD_LIMIT, Incoming
from tests.fakes import FakeClock

LIMIT = 1000


class Pieces:
    """A socket from which an answer comes piece by piece, before the other side closes it."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = [each for each in pieces if each]

    def settimeout(self, seconds: float) -> None:
        assert seconds > 0

    def recv(self, most: int) -> bytes:
        if not self._pieces:
            return b""
        piece = self._pieces.pop(0)
        if piece[most:]:
            self._pieces.insert(0, piece[most:])
        return piece[:most]


def read(*pieces: bytes, method: str = "POST") -> tuple[HttpResponse, bool]:
    opened: Any = Pieces(*pieces)
    return read_answer(Incoming(opened, Deadline(FakeClock(), 1)), method, LIMIT)


def as_http_client(sent: bytes, method: str) -> tuple[int, bytes] | None:
    """What ``http.client`` makes of it; ``None``: nothing."""

    class Readable(BytesIO):
        def makefile(self, _mode: str) -> "Readable":
            return self

        def close(self) -> None:
            pass

    source: Any = Readable(sent)
    try:
        while True:
            response = HTTPResponse(source, method=method)
            response.begin()
            if response.status >= 200:
                return response.status, response.read()
    except (HTTPException, ValueError):
        return None


def cut(data: bytes, places: list[int]) -> Iterator[bytes]:
    edges = sorted({place % (len(data) + 1) for place in places} | {0, len(data)})
    return (data[begin:end] for begin, end in pairwise(edges))


names = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,12}", fullmatch=True).filter(
    lambda name: name.lower() not in {"connection", "content-length", "transfer-encoding"}
)
values = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=20)
fields = st.dictionaries(names.map(str.lower), values.filter(lambda text: text == text.strip()), max_size=5)
bodies = st.binary(max_size=60)
interim = st.sampled_from([b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"])


@st.composite
def chunked(draw: st.DrawFn, body: bytes) -> bytes:
    places = draw(st.lists(st.integers(0, 60), max_size=4))
    extension = draw(st.sampled_from([b"", b";a=b", b' ; a="b"']))
    parts = (b"%x%b\r\n%b\r\n" % (len(piece), extension, piece) for piece in cut(body, places) if piece)
    return b"".join(parts) + b"0\r\n" + draw(st.sampled_from([b"", b"X-Trailer: t\r\n"])) + b"\r\n"


class Told(NamedTuple):
    """What an answer says; ``stays``: another may follow on its connection."""

    status: int
    fields: Mapping[str, str]
    body: bytes
    framing: str
    stays: bool


@st.composite
def answers(draw: st.DrawFn) -> tuple[bytes, Told]:
    """An answer as it is sent, and what it says."""
    status = draw(st.integers(200, 599).filter(lambda each: each not in {204, 304}))
    said, body, minor = draw(fields), draw(bodies), draw(st.integers(0, 1))
    option = draw(st.sampled_from(["", "close", "Keep-Alive", "x, CLOSE", "keep-alive, x"]))
    space, framing = draw(st.sampled_from(["", " ", " \t "])), draw(st.sampled_from(["length", "chunked", "end"]))
    lines = [f"{name}:{space}{value}{space}" for name, value in said.items()]
    lines += [f"Connection: {option}"] if option else []
    lines += {"length": [f"Content-Length: {len(body)}"], "chunked": ["Transfer-Encoding: Chunked"]}.get(framing, [])
    head = "\r\n".join((f"HTTP/1.{minor} {status} Reason", *lines, "", "")).encode("latin-1")
    stays = "keep-alive" in option.lower() if minor == 0 else "close" not in option.lower()
    sent = draw(interim) + head + (draw(chunked(body)) if framing == "chunked" else body)
    return sent, Told(status, said, body, framing, stays and framing != "end")


@given(answers(), st.lists(st.integers(min_value=0), max_size=6))
def test_every_answer_is_read_whatever_pieces_it_comes_in(answer: tuple[bytes, Told], places: list[int]) -> None:
    sent, told = answer
    response, reusable = read(*cut(sent, places))

    assert (response.status, response.body, reusable) == (told.status, told.body, told.stays)
    assert told.fields.items() <= response.headers.items()


@given(answers(), st.data())
def test_an_answer_that_ends_too_early_is_lost(answer: tuple[bytes, Told], data: st.DataObject) -> None:
    sent, told = answer
    kept = data.draw(st.integers(0, len(sent) - 1))
    if told.framing == "end" and kept >= len(sent) - len(told.body):
        assert told.body.startswith(read(sent[:kept])[0].body)  # nobody can tell
    else:
        with pytest.raises(ConnectionLost):
            read(sent[:kept])


damage = st.one_of(st.binary(max_size=4), st.sampled_from([b"\r", b"\n", b" ", b"\0", b":", b"\r\n", b"-1", b"_"]))


@given(answers(), st.integers(min_value=0), st.integers(0, 3), damage, st.sampled_from(["POST", "HEAD"]))
def test_what_is_damaged_is_lost_or_says_what_it_says_to_everybody(
    answer: tuple[bytes, Told], place: int, removed: int, added: bytes, method: str
) -> None:
    sent, _ = answer
    place %= len(sent)
    sent = sent[:place] + added + sent[place + removed :]
    try:
        response, _ = read(sent, method=method)
    except (ConnectionLost, Unavailable):
        return
    assert (response.status, response.body) == as_http_client(sent, method)


@given(st.binary(max_size=200), st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"]))
def test_anything_at_all_is_an_answer_or_a_loss(noise: bytes, before: bytes) -> None:
    try:
        response, _ = read(before + noise)
    except (ConnectionLost, Unavailable):
        return
    assert 200 <= response.status < 1000


OK = b"HTTP/1.1 200 OK\r\n"
SIZED = OK + b"Content-Length: 2\r\n"
CODED = OK + b"Transfer-Encoding: chunked\r\n"
LOST = {
    "nothing": b"",
    "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n",
    "version 2": b"HTTP/2 200 OK\r\n\r\n",
    "no status": b"HTTP/1.1 OK\r\n\r\n",
    "a status of four digits": b"HTTP/1.1 2000 OK\r\n\r\n",
    "a line before it": b"\r\n" + SIZED + b"\r\nab",
    "a folded line": SIZED + b"X-A: a\r\n b\r\n\r\nab",
    "a line that is no field": SIZED + b"none\r\n\r\nab",
    "space before a colon": SIZED + b"X-A : a\r\n\r\nab",
    "a field without a name": SIZED + b": a\r\n\r\nab",
    "NUL": SIZED + b"X-A: \0\r\n\r\nab",
    "a line ended by CR": SIZED + b"X-A: a\rX-B: b\r\n\r\nab",
    "two lengths": SIZED + b"Content-Length: 1\r\n\r\nab",
    "two lengths in one": OK + b"Content-Length: 2, 1\r\n\r\nab",
    "a length with a sign": OK + b"Content-Length: +2\r\n\r\nab",
    "a negative length": OK + b"Content-Length: -2\r\n\r\nab",
    "an empty length": OK + b"Content-Length:\r\n\r\nab",
    "digits that are not ASCII": OK + b"Content-Length: \xb2\r\n\r\nab",
    "less than the length": SIZED + b"\r\na",
    "an unknown coding": OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a coding twice": CODED + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk that lost a byte": CODED + b"\r\n3\r\nab\r\n0\r\n\r\n",
    "a chunk without a size": CODED + b"\r\n\r\nab\r\n0\r\n\r\n",
    "a size with a sign": CODED + b"\r\n+2\r\nab\r\n0\r\n\r\n",
    "a size with 0x": CODED + b"\r\n0x2\r\nab\r\n0\r\n\r\n",
    "a size with _": CODED + b"\r\n0_2\r\nab\r\n0\r\n\r\n",
    "more than its size": CODED + b"\r\n2\r\nabc\r\n0\r\n\r\n",
    "no last chunk": CODED + b"\r\n2\r\nab\r\n",
    "no end of the trailers": CODED + b"\r\n0\r\nX-A: a\r\n",
}


@pytest.mark.parametrize("sent", LOST.values(), ids=LOST)
def test_what_is_no_answer_is_lost(sent: bytes) -> None:
    with pytest.raises(ConnectionLost):
        read(sent)


LARGE = {
    "length": OK + b"Content-Length: %d\r\n\r\n" % (LIMIT + 1),
    "length beyond all bounds": OK + b"Content-Length: 999999999999999\r\n\r\n",
    "chunk": CODED + b"\r\n%x\r\n" % (LIMIT + 1),
    "chunks": CODED + b"\r\n" + b"1\r\na\r\n" * (LIMIT + 1),
    "without an end": OK + b"\r\n" + b"a" * (LIMIT + 1),
    "head": OK + b"X-A: a\r\n" * HEAD_LIMIT,
    "interim answers": b"HTTP/1.1 100 Continue\r\n\r\n" * HEAD_LIMIT,
    "line": b"H" * 2 * HEAD_LIMIT,
    "extension": CODED + b"\r\n1;" + b"a" * 2 * HEAD_LIMIT,
    "trailers": CODED + b"\r\n0\r\n" + b"X-A: a\r\n" * HEAD_LIMIT,
}


@pytest.mark.parametrize("sent", LARGE.values(), ids=LARGE)
def test_what_is_too_large_is_not_read(sent: bytes) -> None:
    with pytest.raises(Unavailable, match="too large") as caught:
        read(sent)
    assert not isinstance(caught.value, ConnectionLost)


@pytest.mark.parametrize(
    ("sent", "method"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", "POST"),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", "GET"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n", "HEAD"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HEAD"),
    ],
)
def test_answers_without_a_body(sent: bytes, method: str) -> None:
    response, reusable = read(sent, method=method)
    assert (response.body, reusable) == (b"", True)


def test_a_connection_on_which_more_came_than_was_asked_for_is_not_used_again() -> None:
    response, reusable = read(SIZED + b"\r\nab" + SIZED + b"\r\ncd")
    assert (response.body, reusable) == (b"ab", False)


def test_of_who_gives_a_length_and_chunks_nothing_more_is_believed() -> None:
    response, reusable = read(CODED + b"Content-Length: 9\r\n\r\n2\r\nab\r\n0\r\n\r\n")
    assert (response.body, reusable) == (b"ab", False)


def test_lines_may_end_as_in_unix_and_the_reason_may_be_missing() -> None:
    response, reusable = read(b"HTTP/1.1 200\nContent-Length: 2, 2\nX-A:  \xe4 b \t\n\nab")
    assert (response.body, response.headers["x-a"], reusable) == (b"ab", "\xe4 b", True)
