"""The log lines of a request: whole, in order, and only so many of them."""

from emulator.seller.log_lines import LINES, RequestLog, log_lines
from shared import log


def test_lines_of_a_request_in_their_order() -> None:
    lines = RequestLog()
    lines.hear("answered", {"request_id": "r-1", "code": "000000"})
    lines.hear("usage was uploaded", {"count": 3})
    lines.hear("told", {"request_id": "r-1"})
    assert [(each.text, each.fields) for each in lines.of("r-1")] == [("answered", {"code": "000000"}), ("told", {})]
    assert lines.of("r-2") == ()


def test_the_request_that_has_been_silent_longest_goes() -> None:
    lines = RequestLog(requests=2)
    for request_id in ("r-1", "r-2", "r-1", "r-3"):
        lines.hear("told", {"request_id": request_id})
    assert [len(lines.of(each)) for each in ("r-1", "r-2", "r-3")] == [2, 0, 1]
    for _ in range(LINES):
        lines.hear("told", {"request_id": "r-1"})
    assert len(lines.of("r-1")) == LINES


def test_what_the_bundle_logs_is_heard_errors_with_their_place() -> None:
    heard = log_lines()
    assert log_lines() is heard
    log.failure("unforeseen error", ZeroDivisionError("personal"), request_id="r-heard")
    (line,) = heard.of("r-heard")
    assert (line.text, line.fields["error"]) == ("unforeseen error", "ZeroDivisionError")
    assert "personal" not in str(line)
