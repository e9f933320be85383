"""The pipeline of scheduled functions."""

import pytest

from emulator.contexts import FunctionGraphContext, LambdaContext
from shared.job import MARGIN, job

each_context = pytest.mark.parametrize("context", [LambdaContext, FunctionGraphContext])


@each_context
@pytest.mark.parametrize(("event", "seen"), [({"time": "now"}, {"time": "now"}), (None, {}), ("text", {}), ([1], {})])
def test_a_run_gets_app_event_and_deadline(world, context, event, seen, log_lines):
    def run(app, event, deadline):
        assert app is world.app
        assert event == seen
        assert 0 < deadline.left() <= 60 - MARGIN
        return {"completed": 3}

    assert job("test", run)(event, context("test", seconds=60)) == {"completed": 3}
    [line] = log_lines("run")
    assert (line["interface"], line["completed"]) == ("test", 3)


@each_context
def test_no_time_left_is_not_negative(world, context):
    def run(app, event, deadline):
        return {"pending": int(deadline.left())}

    assert job("test", run)({}, context("test", seconds=1)) == {"pending": 0}


@each_context
def test_an_error_is_logged_and_goes_to_the_platform(world, context, log_lines):
    def run(app, event, deadline):
        raise RuntimeError("13800000000")

    with pytest.raises(RuntimeError):
        job("test", run)({}, context("test"))
    [line] = log_lines("a scheduled run failed")
    assert (line["interface"], line["error"]) == ("test", "RuntimeError")
    assert "13800000000" not in log_lines.text
    assert log_lines("run") == []
