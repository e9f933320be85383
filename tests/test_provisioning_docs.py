"""What the documentation of provisioning shows works as shown, and both languages show the same."""

import importlib
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from emulator.journey import play
from emulator.provisioner_contract import ProvisionerContract
from emulator.texts import Text
from shared.clock import SystemClock
from shared.errors import ConfigurationError
from shared.http import HttpResponse
from shared.provisioning import InstancePage
from shared.provisioning.usage import check_packages, check_usage
from shared.provisioning.webhook import WebhookProvisioner
from shared.provisioning.webhook_answers import REFUSALS, read_access, read_instances, read_packages, read_usage
from shared.provisioning.webhook_messages import message
from tests.emulator.journey_player import journey_player
from tests.shared.provisioning.samples import BUYER, INSTANCE

pytestmark = pytest.mark.docs

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "docs" / name for name in ("provisioning.md", "provisioning.zh-CN.md")]
SECRET, OTHER_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_plJ3nmyCDGBKInavdOK15jsl9sP8HF9jT6mZ"


def blocks(page: Path) -> list[str]:
    """The fenced blocks of a page."""
    return re.findall(r"^```\w+\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def file_of(name: str) -> str:
    """The block whose first line says it is that file."""
    (found,) = [block for block in blocks(PAGES[0]) if block.splitlines()[0].lstrip("#/ ") == name]
    return found


def test_both_languages_show_the_same() -> None:
    assert blocks(PAGES[1]) == blocks(PAGES[0])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_code_and_message_type_is_listed(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    listed = set(re.findall(r"`(000\d{3})`", text))
    assert listed == {code.value for code in REFUSALS}
    methods = ["create", "describe", "renew", "change", "can_change", "freeze", "unfreeze", "release", "usage"]
    types = re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \|", text, re.MULTILINE)
    assert types == [
        *(f"instance.{method}" for method in methods),
        "order.changed",
        "instance.packages",
        "instance.used_up",
        "member.changed",
        "instance.list",
    ]


def test_message_is_the_one_that_is_sent() -> None:
    shown = next(json.loads(block) for block in blocks(PAGES[0]) if '"type": "instance.create"' in block)
    at = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    assert json.loads(message("instance.create", at, instance=INSTANCE, buyer=BUYER)) == shown
    listing = next(json.loads(block) for block in blocks(PAGES[0]) if '"type": "instance.list"' in block)
    assert json.loads(message("instance.list", at, after="business-2")) == listing


def test_answers_are_accepted() -> None:
    shown = {next(iter(json.loads(block))): block for block in blocks(PAGES[0]) if block.startswith("{")}
    access, usage, packages = (HttpResponse(200, {}, shown[name].encode()) for name in ("access", "usage", "packages"))
    assert [each.instance_id for each in check_packages(read_packages(packages))] == ["package-1"]
    assert read_access(access).password == "first-password"
    assert str(check_usage(read_usage(usage)[0]).value) == "12.5"
    page = read_instances(HttpResponse(200, {}, shown["instances"].encode()))
    assert page == InstancePage(("business-3", "business-4"), "business-4")


def slow_tests() -> str:
    """The page's tests, of its slow provisioner."""
    tests = file_of("test_my_product.py").replace("my_product import MyP", "my_slow_product import MySlowP")
    return tests.replace(" MyProvisioner(", " MySlowProvisioner(")


@pytest.mark.parametrize("slow", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_python_provisioner_keeps_the_contract(tmp_path: Path, slow: bool) -> None:
    (tmp_path / "my_product.py").write_text(file_of("my_product.py"), encoding="utf-8")
    hasty = file_of("my_slow_product.py").replace("SECONDS = 0.5", "SECONDS = 0.1")
    (tmp_path / "my_slow_product.py").write_text(hasty, encoding="utf-8")
    (tmp_path / "test_it.py").write_text(slow_tests() if slow else file_of("test_my_product.py"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    rules = [name for name in dir(ProvisionerContract) if name.startswith("test_")]
    assert f"{len(rules)} passed" in done.stdout


@pytest.mark.slow
@pytest.mark.e2e
def test_the_slow_one_passes_the_journey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("my_product.py", "my_slow_product.py"):
        (tmp_path / name).write_text(file_of(name), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    slow = importlib.import_module("my_slow_product").MySlowProvisioner(tmp_path / "sites.sqlite")
    waited: list[Text] = []
    with journey_player({"KOOGALLERY_STORE": f"sqlite:{tmp_path / 'store.sqlite'}"}, provisioner=slow) as player:
        player.on_wait = waited.append
        rows = play(player)
    assert [(row.step, row.failure) for row in rows if not row.passed] == []
    assert waited


HAMMER = """
import sys, threading, uuid
from datetime import UTC, datetime, timedelta
from emulator.provisioner_contract import ProvisionerContract, _new
from my_product import MyProvisioner
from shared.provisioning import FreezeReason

path, calls = sys.argv[1], int(sys.argv[2])
provisioner = MyProvisioner(path)
wrong = []

def work():
    try:
        for _ in range(calls):
            instance = _new(ProvisionerContract.specification)
            first = provisioner.create(instance, ProvisionerContract.buyer, "key")
            provisioner.change(instance, ProvisionerContract.larger, "change")
            provisioner.freeze(instance, FreezeReason.EXPIRED, "freeze")
            again = provisioner.create(instance, ProvisionerContract.buyer, "key")
            if not first == again == provisioner.describe(instance):
                wrong.append("another way in")
            provisioner.release(instance, "release")
    except Exception as error:
        wrong.append(repr(error))

threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
sys.exit("; ".join(wrong) or 0)
"""


@pytest.mark.slow
def test_the_python_provisioner_bears_four_processes_of_eight_threads(tmp_path: Path) -> None:
    (tmp_path / "my_product.py").write_text(file_of("my_product.py"), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
    command = [sys.executable, "-c", HAMMER, str(tmp_path / "sites.sqlite"), "4"]
    workers = [
        subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, cwd=tmp_path) for _ in range(4)
    ]
    told = [worker.communicate(timeout=120)[1] for worker in workers]
    assert told == [""] * 4
    assert [worker.returncode for worker in workers] == [0] * 4
    with sqlite3.connect(tmp_path / "sites.sqlite") as database:
        assert database.execute("SELECT count(*) FROM site").fetchone() == (0,)


@contextmanager
def receiver(command: list[str]) -> Iterator[str]:
    """Run a receiver for as long as the context lasts; its address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    environment = {**os.environ, "PORT": str(port), "WEBHOOK_SECRET": SECRET}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, "the receiver has ended"
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/hook"
    finally:
        process.kill()
        process.wait()


def python_receiver(folder: Path) -> list[str]:
    path = folder / "receiver.py"
    path.write_text(file_of("receiver.py"), encoding="utf-8")
    return [sys.executable, str(path)]


def node_receiver(folder: Path) -> list[str]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    path = folder / "receiver.js"
    path.write_text(file_of("receiver.js"), encoding="utf-8")
    return [node, str(path)]


@pytest.fixture(scope="module", params=[python_receiver, node_receiver], ids=["python", "node"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with receiver(request.param(tmp_path_factory.mktemp("receiver"))) as address:
        yield address


def webhook(url: str, *secrets: str) -> WebhookProvisioner:
    return WebhookProvisioner(url, secrets, 10, True, SystemClock())


class TestReceiver(ProvisionerContract):
    @pytest.fixture
    def provisioner(self, url: str) -> WebhookProvisioner:
        return webhook(url, SECRET)


def test_receiver_knows_one_of_several_secrets(url: str) -> None:
    webhook(url, OTHER_SECRET, SECRET).unfreeze(INSTANCE, "key")


def test_receiver_refuses_another_secret(url: str) -> None:
    with pytest.raises(ConfigurationError):
        webhook(url, OTHER_SECRET).unfreeze(INSTANCE, "key")


def test_receiver_refuses_an_old_message(url: str) -> None:
    old = WebhookProvisioner(url, [SECRET], 10, True, SystemClock(offset=-400))
    with pytest.raises(ConfigurationError):
        old.unfreeze(INSTANCE, "key")


def test_receiver_refuses_a_message_without_a_signature(url: str) -> None:
    import urllib3

    with urllib3.PoolManager() as pools:
        assert pools.request("POST", url, body=b"{}").status == 401
