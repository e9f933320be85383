"""Why a call got no answer."""

import errno
import http.client
import socket
import ssl

from emulator.texts import Text, verbatim

_BY_NUMBER = {
    errno.ECONNREFUSED: "reasons.refused",
    errno.ECONNRESET: "reasons.reset",
    errno.EHOSTUNREACH: "reasons.no-route",
    errno.ENETUNREACH: "reasons.no-network",
    errno.EPIPE: "reasons.broken-pipe",
    socket.EAI_NONAME: "reasons.no-name",
    socket.EAI_AGAIN: "reasons.no-name-now",
    socket.EAI_NODATA: "reasons.no-address",
}


def why(error: OSError | http.client.HTTPException) -> Text:
    """What went wrong with a connection; in the words of the operating system if no text is about that."""
    if isinstance(error, http.client.RemoteDisconnected):
        return Text("reasons.hung-up")
    if isinstance(error, http.client.IncompleteRead):
        read = len(error.partial)
        if error.expected is None:
            return Text("reasons.incomplete-unknown", read=read)
        return Text("reasons.incomplete", read=read, missing=error.expected)
    if isinstance(error, ssl.SSLError) and error.reason:
        return Text("reasons.tls", name=error.reason, detail=str(error).partition("] ")[2])
    number = getattr(error, "errno", None)
    if number in _BY_NUMBER:
        return Text(_BY_NUMBER[number], number=number)
    return verbatim(str(error) or type(error).__name__)
