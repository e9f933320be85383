"""Log lines: allow-listed fields only, and traces that say where, never what."""

import pytest

from shared import log


def test_a_line_has_message_and_fields(log_lines):
    log.event("answered", activity="newInstance", result="000000", milliseconds=12)
    [line] = log_lines()
    assert (line["message"], line["level"], line["service"]) == ("answered", "INFO", "koogallery")
    assert (line["activity"], line["result"], line["milliseconds"]) == ("newInstance", "000000", 12)


def test_an_alarm_is_an_error(log_lines):
    log.alarm("look at this", order_id="CS1")
    assert log_lines()[0]["level"] == "ERROR"


@pytest.mark.parametrize("write", [log.event, log.alarm])
@pytest.mark.parametrize("field", ["password", "mobile_phone", "body", "url", "token"])
def test_other_fields_are_a_programming_error(log_lines, write, field):
    with pytest.raises(ValueError, match=field):
        write("message", **{field: "x"})
    assert log_lines.text == ""


def test_a_failure_says_where_but_not_what(log_lines):
    def inner() -> None:
        raise RuntimeError("13800000000")

    try:
        inner()
    except RuntimeError as error:
        log.failure("unforeseen error", error, order_id="CS1")
    [line] = log_lines()
    assert (line["error"], line["order_id"], line["level"]) == ("RuntimeError", "CS1", "ERROR")
    assert line["trace"][-1].endswith(" inner")
    assert line["trace"][0].startswith("test_log.py:")
    assert "13800000000" not in log_lines.text


def test_a_long_trace_keeps_its_end(log_lines):
    def deep(left: int) -> None:
        if left:
            deep(left - 1)
        raise RuntimeError

    try:
        deep(50)
    except RuntimeError as error:
        log.failure("unforeseen error", error)
    assert len(log_lines()[0]["trace"]) == 12


def test_a_failure_takes_listed_fields_only():
    with pytest.raises(ValueError, match="body"):
        log.failure("unforeseen error", RuntimeError(), body="x")
