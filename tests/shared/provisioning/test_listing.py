"""The product's own list: page by page, checked, within bounds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.clock import Deadline
from shared.errors import InProcess, ProvisioningError
from shared.provisioning import InstancePage
from shared.provisioning.listing import MOST, NEXT_LIMIT, PAGES, instances_of
from tests.fakes import FakeClock


@dataclass
class Lister:
    """Answers what ``tell`` says."""

    tell: Callable[[str | None], Any]
    asked: list[str | None] = field(default_factory=list)

    def list_instances(self, after: str | None) -> InstancePage | None:
        self.asked.append(after)
        told: InstancePage | None = self.tell(after)
        return told


def told(lister: Lister, seconds: float = 200) -> tuple[frozenset[str], bool] | None:
    return instances_of(lister, Deadline(FakeClock(), seconds))


def test_every_page_is_asked_for_once() -> None:
    pages = {None: InstancePage(("a", "b"), "b"), "b": InstancePage(("c",), "c"), "c": InstancePage(())}
    lister = Lister(pages.__getitem__)
    assert told(lister) == (frozenset("abc"), True)
    assert lister.asked == [None, "b", "c"]


def test_a_list_without_an_end_is_left_after_some_pages_and_is_not_the_whole() -> None:
    lister = Lister(lambda after: InstancePage((f"b{after}",), str(int(after or 0) + 1)))
    ids, whole = told(lister) or (frozenset(), True)
    assert (len(ids), len(lister.asked), whole) == (PAGES, PAGES, False)


def test_without_time_it_is_not_the_whole() -> None:
    clock = FakeClock()
    deadline = Deadline(clock, 10)

    def slow(_after: str | None) -> InstancePage:
        clock.advance(11)
        return InstancePage(("a",), "a")

    assert instances_of(Lister(slow), deadline) == (frozenset("a"), False)


def test_a_page_that_does_not_come_is_not_waited_for() -> None:
    from threading import Event

    never = Event()
    with pytest.raises(InProcess):
        told(Lister(lambda _after: never.wait(30) or InstancePage(())), seconds=0.01)
    never.set()


def test_who_cannot_tell_on_some_page_tells_nothing() -> None:
    assert told(Lister(lambda after: InstancePage(("a",), "a") if after is None else None)) is None


@pytest.mark.parametrize(
    ("page", "text"),
    [
        (["a"], "it is no InstancePage"),
        (InstancePage(("a",) * (MOST + 1)), "a page has more than 1000 ids"),
        (InstancePage(("a", "")), "id 1 must be text of 1 to 64 printable characters"),
        (InstancePage(("x" * 65,)), "id 0 must be text of 1 to 64 printable characters"),
        (InstancePage(("a\nb",)), "id 0 must be text"),
        (InstancePage((5,)), "id 0 must be text"),  # type: ignore[arg-type]
        (InstancePage((), ""), "next must be text of 1 to 1024"),
        (InstancePage((), "x" * (NEXT_LIMIT + 1)), "next must be text"),
        (InstancePage((), 5), "next must be text"),  # type: ignore[arg-type]
    ],
)
def test_a_malformed_page_is_one_error(page: Any, text: str) -> None:
    with pytest.raises(ProvisioningError, match=f"list_instances: {text}"):
        told(Lister(lambda _after: page))


def test_a_page_may_be_full() -> None:
    ids = tuple(f"{number:064}" for number in range(MOST))
    assert told(Lister(lambda _after: InstancePage(ids))) == (frozenset(ids), True)
