"""Secrets by reference: each store, members of JSON secrets, and errors that show nothing."""

import boto3
import pytest
from aws_lambda_powertools.utilities.parameters import clear_caches as clear
from moto import mock_aws

from shared.config import Settings, of
from shared.errors import ConfigurationError
from shared.secrets import resolver

ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "eu-west-1"}


@pytest.fixture
def aws(monkeypatch):
    """AWS in the process, with a secret and a parameter."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    forget()
    with mock_aws():
        secrets = boto3.client("secretsmanager")
        secrets.create_secret(Name="keys", SecretString='{"key":"new,old","none":null,"number":5,"deep":{"a":1}}')
        secrets.create_secret(Name="plain", SecretString="just text")
        secrets.create_secret(Name="binary", SecretBinary=b"bytes")
        boto3.client("ssm").put_parameter(Name="/shop/key", Value="from-ssm", Type="SecureString")
        yield secrets
    forget()


def forget() -> None:
    clear()  # type: ignore[no-untyped-call] # powertools gives it no types


def read(reference: str) -> str:
    return Settings(of({"KOOGALLERY_SK": reference}), resolver(of({}))).get("KOOGALLERY_SK")


def test_secrets_manager(aws):
    assert read("secretsmanager:plain") == "just text"
    assert read("secretsmanager:keys#key") == "new,old"
    arn = aws.describe_secret(SecretId="keys")["ARN"]
    assert read(f"secretsmanager:{arn}#key") == "new,old"


def test_a_reference_to_a_list_of_keys_is_the_list(aws):
    settings = Settings(of({"KOOGALLERY_KEY": "secretsmanager:keys#key"}), resolver(of({})))
    assert settings.key == ("new", "old")


def test_parameter_store(aws):
    assert read("ssm:/shop/key") == "from-ssm"


def test_a_secret_is_kept_for_a_while(aws):
    read("secretsmanager:plain")
    aws.put_secret_value(SecretId="plain", SecretString="changed")
    assert read("secretsmanager:plain") == "just text"
    forget()
    assert read("secretsmanager:plain") == "changed"


@pytest.mark.parametrize(
    "reference",
    ["keys#none", "keys#number", "keys#deep", "keys#absent", "plain#key", "binary"],
)
def test_what_is_no_text_is_no_key(aws, reference):
    """``null`` spelt out would be a key that anybody could sign with."""
    with pytest.raises(ConfigurationError) as refused:
        read(f"secretsmanager:{reference}")
    assert "old" not in str(refused.value)


@pytest.mark.parametrize("reference", ["secretsmanager:absent", "ssm:/absent"])
def test_a_store_that_does_not_give_the_secret(aws, reference):
    store = reference.partition(":")[0]
    with pytest.raises(
        ConfigurationError, match=f"^KOOGALLERY_SK: a secret cannot be read from {store}: GetParameterError$"
    ) as refused:
        read(reference)
    assert refused.value.__cause__ is None


def test_the_secret_store_of_huawei_cloud_says_what_is_missing():
    with pytest.raises(ConfigurationError, match=r"^KOOGALLERY_SK: set KOOGALLERY_CSMS_URL$"):
        read("csms:never-read")
