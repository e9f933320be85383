"""What the provisioner and the webhook may do wrong besides."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from emulator.doctor.diagnosis import Severity
from emulator.wire.server import running
from shared.http import HttpRequest, HttpResponse
from tests.backend import Backend
from tests.emulator.doctor.deployment import WEBHOOK_SECRET
from tests.emulator.doctor.product import Forgets
from tests.emulator.doctor.sound import bad, findings, sound
from tests.event_receiver import SECRET, receiving, settings_of

PRODUCT = "tests.emulator.doctor.product"


def test_a_provisioner_that_fails_at_a_question(tmp_path: Path) -> None:
    found = findings("provisioner", sound(tmp_path, PROVISIONER=f"{PRODUCT}:Fails"))
    assert bad(found) == {"provisioner.fails"}
    listed = findings("provisioner", sound(tmp_path, PROVISIONER=f"{PRODUCT}:FailsToList"))
    assert bad(listed) == {"provisioner.listing"}
    assert not [each for each in [*found, *listed] if "database" in each.text.said("en").partition("RuntimeError")[0]]


@pytest.mark.parametrize("spec", ["no.such.module:It", f"{PRODUCT}:NoSuch", f"{PRODUCT}:Nothing", "product"])
def test_a_provisioner_that_is_none(tmp_path: Path, spec: str) -> None:
    assert bad(findings("provisioner", sound(tmp_path, PROVISIONER=spec))) == {"provisioner.load"}


def test_the_contract_is_tried_only_if_instances_may_be_created(tmp_path: Path) -> None:
    environ = sound(tmp_path, PROVISIONER=f"{PRODUCT}:Forgets")
    assert bad(findings("provisioner", environ)) == set()
    assert not Forgets.made
    assert bad(findings("provisioner", environ, create=True)) == {"provisioner.contract"}
    assert set(Forgets.made) <= set(Forgets.released)
    kept = [each.check for each in findings("provisioner", sound(tmp_path), create=True)]
    assert kept[-1] == "provisioner.keeps"


@contextmanager
def webhook(folder: Path, answer: Callable[[HttpRequest], HttpResponse]) -> Iterator[dict[str, str]]:
    own = {"WEBHOOK_SECRET": WEBHOOK_SECRET, "WEBHOOK_ALLOW_PRIVATE": "on", "PROVISIONER": "webhook"}
    with running(answer) as url:
        yield sound(folder, WEBHOOK_URL=url, **own)


def test_a_backend_that_takes_old_messages(tmp_path: Path) -> None:
    backend, seen = Backend(WEBHOOK_SECRET), []

    def ageless(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        forged = len(seen) == len("ab")  # the second message is
        return backend.answer(request) if forged else HttpResponse(204, {}, b"")

    with webhook(tmp_path, ageless) as environ:
        assert bad(findings("webhook", environ)) == {"webhook.replayed"}


@pytest.mark.parametrize(
    ("answer", "check"),
    [
        ({"instances": ["a", "b"]}, "provisioner.lists"),
        ({"instances": "a"}, "provisioner.listing"),
        ({"instances": [""]}, "provisioner.listing"),
        (None, None),
    ],
)
def test_the_list_of_a_backend(tmp_path: Path, answer: dict[str, Any] | None, check: str | None) -> None:
    backend = Backend(WEBHOOK_SECRET, listing=(200, answer) if answer else (204, None))
    with webhook(tmp_path, backend.answer) as environ:
        without = [each.check for each in findings("webhook", environ)]
        found = [each.check for each in findings("webhook", environ | {"KOOGALLERY_WEBHOOK_OPTIONAL": "on"})]
    assert without == ["webhook.accepted", "webhook.strict"]
    assert found == [*without, *([check] if check else [])]


def test_a_refusal_without_a_code_is_none_of_the_signature(tmp_path: Path) -> None:
    with webhook(tmp_path, lambda _request: HttpResponse(404, {}, b"")) as environ:
        found = findings("webhook", environ)
    assert [each.check for each in found if each.level is Severity.OK] == ["webhook.accepted"]
    assert bad(found) == {"webhook.forged"}


@contextmanager
def receiver(folder: Path, status: Callable[[dict[str, Any]], int]) -> Iterator[dict[str, str]]:
    with receiving() as started:
        started.status = status
        own = {name.removeprefix("KOOGALLERY_"): value for name, value in settings_of(started).items()}
        yield sound(folder, **own)


def test_a_receiver_of_events(tmp_path: Path) -> None:
    with receiver(tmp_path, lambda _message: 204) as environ:
        found = findings("events", environ)
        assert [each.check for each in found] == ["events.accepted", "events.strict"]
        url = environ["KOOGALLERY_EVENTS_URL"].replace("http", "https")
        hidden = environ | {"KOOGALLERY_WEBHOOK_ALLOW_PRIVATE": "off", "KOOGALLERY_EVENTS_URL": url}
        assert bad(findings("events", hidden)) == {"events.private"}
        other = environ | {"KOOGALLERY_EVENTS_SECRET": WEBHOOK_SECRET}
        assert bad(findings("events", other)) == {"events.refused"}
    assert findings("events", sound(tmp_path)) == []


@pytest.mark.parametrize(("status", "check"), [(422, "events.untaken"), (503, "events.reach")])
def test_a_receiver_that_takes_no_test(tmp_path: Path, status: int, check: str) -> None:
    with receiver(tmp_path, lambda _message: status) as environ:
        assert bad(findings("events", environ)) == {check}


def test_a_receiver_that_verifies_nothing(tmp_path: Path) -> None:
    with running(lambda _request: HttpResponse(204, {}, b"")) as url:
        environ = sound(tmp_path, EVENTS_URL=url, EVENTS_SECRET=SECRET, WEBHOOK_ALLOW_PRIVATE="on")
        assert bad(findings("events", environ)) == {"events.forged"}


def test_a_backend_in_a_private_network(tmp_path: Path) -> None:
    with webhook(tmp_path, Backend(WEBHOOK_SECRET).answer) as environ:
        url = environ["KOOGALLERY_WEBHOOK_URL"].replace("http", "https")
        hidden = environ | {"KOOGALLERY_WEBHOOK_ALLOW_PRIVATE": "off", "KOOGALLERY_WEBHOOK_URL": url}
        assert bad(findings("webhook", hidden)) == {"webhook.private"}
