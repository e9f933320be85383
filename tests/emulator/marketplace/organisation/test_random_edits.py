"""Edits by chance: always possible, never without the seller's directory following, repeatable."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest

from emulator.marketplace.market import Market
from emulator.marketplace.subscriptions.subscription import Subscription
from emulator.soak.random_edits import edit_at_random
from tests.emulator.marketplace.organisation.buyers_side import Side, side

EDITS = 150


def edited(buyers: Side, seed: int, times: int = EDITS) -> list[str]:
    random, acts = Random(seed), []
    for _ in range(times):
        acts.append(edit_at_random(buyers.market.organisation, random))
        buyers.market.run_due()
    return acts


@pytest.mark.sweep
def test_the_directory_follows(buyers: Side) -> None:
    first = [buyers.bought("v1", "acme"), buyers.bought("v2", "acme"), buyers.bought("v2", "contoso")]
    acts = edited(buyers, 7)
    assert acts[:3] == ["bind"] * 3
    assert "" not in acts
    assert len(Counter(acts)) > 10
    for name in ("acme", "contoso"):
        assert buyers.differences(name) == []
        assert buyers.untold(name) == []
    buyers.market.shop.unsubscribe(first[0].id)
    edited(buyers, 8, 40)
    assert buyers.differences() == []


def test_the_same_seed_does_the_same(tmp_path: Path) -> None:
    runs = []
    for name in ("one", "two"):
        with side(tmp_path / name) as buyers:
            buyers.bought("v1")
            runs.append((edited(buyers, 3, 40), _people(buyers.market)))
    assert runs[0] == runs[1]


def test_calls_side_by_side(buyers: Side) -> None:
    """Whatever order calls arrive in, the newest word counts: they tell when each act was."""
    buyers.bound("v1")
    buyers.bound("v2")
    with ThreadPoolExecutor(4) as executor:
        for seed in range(3):
            random = Random(seed)
            for _ in range(30):
                edit_at_random(buyers.market.organisation, random)
            buyers.market.run_due(executor)
            assert buyers.differences() == []
            assert buyers.untold() == []


def test_without_anything_to_edit(alone: Market) -> None:
    assert alone.database.all(Subscription) == []
    assert edit_at_random(alone.organisation, Random(1)) == ""


def _people(market: Market) -> list[str]:
    repository = market.organisation.repository
    return [
        f"{e.user_name} {e.name} {e.department} {e.role}"
        for t in repository.enterprises()
        for e in repository.employees(t.id)
    ]
