"""A table as CSV, line by line, pure."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain


def csv_lines(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The names of the columns and each row, with their line ends; what is ``None`` is an empty cell."""
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    for row in chain((columns,), rows):
        writer.writerow(row)
        yield line.getvalue()
        line.seek(0)
        line.truncate()
