"""Secrets by reference: each store, members of JSON secrets, how long they are kept, and errors that show nothing."""

from typing import Any

import boto3
import pytest

from shared import secrets
from shared.config import Settings, of
from shared.errors import ConfigurationError, Unavailable
from shared.secrets import MAX_AGE, resolver
from tests import engines
from tests.logs import LogLines

STORES = ("secretsmanager", "ssm", "csms")


@pytest.fixture(scope="module")
def endpoint(moto: str) -> str:
    """AWS on this machine, with secrets and a parameter."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in engines.ENVIRONMENT.items():
            patch.setenv(name, value)
        store = boto3.client("secretsmanager", endpoint_url=moto)
        store.create_secret(Name="keys", SecretString='{"key":"new,old","none":null,"number":5,"deep":{"a":1}}')
        store.create_secret(Name="plain", SecretString="just text")
        store.create_secret(Name="binary", SecretBinary=b"bytes")
        parameters = boto3.client("ssm", endpoint_url=moto)
        parameters.put_parameter(Name="/shop/key", Value="from-ssm", Type="SecureString")
    return moto


@pytest.fixture
def aws(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in engines.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    return boto3.client("secretsmanager")


def read(reference: str) -> str:
    return Settings(of({"KOOGALLERY_SK": reference}), resolver(of({}))).get("KOOGALLERY_SK")


@pytest.mark.engines
def test_secrets_manager(aws: Any) -> None:
    assert read("secretsmanager:plain") == "just text"
    assert read("secretsmanager:keys#key") == "new,old"
    arn = aws.describe_secret(SecretId="keys")["ARN"]
    assert read(f"secretsmanager:{arn}#key") == "new,old"


@pytest.mark.engines
def test_a_reference_to_a_list_of_keys_is_the_list(aws: Any) -> None:
    settings = Settings(of({"KOOGALLERY_KEY": "secretsmanager:keys#key"}), resolver(of({})))
    assert settings.key == ("new", "old")


@pytest.mark.engines
def test_parameter_store(aws: Any) -> None:
    assert read("ssm:/shop/key") == "from-ssm"


@pytest.mark.engines
@pytest.mark.parametrize("reference", ["keys#none", "keys#number", "keys#deep", "keys#absent", "plain#key", "binary"])
def test_what_is_no_text_is_no_key(aws: Any, reference: str) -> None:
    """``null`` spelt out would be a key that anybody could sign with."""
    with pytest.raises(ConfigurationError) as refused:
        read(f"secretsmanager:{reference}")
    assert "old" not in str(refused.value)


@pytest.mark.engines
@pytest.mark.parametrize(
    ("store", "name", "code"),
    [("secretsmanager", "absent", "ResourceNotFoundException"), ("ssm", "/absent", "ParameterNotFound")],
)
def test_a_store_that_does_not_give_the_secret(aws: Any, store: str, name: str, code: str) -> None:
    problem = f"^KOOGALLERY_SK: a secret cannot be read from {store}: {code}$"
    with pytest.raises(ConfigurationError, match=problem) as refused:
        read(f"{store}:{name}")
    assert refused.value.__cause__ is None


def test_the_secret_store_of_huawei_cloud_says_what_is_missing() -> None:
    with pytest.raises(ConfigurationError, match=r"^KOOGALLERY_SK: set KOOGALLERY_CSMS_URL$"):
        read("csms:never-read")


class SecretStore:
    """Stands for each of the stores; ``now`` is the wall clock."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0
        self.secret: str | Exception = "first"
        self.asked = 0

    def fetch(self, *_: object) -> str:
        self.asked += 1
        if isinstance(self.secret, Exception):
            raise self.secret
        return self.secret


@pytest.fixture(params=STORES)
def kept(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[str, SecretStore]:
    store = SecretStore()
    for name in ("_secrets_manager", "_parameter_store", "_csms"):
        monkeypatch.setattr(secrets, name, store.fetch)
    monkeypatch.setattr("shared.secrets.time.time", lambda: store.now)
    return f"{request.param}:it", store


def test_a_secret_is_kept_for_a_while_by_the_wall_clock(kept: tuple[str, SecretStore]) -> None:
    """Nothing but the wall clock goes on while a process is frozen."""
    reference, store = kept
    assert read(reference) == "first"
    store.secret = "second"
    store.now += MAX_AGE
    assert (read(reference), store.asked) == ("first", 1)
    store.now += 1
    assert (read(reference), store.asked) == ("second", 2)
    store.secret = "third"
    store.now -= 3600  # a clock that was put right
    assert read(reference) == "third"


@pytest.mark.parametrize("problem", [Unavailable("late"), ConfigurationError("refused"), OSError("quotes the request")])
def test_a_secret_that_cannot_be_read_again_stays_in_use(
    kept: tuple[str, SecretStore], problem: Exception, log_lines: LogLines
) -> None:
    reference, store = kept
    read(reference)
    store.secret, store.now = problem, store.now + MAX_AGE + 1

    assert read(reference) == "first"
    assert "quotes" not in log_lines.text
    assert [line["level"] for line in log_lines("a secret cannot be read again, its last value stays in use")] == [
        "ERROR"
    ]


def test_a_failure_is_not_kept(kept: tuple[str, SecretStore]) -> None:
    reference, store = kept
    store.secret = OSError("quotes the request")
    with pytest.raises(ConfigurationError, match=r"^KOOGALLERY_SK: a secret cannot be read from \w+: OSError$"):
        read(reference)
    store.secret = "now"
    assert read(reference) == "now"
