"""Why a call got no answer, in both languages."""

import errno
import os
import socket
import ssl
from http.client import BadStatusLine, IncompleteRead, RemoteDisconnected

import pytest

from emulator.wire.failures import why


def number(code: int) -> OSError:
    """As the operating system says it."""
    return OSError(code, os.strerror(code))


def untrusted() -> ssl.SSLError:
    """As the library says it."""
    error = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1000)")
    error.reason = "WRONG_VERSION_NUMBER"
    return error


@pytest.mark.parametrize(
    ("error", "chinese"),
    [
        (number(errno.ECONNREFUSED), "连接被拒绝（errno 111）"),
        (number(errno.ECONNRESET), "连接被对端重置（errno 104）"),
        (number(errno.EHOSTUNREACH), "没有到主机的路由（errno 113）"),
        (number(errno.ENETUNREACH), "网络不可达（errno 101）"),
        (number(errno.EPIPE), "连接已断开（errno 32）"),
        (number(errno.EIO), str(number(errno.EIO))),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "域名无法解析（errno -2）"),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), "域名暂时无法解析（errno -3）"),
        (socket.gaierror(socket.EAI_NODATA, "No address associated with hostname"), "域名没有对应的地址（errno -5）"),
        (RemoteDisconnected("Remote end closed connection without response"), "对端未响应即关闭连接"),
        (IncompleteRead(b"abc"), "响应不完整：已读取 3 字节"),
        (IncompleteRead(b"abc", 4), "响应不完整：已读取 3 字节，还缺 4 字节"),
        (untrusted(), "TLS 错误 WRONG_VERSION_NUMBER：wrong version number (_ssl.c:1000)"),
        (BadStatusLine("{x}"), "{x}"),
        (OSError(), "OSError"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_why(error: OSError, chinese: str) -> None:
    assert why(error).said("zh") == chinese


@pytest.mark.parametrize(
    "code", [errno.ECONNREFUSED, errno.ECONNRESET, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EPIPE]
)
def test_english_is_what_the_operating_system_says(code: int) -> None:
    assert str(why(number(code))) == str(number(code))


def test_english_is_what_the_libraries_say() -> None:
    for error in (untrusted(), IncompleteRead(b"abc"), IncompleteRead(b"abc", 4)):
        assert str(why(error)) in str(error)
