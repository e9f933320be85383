import pytest

from emulator.platforms.contexts import LocalFunctionGraphContext, LocalLambdaContext
from shared.runtimes import Runtime, aws_lambda, detect, functiongraph


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_context_alone_decides():
    assert detect(LocalLambdaContext()) is aws_lambda
    assert detect(LocalFunctionGraphContext()) is functiongraph


CONTEXTS = {
    "none": None,
    "object": object(),
    "lambda-like": {"aws_request_id": "x"},
    "functiongraph-like": {"getUserData": "x"},
}


@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS.keys())
def test_any_other_context_is_refused(context):
    with pytest.raises(TypeError, match="neither an AWS Lambda nor a FunctionGraph context"):
        detect(context)


def test_lambda_reads_its_settings_from_the_environment_at_call_time(monkeypatch):
    lookup = aws_lambda.lookup(LocalLambdaContext())
    assert lookup("KOOGALLERY_TEST_SETTING") is None
    monkeypatch.setenv("KOOGALLERY_TEST_SETTING", "value")
    assert lookup("KOOGALLERY_TEST_SETTING") == "value"


def test_functiongraph_prefers_user_data_to_the_environment(monkeypatch):
    monkeypatch.setenv("KOOGALLERY_BOTH", "environment")
    monkeypatch.setenv("KOOGALLERY_ENVIRONMENT", "environment")
    lookup = functiongraph.lookup(LocalFunctionGraphContext(user_data={"KOOGALLERY_BOTH": "user data"}))
    assert lookup("KOOGALLERY_BOTH") == "user data"
    assert lookup("KOOGALLERY_ENVIRONMENT") == "environment"
    assert lookup("KOOGALLERY_NEITHER") is None


@pytest.mark.parametrize(
    ("runtime", "make"), [(aws_lambda, LocalLambdaContext), (functiongraph, LocalFunctionGraphContext)]
)
def test_time_left_is_in_seconds_and_never_negative(runtime: Runtime, make):
    clock = Clock()
    context = make(seconds=20.0, clock=clock)
    clock.now += 0.5
    assert runtime.seconds_left(context) == 19.5
    clock.now += 60
    assert runtime.seconds_left(context) == 0.0
