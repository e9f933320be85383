"""Page by page, chunk by chunk."""

from itertools import count
from pathlib import Path

import pytest

from shared.store.paging import chunks, every
from shared.store.sqlite.table import SqliteTables
from tests.fakes import CountingTables, FakeClock


@pytest.mark.parametrize(("number", "sizes"), [(0, []), (1, [1]), (3, [3]), (4, [3, 1]), (7, [3, 3, 1])])
def test_chunks(number: int, sizes: list[int]) -> None:
    found = list(chunks(range(number), 3))
    assert [len(chunk) for chunk in found] == sizes
    assert [each for chunk in found for each in chunk] == list(range(number))


def test_no_more_is_taken_than_is_asked_for() -> None:
    numbers = count()
    assert next(chunks(numbers, 3)) == [0, 1, 2]
    assert next(numbers) == 3


def test_every_item_of_a_range_is_read_page_by_page(tmp_path: Path) -> None:
    tables = CountingTables(SqliteTables(str(tmp_path / "store.sqlite3"), FakeClock()))
    table = tables.table("agenda")
    table.put_many({"pk": "one", "sk": f"{number:02}"} for number in range(7))
    before = tables.total

    assert [item["sk"] for item in every(table, "one", "02", "05", at_once=2)] == ["02", "03", "04", "05"]
    assert tables.total - before == 3
