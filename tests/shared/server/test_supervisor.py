"""The server as real processes: what it needs, how it ends, what it survives."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from emulator.wire.calls import V1Calls
from emulator.wire.client import Answer, NoAnswer
from shared.clock import SystemClock
from shared.http import HttpRequest
from shared.protocol.signing import verify_body_sign
from tests.pages import ROOT
from tests.shared.server.served import TWO_PROCESSES, Served, served
from tests.world import KEY

pytestmark = [pytest.mark.slow, pytest.mark.e2e]

NEW_KEY = "66666666-7777-8888-9999-000000000000"


def purchase(key: str = KEY, order_id: str = "CS1", customer: str = "customer-1") -> HttpRequest:
    return V1Calls(key, SystemClock()).call(
        "newInstance",
        orderId=order_id,
        businessId=f"business-{order_id}",
        customerId=customer,
        productId="00301-666666-0--0",
        chargingMode=1,
        periodType="year",
        periodNumber=1,
        expireTime="20371120235959",
    )


def signed_with(key: str, reply: Answer | NoAnswer) -> bytes:
    """The body of an answer that is signed with ``key``."""
    assert isinstance(reply, Answer)
    [(name, value)] = reply.named("Body-Sign")
    assert name == "Body-Sign"
    verify_body_sign(key, value, reply.body)
    return reply.body


def soon(fact: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for a fact."""
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end, "it did not come in time"
        time.sleep(0.05)


def test_what_is_missing_is_said_at_once_and_nothing_is_made_up(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KOOGALLERY_")}
    done = subprocess.run(
        [sys.executable, "-m", "emulator", "serve"],
        cwd=ROOT,
        env=environment | {"KOOGALLERY_ACCESS_KEY": "k" * 20, "KOOGALLERY_THREADS": "none"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "set KOOGALLERY_STORE",
        "set KOOGALLERY_STORAGE_KEY",
        "set KOOGALLERY_PROVISIONER",
        "set KOOGALLERY_AK",
        "set KOOGALLERY_SK",
        "KOOGALLERY_THREADS must be a whole number from 1 to 256",
    ]


def test_a_process_that_dies_is_started_anew_and_takes_nothing_with_it(tmp_path: Path) -> None:
    """Calls are answered on, and those that it has answered stay counted together with those of the others."""
    with served(tmp_path, TWO_PROCESSES) as server:
        for number in range(6):
            assert b'"000000"' in signed_with(KEY, server.send(purchase(order_id=f"CS{number}")))
        line = 'koogallery_calls_total{interface="purchase"} 6'
        soon(lambda: line in counted(server))
        for kind in ("web", "timekeeper"):
            before = server.children(kind)
            os.kill(before[0], signal.SIGKILL)
            soon(lambda before=before, kind=kind: len(set(server.children(kind)) - set(before)) == 1)  # type: ignore[misc]
        server.healthy()

        assert line in counted(server)
        assert b'"000000"' in signed_with(KEY, server.send(purchase()))
        assert [(line["interface"], line["code"]) for line in server.lines(ENDED)] == [("web", -9), ("timekeeper", -9)]
        assert server.end() == 0


ENDED = "a process of the server has ended and is started anew"


def test_no_call_that_has_begun_is_dropped_by_the_end(tmp_path: Path) -> None:
    with served(tmp_path) as server, ThreadPoolExecutor() as pool:
        slow = [pool.submit(server.send, purchase(order_id=f"CS{n}", customer="slow")) for n in range(4)]
        time.sleep(1)

        assert server.end() == 0
        assert all(b'"000000"' in signed_with(KEY, each.result()) for each in slow)
        assert isinstance(server.send(purchase()), NoAnswer)


def test_nobody_stays_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        soon(lambda: len(everybody(server)) == 2)
        children = everybody(server)
        server.process.kill()
        server.process.wait()
        try:
            soon(lambda: not any(map(_runs, children)))
        finally:
            for pid in filter(_runs, children):
                os.kill(pid, signal.SIGKILL)


def test_whoever_begins_when_the_supervisor_is_gone_does_not_stay() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    begun = "from shared.server.child import Lifetime; print(Lifetime(1, {}).over())"
    over = [
        subprocess.run([sys.executable, "-c", begun.format(pid)], cwd=ROOT, capture_output=True, check=True).stdout
        for pid in (gone.pid, os.getpid())
    ]
    assert over == [b"True\n", b"False\n"]


def everybody(server: Served) -> list[int]:
    return [*server.children("web"), *server.children("timekeeper")]


def _runs(pid: int) -> bool:
    return Path(f"/proc/{pid}/cmdline").exists()


def test_a_key_in_a_file_is_exchanged_without_a_restart(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text(f"{KEY}\n")
    with served(tmp_path, {"KOOGALLERY_KEY": f"file:{key}"}) as server:
        web = server.children("web")
        key.write_text(f"{NEW_KEY},{KEY}\n")
        signed_with(NEW_KEY, server.send(purchase(NEW_KEY)))
        signed_with(KEY, server.send(purchase(KEY)))
        key.write_text(f"{NEW_KEY}\n")

        assert b'"000001"' in signed_with(NEW_KEY, server.send(purchase(KEY)))
        assert server.children("web") == web


def test_all_processes_are_renewed_on_hangup_and_no_call_fails_meanwhile(tmp_path: Path) -> None:
    with served(tmp_path, TWO_PROCESSES) as server, ThreadPoolExecutor() as pool:
        before = set(everybody(server))
        server.process.send_signal(signal.SIGHUP)
        answers = [pool.submit(server.send, purchase(order_id=f"CS{n % 9}")) for n in range(150)]

        assert all(b'"000000"' in signed_with(KEY, each.result()) for each in answers)
        soon(lambda: bool(server.lines("the processes of the server were renewed")))
        soon(lambda: len(server.children("web")) == 2 and len(server.children("timekeeper")) == 1)
        assert before.isdisjoint(everybody(server))


def test_a_successor_that_does_not_start_replaces_nobody(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("sixteen-characters-and-more")
    with served(tmp_path, {"KOOGALLERY_STORAGE_KEY": f"file:{key}"}) as server:
        _spoil(server)
        web = server.children("web")
        server.process.send_signal(signal.SIGHUP)
        soon(lambda: len(server.lines(STAYS)) == 2)

        assert server.children("web") == web
        assert b'"000000"' in signed_with(KEY, server.send(purchase()))


STAYS = "a new process of the server was not ready in time, the old one stays"


def _spoil(server: Served) -> None:
    """No new process can begin: a module of theirs is hidden by one that ends them."""
    (server.folder / "sitecustomize.py").write_text("import os\nos._exit(3)\n")


def counted(server: Served) -> str:
    answer = server.send(HttpRequest("GET", "/metrics"))
    assert isinstance(answer, Answer)
    assert answer.status == 200
    return answer.body.decode()
