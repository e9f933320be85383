"""Creation that takes longer than a call may: accepted, carried on with, delivered."""

import threading
import time
from collections.abc import Callable

import pytest

from emulator.clock import MovableClock
from shared.clock import SystemClock
from shared.provisioning import Access, Pending
from tests.market import V1, V2, VERSIONS, freezing, purchase, query, renewal, unfreezing

READY = Access("https://ready.example.com", user_name="admin", password="Passw0rd!")


def eventually(condition: Callable[[], bool]) -> None:
    """Wait for a thread that was let go."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


@pytest.fixture
def pending(world):
    world.provisioner.pending = True
    world.provisioner.present = Pending()
    return world


def test_version_2_accepts_and_the_query_delivers(pending):
    accepted = {"resultCode": "000004", "resultMsg": "in process", "instanceId": "business-2"}
    assert pending.buy_v2() == accepted
    assert pending.buy_v2(business_id="business-9") == accepted
    pending.provisioner.present = READY
    [info] = pending.send(query(pending, V2, "business-2"))["info"]
    assert info["appInfo"]["password"] == "Passw0rd!"
    assert pending.buy_v2(business_id="business-9")["resultCode"] == "000000"
    assert pending.provisioner.count("create") == 1


def test_a_repeat_that_the_product_keeps_waiting_is_told_the_same(build):
    world = build(settings={"KOOGALLERY_DEADLINE": "0.3"})
    world.provisioner.pending = True
    world.provisioner.present = Pending()
    accepted = world.buy_v2()
    go = threading.Event()
    world.provisioner.before = lambda _method: go.wait(20)
    assert world.buy_v2(business_id="business-9") == accepted
    go.set()


def test_version_1_says_busy_until_it_can_say_more(pending):
    assert pending.buy() == {"resultCode": "000004", "resultMsg": "in process, ask again"}
    pending.provisioner.present = READY
    answer = pending.buy(business_id="business-9")
    assert (answer["resultCode"], answer["instanceId"]) == ("000000", "business-1")
    assert answer["appInfo"]["frontEndUrl"] == "https://ready.example.com"


def test_version_1_accepts_without_a_way_in_if_told_so(build):
    world = build(settings={"KOOGALLERY_V1_PENDING": "accept"})
    world.provisioner.pending = True
    world.provisioner.present = Pending()
    for business_id in ("business-1", "business-9"):
        answer = world.buy(business_id=business_id)
        assert answer == {
            "resultCode": "000000",
            "resultMsg": "success.",
            "encryptType": "1",
            "instanceId": "business-1",
        }
    world.provisioner.present = READY
    assert world.buy()["appInfo"]["frontEndUrl"] == "https://ready.example.com"


@pytest.mark.parametrize("version", VERSIONS)
def test_other_calls_wait_for_the_creation(pending, version):
    pending.buy_v2()
    for request in (renewal, freezing):
        assert pending.send(request(pending, version, "business-2"))["resultCode"] == "000004"
    assert pending.send(unfreezing(pending, version, "business-2"))["resultCode"] == "000000"
    assert pending.state("business-2") == "PENDING"


def test_the_buyers_data_is_kept_sealed_until_the_creation_is_done(pending):
    pending.buy_v2()
    stored = pending.tables.table("instances").get("business-2")
    assert "13800000000" not in str(stored)
    pending.provisioner.present = None
    pending.provisioner.pending = False
    pending.send(query(pending, V2, "business-2"))
    assert pending.provisioner.buyers[-1].mobile_phone == "13800000000"
    assert pending.app.instances.get("business-2").content is None


@pytest.mark.parametrize("version", VERSIONS)
def test_a_slow_creation_goes_on_after_the_answer(build, blocked, version):
    world = build(clock=SystemClock())
    world.hurry()
    world.provisioner.before = blocked.on("create")
    answer = world.send(purchase(world, version))
    assert answer["resultCode"] == "000004"
    assert answer.get("instanceId") == (None if version == V1 else "business-1")
    assert "appInfo" not in str(world.send(query(world, version, "business-1")))
    again = world.send(purchase(world, version, business_id="business-9"))
    assert again == answer
    blocked.release()
    world.hurry(30)
    eventually(lambda: world.state("business-1") == "ACTIVE")
    assert world.send(query(world, version, "business-1"))["info"][0]["appInfo"]["frontEndUrl"]
    last = world.send(purchase(world, version, business_id="business-9"))
    assert (last["resultCode"], last["instanceId"]) == ("000000", "business-1")
    assert world.provisioner.count("create") == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_a_slow_creation_that_fails_in_the_end_is_made_again_under_its_id(build, blocked, version):
    clock = MovableClock()
    world = build(clock=clock)
    world.hurry()
    hold = blocked.on("create")

    def fail(method: str) -> None:
        hold(method)
        raise RuntimeError

    world.provisioner.before = fail
    assert world.send(purchase(world, version))["resultCode"] == "000004"
    world.provisioner.before = None
    blocked.release()
    answers = []

    def bought() -> bool:
        clock.shift(clock.offset + world.app.lease)
        answers.append(world.send(purchase(world, version, business_id="business-9")))
        return bool(answers[-1]["resultCode"] == "000000")

    eventually(bought)
    assert answers[-1]["instanceId"] == "business-1"
    assert set(world.provisioner.created) == {"business-1"}
    assert world.state("business-9") is None


@pytest.mark.parametrize("version", VERSIONS)
def test_a_slow_change_goes_on_after_the_answer(build, blocked, version):
    world = build(clock=SystemClock())
    world.send(purchase(world, version))
    world.hurry()
    world.provisioner.before = blocked.on("renew")
    assert world.send(renewal(world, version, "business-1")) == {
        "resultCode": "000004",
        "resultMsg": "in process, ask again",
    }
    assert world.send(renewal(world, version, "business-1"))["resultCode"] == "000004"
    blocked.release()
    world.hurry(30)
    eventually(lambda: len(world.app.instances.get("business-1").applied) == 1)
    assert world.send(renewal(world, version, "business-1"))["resultCode"] == "000000"
    assert world.provisioner.count("renew") == 1
