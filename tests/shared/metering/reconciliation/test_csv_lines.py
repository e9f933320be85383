"""Tables as CSV."""

import csv

from hypothesis import given
from hypothesis import strategies as st

from shared.metering.reconciliation.csv_lines import csv_lines

CELLS = st.text("a1 ,;\"'\n用量=")


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2)))
def test_what_is_written_is_read_again(rows: list[list[str]]) -> None:
    lines = list(csv_lines(("a", "b"), rows))
    assert len(lines) == 1 + len(rows)
    assert list(csv.reader(lines)) == [["a", "b"], *rows]


def test_what_is_not_there_is_an_empty_cell() -> None:
    assert list(csv_lines(("a", "b"), [(None, 1)])) == ["a,b\n", ",1\n"]
