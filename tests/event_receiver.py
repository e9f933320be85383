"""Somebody who receives events: a real HTTP server that verifies with the reference library of Standard Webhooks."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any

from standardwebhooks import Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass
class EventReceiver:
    """``status`` says what a message is answered, after it was noted in ``attempts``; those of 2xx are in ``taken``.

    An answer of 0 is none: the connection hangs until the receiver is closed.
    """

    url: str = ""
    status: Callable[[dict[str, Any]], int] = lambda _message: 204
    attempts: list[dict[str, Any]] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    closed: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)

    def told(self, instance_id: str) -> list[str]:
        """The kinds of events of an instance, each when it was first taken."""
        return list(self.numbered(instance_id).values())

    def numbered(self, instance_id: str) -> dict[int, str]:
        """As :meth:`told`, by number."""
        found: dict[int, str] = {}
        for each in self.taken:
            if each["data"]["instanceId"] == instance_id:
                found.setdefault(each["data"]["number"], each["type"])
        return found

    def hear(self, headers: Any, body: bytes) -> int:
        """The status of the answer."""
        at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        expected = Webhook(SECRET).sign(headers["webhook-id"], at, body.decode())
        if not compare_digest(expected, headers["webhook-signature"]):
            return 401
        message = json.loads(body)
        with self.lock:
            self.attempts.append(message)
            status = self.status(message)
            if 200 <= status < 300:
                self.taken.append(message)
                self.ids.append(headers["webhook-id"])
        return status


@contextmanager
def receiving() -> Iterator[EventReceiver]:
    """One on a free port of this machine."""
    receiver = EventReceiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            status = receiver.hear(self.headers, self.rfile.read(int(self.headers["Content-Length"])))
            if not status:
                receiver.closed.wait(30)
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing is written."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_port}/events"
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.closed.set()
        server.shutdown()
        server.server_close()
        thread.join()


def settings_of(receiver: EventReceiver) -> dict[str, str]:
    """What makes the bundle tell it."""
    return {
        "KOOGALLERY_EVENTS_URL": receiver.url,
        "KOOGALLERY_EVENTS_SECRET": SECRET,
        "KOOGALLERY_WEBHOOK_ALLOW_PRIVATE": "on",
    }
