"""The pipeline of scheduled functions."""

import sys
import traceback

import pytest

import functions.metering
import functions.sweep
from emulator.platforms.contexts import LocalFunctionGraphContext, LocalLambdaContext
from emulator.samples.files import SCHEDULED
from shared.pipelines.schedule import MARGIN, RunFailed, job

each_context = pytest.mark.parametrize("context", [LocalLambdaContext, LocalFunctionGraphContext])


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

    with pytest.raises(RunFailed, match=r"^test: RuntimeError at test_schedule.py:\d+ run$") as raised:
        job("test", run)({}, context("test"))
    [line] = log_lines("a scheduled run failed")
    assert (line["interface"], line["error"]) == ("test", "RuntimeError")
    assert "13800000000" not in log_lines.text
    # What a platform may write down of it: text, cause and context, all the way down.
    assert "13800000000" not in "".join(traceback.format_exception(raised.value))
    assert (raised.value.__cause__, raised.value.__context__) == (None, None)
    assert log_lines("run") == []


NOTES = ["free text", "5", "null", "", "[1]", "{", "[" * 100_000, "NaN", None, 5, ["a"]]


@pytest.mark.parametrize("note", NOTES, ids=lambda note: repr(note)[:12])
def test_whatever_stands_in_a_timers_note_is_a_plain_start(world, note):
    event = {**SCHEDULED["functiongraph"], "user_event": note}
    seen = []

    def run(app, event, deadline):
        seen.append(event)
        return {}

    job("test", run)(event, LocalFunctionGraphContext("test"))
    assert seen == [{}]
    assert functions.metering.handler(event, LocalFunctionGraphContext("metering")) == {"oldest_seconds": 0}
    assert functions.sweep.handler(event, LocalFunctionGraphContext("sweep"))["pending"] == 0


def test_an_object_in_a_timers_note_is_what_the_run_is_given(world):
    def run(app, event, deadline):
        return dict(event)

    event = {**SCHEDULED["functiongraph"], "user_event": '{"left": 3}'}
    assert job("test", run)(event, LocalFunctionGraphContext("test")) == {"left": 3}


@each_context
def test_somebodys_exit_ends_the_run_and_not_the_process(world, context):
    def run(app, event, deadline):
        sys.exit("13800000000")

    with pytest.raises(RunFailed, match=r"^test: SystemExit at "):
        job("test", run)({}, context("test"))
