"""Lambda's Runtime API, as its Python runtime asks it: one function in a process of its own, started and called once.

``INIT`` runs at full speed, as is widely observed of Lambda; from the first call on the process may be held to the
share of a processor that its memory buys.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from emulator.bench.timing import ROOT, BenchError
from emulator.wire.api_answers import json_answer
from emulator.wire.server import running
from shared.http import HttpRequest, HttpResponse

PERIOD = 0.02
"""Seconds in which the share of a processor is given out, as on Lambda."""
_SECONDS = 30
_NAMES = {"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "AWS_LAMBDA_FUNCTION_NAME": "local"}
_FUNCTION = {"AWS_LAMBDA_FUNCTION_VERSION": "1", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512"}


@dataclass(frozen=True)
class FirstCall:
    """Seconds from the start of the process to the wait for a call, and for the call; its answer."""

    init: float
    call: float
    answer: Any


def first_call(handler: str, event: Any, environment: Mapping[str, str], *, share: float) -> FirstCall:
    """Start ``handler`` (``module.function``) as Lambda does, and call it once.

    :param share: of a processor, from the call on.
    :raises BenchError: it does not start, or its first call ends in an error.
    """
    server = _RuntimeApi()
    with running(server.handle, threads=2) as url:
        given = {"AWS_LAMBDA_RUNTIME_API": url.removeprefix("http://"), "_HANDLER": handler}
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", handler],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **_NAMES, **_FUNCTION, **given, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            ready = server.waiting.get(timeout=_SECONDS)
            with _held(process, share):
                called = time.perf_counter()
                server.events.put(event)
                path, answer = server.answers.get(timeout=_SECONDS)
                answered = time.perf_counter()
        except queue.Empty:
            raise BenchError(f"{handler} does not answer") from None
        finally:
            process.kill()
            process.wait()
            server.events.put({})  # for the call that it asked for last
    if not path.endswith("/response"):
        raise BenchError(f"{handler}: {answer}")
    return FirstCall(ready - started, answered - called, answer)


class _RuntimeApi:
    """Gives each call out to whoever waits for one, and takes the answers."""

    def __init__(self) -> None:
        self.waiting: queue.Queue[float] = queue.Queue()
        self.events: queue.Queue[Any] = queue.Queue()
        self.answers: queue.Queue[tuple[str, Any]] = queue.Queue()

    def handle(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            self.answers.put((request.path, json.loads(request.body)))
            return json_answer(202, {})
        self.waiting.put(time.perf_counter())
        invocation = {
            "Lambda-Runtime-Aws-Request-Id": "1",
            "Lambda-Runtime-Deadline-Ms": str(int(time.time() * 1000) + 10_000),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:1:function:local",
        }
        answer = json_answer(200, self.events.get())
        return replace(answer, headers={**answer.headers, **invocation})


@contextmanager
def _held(process: "subprocess.Popen[bytes]", share: float) -> Iterator[None]:
    """Let the process run for ``share`` of each period only, for as long as the block takes."""
    over = threading.Event()

    def hold() -> None:
        while not over.wait(PERIOD * share):
            process.send_signal(signal.SIGSTOP)
            time.sleep(PERIOD * (1 - share))
            process.send_signal(signal.SIGCONT)

    holder = threading.Thread(target=hold, daemon=True)
    if share < 1:
        holder.start()
    try:
        yield
    finally:
        over.set()
        if share < 1:
            holder.join()
