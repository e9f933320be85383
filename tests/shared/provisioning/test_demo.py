"""The demo provisioner."""

from dataclasses import replace

import pytest

from shared.provisioning import Refusal
from shared.provisioning.access import check_access
from shared.provisioning.demo import SMALLEST, DemoProvisioner
from tests.shared.provisioning.samples import BUYER, INSTANCE, SPECIFICATION


def test_way_in_is_the_same_after_a_restart() -> None:
    first = DemoProvisioner().create(INSTANCE, BUYER, "business-1")
    again = DemoProvisioner().create(INSTANCE, BUYER, "business-1")
    assert again == first == DemoProvisioner().describe(INSTANCE)
    assert first.front_end_url == "https://demo.example/business-1"


def test_every_instance_has_its_own() -> None:
    one = DemoProvisioner().describe(INSTANCE)
    other = DemoProvisioner().describe(replace(INSTANCE, instance_id="business-2"))
    assert one.password != other.password
    assert one.user_name != other.user_name


@pytest.mark.parametrize("instance_id", ["x" * 64, "a/b?c=d", "一"])
def test_way_in_keeps_the_limits_whatever_the_id(instance_id: str) -> None:
    access = DemoProvisioner().create(replace(INSTANCE, instance_id=instance_id), BUYER, instance_id)
    assert check_access(access) is access


def test_trial_is_called_one() -> None:
    assert "trial" in (DemoProvisioner().describe(replace(INSTANCE, trial=True)).memo or "")


def test_change_below_what_is_in_use_is_refused() -> None:
    demo = DemoProvisioner()
    assert isinstance(demo.can_change(INSTANCE, replace(SPECIFICATION, quantity=SMALLEST - 1)), Refusal)
    assert demo.can_change(INSTANCE, replace(SPECIFICATION, quantity=SMALLEST)) is None
    assert demo.can_change(INSTANCE, replace(SPECIFICATION, quantity=None)) is None


def test_there_is_no_usage() -> None:
    assert DemoProvisioner().usage(INSTANCE) == ()
