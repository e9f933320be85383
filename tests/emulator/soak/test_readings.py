"""Short lives in simulated time: readings of the documents, and orders in which messages can arrive."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from emulator.marketplace.faults.readings import ONLY_BY_HAND, READINGS
from emulator.soak.environment import soak_environment
from emulator.soak.scenario import Scenario
from emulator.soak.scenario_player import ScenarioPlayer
from shared.metering.event_rules import Reason

Step = Mapping[str, Any]
Steps = Sequence[Step]
AGREES: Step = {"expect": {"agrees": True}}
FAILS: Step = {"fault": {"id": "backend-fails", "times": 1}}
LOST: Step = {"fault": {"id": "answer-lost", "times": 1}}
OVERTAKEN: Step = {"fault": {"id": "overtaken", "times": 1}}
VERSIONS = pytest.mark.parametrize("version", ["v1", "v2"])


def wait(span: str) -> Step:
    return {"advance": span}


def on(*names: str) -> Mapping[str, float]:
    return dict.fromkeys(names, 1.0)


def played(steps: Steps, readings: Mapping[str, float] = on(), seed: int = 1, *, hours: int = 0) -> None:
    """:param hours: let the bundle sweep and upload every so many, which takes its time; 0 for never."""
    scenario = Scenario.model_validate({"title": "short", "steps": [*steps, AGREES]})
    with soak_environment({}, seed=seed, readings=readings, log_to=sys.stderr) as environment:
        environment.timers.hours = hours
        if not hours:
            environment.timers.stop()
        rows = list(ScenarioPlayer(environment).run(scenario))
    assert [row for row in rows if row.problem] == []


LIFE = (
    {"trial": "yearly-v1"},
    {"trial": "yearly-v2"},
    {"buy": "monthly-v1"},
    {"buy": "monthly-v2"},
    LOST,
    {"buy": "pay-per-use-v1"},
    LOST,
    {"buy": "pay-per-use-v2"},
    wait("2h"),
    *({"open": f"{name}-{version}"} for name in ("monthly", "pay-per-use") for version in ("v1", "v2")),
    *({"convert": f"yearly-{version}"} for version in ("v1", "v2")),
    *({"renew": f"monthly-{version}"} for version in ("v1", "v2")),
    *({"return_renewal": f"monthly-{version}"} for version in ("v1", "v2")),
    *({"upgrade": f"monthly-{version}", "plan": 2} for version in ("v1", "v2")),
    *({"freeze": f"pay-per-use-{version}"} for version in ("v1", "v2")),
    wait("1d"),
    *({"unfreeze": f"pay-per-use-{version}"} for version in ("v1", "v2")),
    AGREES,
    wait("31d"),
    {"expect": {"of": "monthly-v1", "standing": "frozen", "instance": "FROZEN"}},
    {"expect": {"of": "monthly-v2", "standing": "frozen", "instance": "FROZEN"}},
    *({"renew": f"monthly-{version}"} for version in ("v1", "v2")),
    {"expect": {"of": "monthly-v1", "standing": "active", "instance": "ACTIVE", "order": "done"}},
    {"expect": {"of": "monthly-v2", "standing": "active", "instance": "ACTIVE", "order": "done"}},
    AGREES,
    wait("2d"),
    *({"close": f"pay-per-use-{version}"} for version in ("v1", "v2")),
)
"""Both versions from the purchase to the end, each thing answered with success at the first or second attempt."""


def test_a_life_under_every_reading() -> None:
    played(LIFE, on(*READINGS.keys() - set(ONLY_BY_HAND)))


@pytest.mark.sweep
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_life_under_a_mixture(seed: int) -> None:
    played(LIFE, dict.fromkeys(READINGS.keys() - set(ONLY_BY_HAND), 0.5), seed)


@VERSIONS
def test_the_renewal_comes_again_after_it_was_returned_under_its_own_id(version: str) -> None:
    mine = f"monthly-{version}"
    done: Step = {"expect": {"of": mine, "order": "done"}}
    again: Step = {"fault": {"id": "repeated-later", "times": 1}}
    played(
        [{"buy": mine}, again, {"renew": mine}, {"return_renewal": mine}, done, wait("1h"), AGREES, {"renew": mine}],
        on("own-order-id"),
    )


@VERSIONS
@pytest.mark.parametrize("reading", ["impatient", "as-signed-first"])
def test_a_renewal_that_fails_and_a_newer_one_that_does_not(version: str, reading: str) -> None:
    mine = f"monthly-{version}"
    steps: Steps = [{"buy": mine}, FAILS, {"renew": mine}, {"renew": mine}, wait("2h")]
    played(steps, on("impatient", reading))


@VERSIONS
def test_an_upgrade_that_fails_and_a_larger_one_that_does_not(version: str) -> None:
    mine = f"yearly-{version}"
    steps: Steps = [
        {"buy": mine},
        FAILS,
        {"upgrade": mine, "plan": 2},
        wait("1m"),
        {"upgrade": mine, "plan": 3},
        wait("2h"),
    ]
    played([*steps, {"expect": {"of": mine, "plan": 3}}], on("impatient"))


@VERSIONS
def test_a_renewal_that_fails_before_the_end_and_arrives_after_it(version: str) -> None:
    mine = f"monthly-{version}"
    steps: Steps = [{"buy": mine}, wait("30d 9h 30m"), FAILS, {"renew": mine}, wait("2h")]
    played([*steps, {"expect": {"of": mine, "standing": "active", "instance": "ACTIVE"}}], on("no-unfreeze"))


@pytest.mark.sweep
@pytest.mark.parametrize("readings", [on(), on("clock-off")], ids=["right", "off"])
@pytest.mark.parametrize("seed", [1, 2, 5])
@VERSIONS
def test_a_freeze_and_its_end_overtake_each_other(version: str, seed: int, readings: Mapping[str, float]) -> None:
    mine = f"yearly-{version}"
    freeze: Step = {"freeze": mine}
    unfreeze: Step = {"unfreeze": mine}
    soon = wait("0.02m")
    steps: Steps = [{"buy": mine}, OVERTAKEN, freeze, soon, unfreeze, wait("1m"), AGREES, freeze, wait("5m")]
    played([*steps, OVERTAKEN, unfreeze, soon, freeze, wait("1m")], readings, seed)


def test_what_is_retried_as_it_was_signed_first_changes_nothing_any_more() -> None:
    mine = "yearly-v1"
    steps: Steps = [{"buy": mine}, FAILS, {"freeze": mine}, wait("1m"), {"unfreeze": mine}, wait("2h")]
    played(steps, on("as-signed-first"))


def test_an_expiry_that_is_retried_as_it_was_signed_first_does_not_undo_a_renewal() -> None:
    mine = "monthly-v1"
    steps: Steps = [{"buy": mine}, wait("30d 9h 30m"), FAILS, wait("40m"), {"renew": mine}, wait("2h")]
    played([*steps, {"expect": {"of": mine, "standing": "active", "instance": "ACTIVE"}}], on("as-signed-first"))


@VERSIONS
def test_a_violator_who_renews_stays_frozen(version: str) -> None:
    mine = f"monthly-{version}"
    frozen: Step = {"expect": {"of": mine, "standing": "frozen", "instance": "FROZEN"}}
    steps: Steps = [
        {"buy": mine},
        wait("1d"),
        {"freeze": mine},
        wait("1h"),
        {"renew": mine},
        frozen,
        AGREES,
        {"unfreeze": mine},
    ]
    played(steps, on("violators-renew"))


@VERSIONS
def test_what_was_frozen_for_a_violation_when_it_expired_stays_so(version: str) -> None:
    mine = f"monthly-{version}"
    steps: Steps = [{"buy": mine}, wait("1d"), {"freeze": mine}, wait("31d"), {"renew": mine}]
    played([*steps, {"expect": {"of": mine, "standing": "frozen"}}, AGREES, {"unfreeze": mine}], on("no-unfreeze"))


@VERSIONS
def test_each_product_of_an_order_has_an_instance_of_its_own(version: str) -> None:
    steps: Steps = [LOST, {"buy": f"pay-per-use-{version}"}, wait("2h"), {"expect": {"sites": 2}}]
    played(steps, on("several-products", "no-charging-mode"))


@pytest.mark.sweep
@VERSIONS
def test_what_is_tried_and_then_paid_by_use_does_not_end(version: str) -> None:
    mine = f"pay-per-use-{version}"
    steps: Steps = [
        {"trial": mine},
        wait("1d"),
        {"convert": mine},
        AGREES,
        wait("20d"),
        {"use": mine, "value": "2"},
        wait("7h"),
    ]
    expected = {"of": mine, "standing": "active", "instance": "ACTIVE", "billed": "2"}
    played([*steps, {"expect": expected}], on("trial-of-metered"), hours=5)


METERED = "pay-per-use-v2"
USED: Step = {"use": METERED, "value": "60000000"}


def test_what_exceeds_one_record_is_billed_in_several() -> None:
    played(
        [{"buy": METERED}, wait("10m"), USED, USED, wait("2h"), {"expect": {"of": METERED, "billed": "120000000"}}],
        hours=1,
    )


def test_late_portions_of_the_last_three_seconds_are_billed() -> None:
    late = [each for hours in range(6) for each in ({"use": METERED, "ago": f"{60 * hours + 0.06}m"}, wait("1h"))]
    billed = {"expect": {"of": METERED, "billed": "6"}}
    played([{"buy": METERED}, wait("60.05m"), {"close": METERED}, wait("0.05m"), *late, wait("2h"), billed], hours=1)


def test_what_was_used_while_it_was_frozen_is_refused_afterwards() -> None:
    used = {"use": METERED, "ago": "30m", "refused": Reason.AFTER_STOP.value}
    played([{"buy": METERED}, wait("1h"), {"freeze": METERED}, wait("1h"), {"unfreeze": METERED}, wait("1m"), used])


@pytest.mark.parametrize(
    "fault", [pytest.param("host-hangs", marks=pytest.mark.slow), "host-breaks", "host-bad-gateway", ""]
)
def test_the_second_host_gets_what_the_first_does_not_take(fault: str) -> None:
    broken: Steps = [{"fault": {"id": fault, "rate": 1}}] if fault else []
    done: Step = {"expect": {"of": METERED, "order": "done", "message": {"purpose": "purchase", "state": "delivered"}}}
    steps: Steps = [*broken, {"buy": METERED}, done, wait("10m"), {"use": METERED, "value": "5"}, wait("1h")]
    played([*steps, {"expect": {"of": METERED, "billed": "5"}}], on() if fault else on("dead-host"), hours=1)
